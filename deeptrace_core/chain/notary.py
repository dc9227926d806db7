"""Takes requested digests to the chain, each once, whatever dies in between.

    REQUESTED -> SIGNED -> SUBMITTED -> MINED -> CONFIRMED
        |           ^__________|__________|          (a dearer transaction; a block that was dropped)
        v
      FAILED    only what time cannot heal, and only while it is certain that nothing was written

A step decides by looking at the chain and at the store. The signed bytes are stored before they are sent, so
a notary that dies anywhere is followed by one that finds either nothing sent or what to send again. What is
on the chain already is found there, even with an empty database. The last guard is the contract: a second
record of the same digest is impossible.
"""

import logging
import uuid
from collections.abc import Sequence

from deeptrace_core.anchor import AnchorFault, AnchorState, Attempt, Batch, ChainPlace, ChainRecord
from deeptrace_core.chain.client import ChainClient, Stamp
from deeptrace_core.chain.fees import GAS_LIMIT, Fees, raised
from deeptrace_core.chain.keystore import Signer
from deeptrace_core.chain.merkle import merkle_batch
from deeptrace_core.errors import (
    DeepTraceError,
    FeeTooHighError,
    NoFundsError,
    SettingsError,
    WrongChainError,
    WrongContractError,
)
from deeptrace_core.store.anchors import Anchors
from deeptrace_core.store.batches import Batches

log = logging.getLogger(__name__)

STUCK_S = 60.0
"""A transaction that is in no block after this time is replaced by one that pays more."""
FEE_PATIENCE_S = 24 * 3600.0
"""How long a request waits for fees to fall below the cap before it fails."""
MAX_REVERTS = 3
WEI = 10**18


class Notary:
    """One key on one chain. Several may run with the same key: the store lets one of them work at a time."""

    def __init__(
        self,
        *,
        anchors: Anchors,
        batches: Batches,
        client: ChainClient,
        signer: Signer,
        stuck_s: float = STUCK_S,
        fee_patience_s: float = FEE_PATIENCE_S,
    ) -> None:
        if client.contract is None:
            raise SettingsError("DEEPTRACE_CHAIN_CONTRACT is not set: the notary knows no contract.")
        self.place = ChainPlace(
            chain_id=client.chain.chain_id, contract=client.contract, issuer=signer.address
        )
        self._id = uuid.uuid4().hex
        self._anchors = anchors
        self._batches = batches
        self._client = client
        self._signer = signer
        self._stuck_s = stuck_s
        self._fee_patience_s = fee_patience_s

    def step(self) -> bool:
        """Look, and do the one next thing. True if there may be more to do at once.

        Raises:
            EnvironmentFault: the chain or the store is away, or something must be mended. Nothing is lost.
            LeaseLostError: another notary has taken over.
        """
        batch = self._batches.claim(self.place, self._id)
        if batch is None:
            return self._begin()
        if batch.state is AnchorState.MINED and batch.record is not None:
            return self._settle(batch, batch.record)
        return self._push(batch)

    def _begin(self) -> bool:
        """Sign one transaction for all that wait, and store it."""
        waiting = self._anchors.waiting(self.place)
        if not waiting:
            return False
        try:
            self._client.check()
        except (WrongChainError, WrongContractError) as fault:
            self._anchors.fail_waiting(self.place, fault_of(fault))
            raise
        digests = self._not_on_chain(waiting)
        if not digests:
            return False
        value = digests[0] if len(digests) == 1 else merkle_batch(digests)[0]
        stamp = self._client.record_of(self.place.issuer, value)
        if stamp is not None:  # the same batch, anchored before its database was lost
            self._confirm_if_deep(digests, value, stamp)
            return False
        batch = self._batches.open(
            self.place, self._id, value=value, digests=tuple(digests), attempt=self._first_attempt(value)
        )
        if batch is not None and not self._anchors.join(batch):
            # Another notary has anchored some of them since they were listed.
            self._anchors.leave(batch)
            self._batches.discard(batch)
        return batch is not None

    def _push(self, batch: Batch) -> bool:
        """Bring a signed transaction into a block."""
        if batch.state is AnchorState.SIGNED:
            self._anchors.join(batch)  # the notary that signed it may have died before
        newest = batch.attempts[-1]
        reverted = False
        for attempt in reversed(batch.attempts):
            mined = self._client.mined(attempt.tx_hash)
            if mined is not None and mined.succeeded:
                return self._note_record(batch)
            reverted |= mined is not None and attempt is newest
        if reverted or self._client.next_nonce(self.place.issuer) > newest.nonce:
            return self._nonce_is_spent(batch, reverted)
        if batch.since_attempt_s > self._stuck_s:
            fees = Fees(tip_wei=newest.tip_wei, max_fee_wei=newest.max_fee_wei)
            dearer = raised(fees, cap_wei=self._client.chain.fee_cap_wei)
            if dearer is not None:
                log.info("No block holds %s: signing a dearer one.", newest.tx_hash)
                self._batches.sign_again(batch, self._signed(batch.value, newest.nonce, dearer))
                return True
        self._send(batch, newest)
        return False

    def _send(self, batch: Batch, attempt: Attempt) -> None:
        answer = None
        if not self._client.knows(attempt.tx_hash):
            answer = self._client.send(attempt.raw)
            if answer is not None and not self._client.knows(attempt.tx_hash):
                log.warning("The node did not take %s: %s", attempt.tx_hash, answer)
                self._batches.refused(
                    batch,
                    AnchorFault(
                        code="NOT_TAKEN",
                        what=f"The node did not take the transaction: {answer}",
                        advice="The notary goes on sending it. Look at the issuer's account on the chain.",
                    ),
                )
                return
        if batch.state is not AnchorState.SUBMITTED or batch.fault is not None:
            self._batches.submitted(batch)

    def _nonce_is_spent(self, batch: Batch, reverted: bool) -> bool:
        """Another transaction of the key took the number, or the contract refused ours."""
        if self._client.record_of(self.place.issuer, batch.value) is not None:
            return self._note_record(batch)
        if reverted and batch.reverts + 1 >= MAX_REVERTS:
            fault = AnchorFault(
                code="REVERTED",
                what="The contract refused the transaction several times. Nothing was written.",
                advice="Check DEEPTRACE_CHAIN_CONTRACT and the issuer's account, then ask again.",
            )
            self._anchors.fail(self.place, batch.digests, fault)
            self._batches.fail(batch, fault)
            return True
        log.warning("The number %d was used by another transaction.", batch.attempts[-1].nonce)
        self._batches.sign_again(batch, self._first_attempt(batch.value), reverted=reverted)
        return True

    def _note_record(self, batch: Batch) -> bool:
        stamp = self._client.record_of(self.place.issuer, batch.value)
        record = self._record(batch.value, stamp) if stamp else None
        if record is None:  # blocks are changing, or this node lags behind: look again later
            return False
        self._batches.mined(batch, record)
        return True

    def _settle(self, batch: Batch, record: ChainRecord) -> bool:
        """Confirm what is deep enough; take back what is no longer there."""
        latest = self._client.latest_block()
        if latest < record.block:
            return False  # a node that lags behind, or a chain that was rolled back and will grow again
        stamp = self._client.record_of(self.place.issuer, batch.value)
        if stamp is None or self._client.block_hash(record.block) != record.block_hash:
            log.warning("Block %d was replaced: sending %s again.", record.block, batch.attempts[-1].tx_hash)
            self._batches.unmined(batch)
            return True
        if latest < record.block + self._client.chain.confirmations:
            return False
        self._confirm(batch.digests, record)
        self._batches.close(batch)
        return True

    def _not_on_chain(self, digests: Sequence[str]) -> list[str]:
        """Those that this issuer has not anchored one by one. The others are confirmed at once."""
        new = []
        for digest in digests:
            stamp = self._client.record_of(self.place.issuer, digest)
            if stamp is None:
                new.append(digest)
            else:
                self._confirm_if_deep([digest], digest, stamp)
        return new

    def _confirm_if_deep(self, digests: Sequence[str], value: str, stamp: Stamp) -> None:
        record = self._record(value, stamp)
        deep = self._client.latest_block() >= stamp.block + self._client.chain.confirmations
        if record is not None and deep:
            self._confirm(digests, record)

    def _confirm(self, digests: Sequence[str], record: ChainRecord) -> None:
        proofs = {digests[0]: ()} if record.value == digests[0] else merkle_batch(digests)[1]
        self._anchors.confirm(self.place, proofs, record)
        log.info("Anchored %d in block %d: %s", len(digests), record.block, record.value)

    def _record(self, value: str, stamp: Stamp) -> ChainRecord | None:
        block_hash = self._client.block_hash(stamp.block)
        tx_hash = self._client.anchoring_tx(self.place.issuer, value, stamp.block)
        if block_hash is None or tx_hash is None:
            return None
        return ChainRecord(
            value=value, tx_hash=tx_hash, block=stamp.block, block_hash=block_hash, time=stamp.time
        )

    def _first_attempt(self, value: str) -> Attempt:
        issuer = self.place.issuer
        try:
            fees = self._client.fees()
        except FeeTooHighError as fault:
            self._anchors.fail_waiting(self.place, fault_of(fault), older_than_s=self._fee_patience_s)
            raise
        balance_wei = self._client.balance_wei(issuer)
        if balance_wei < fees.most_wei:
            raise NoFundsError(
                f"The issuer's account holds {balance_wei / WEI:.6f} coins; an anchor may cost up to "
                f"{fees.most_wei / WEI:.6f}. Nothing was written.",
                advice=f"Send coins of {self._client.chain.name} to {issuer}: the notary goes on by itself.",
            )
        return self._signed(value, self._client.next_nonce(issuer), fees)

    def _signed(self, value: str, nonce: int, fees: Fees) -> Attempt:
        raw, tx_hash = self._signer.sign(
            {
                "type": 2,
                "chainId": self.place.chain_id,
                "to": self.place.contract,
                "data": self._client.anchor_call(value),
                "value": 0,
                "nonce": nonce,
                "gas": GAS_LIMIT,
                "maxPriorityFeePerGas": fees.tip_wei,
                "maxFeePerGas": fees.max_fee_wei,
            }
        )
        return Attempt(
            nonce=nonce, raw=raw, tx_hash=tx_hash, tip_wei=fees.tip_wei, max_fee_wei=fees.max_fee_wei
        )


def fault_of(error: DeepTraceError) -> AnchorFault:
    """The error, as it is stored and shown."""
    return AnchorFault(code=error.code, what=error.what, advice=error.advice)
