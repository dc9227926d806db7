"""Questions to a chain, and the sending of signed bytes. Every answer comes from looking at the chain.

One client for a process, not for several threads. It tries the nodes of the chain in turn; web3's own
repetition is off, since it would also repeat sending.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.exceptions import (
    BlockNotFound,
    ContractLogicError,
    TransactionNotFound,
    Web3Exception,
    Web3RPCError,
)
from web3.middleware import ExtraDataToPOAMiddleware
from web3.providers.base import BaseProvider

from deeptrace_core.anchor import Proof
from deeptrace_core.chain.artifact import artifact
from deeptrace_core.chain.fees import Fees, first_fees
from deeptrace_core.chain.presets import Chain
from deeptrace_core.errors import (
    ChainUnavailableError,
    EnvironmentFault,
    SettingsError,
    WrongChainError,
    WrongContractError,
)

TIMEOUT_S = 10

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mined:
    """A transaction that is in a block."""

    tx_hash: str
    succeeded: bool
    block: int
    block_hash: str
    created: str | None
    """The address of the contract that it made, if that was its purpose."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """What the contract recorded."""

    time: str
    """The block's time, RFC 3339."""
    block: int


class ChainClient:
    """The chain as it is now, as far as its nodes say the truth.

    Every method raises ChainUnavailableError where no node answers, and WrongChainError where only nodes of
    another chain do. Hashes of digests are 64 hexadecimal digits; of blocks and transactions with 0x before.
    """

    def __init__(self, chain: Chain, providers: Sequence[BaseProvider] | None = None) -> None:
        """
        Raises:
            SettingsError: the address of the contract is none.
        """
        self.chain = chain
        self.contract: str | None = None
        if chain.contract is not None:
            self.contract = checked_address(chain.contract)
        self._nodes = [_web3(provider) for provider in providers or map(_http, chain.rpc_urls)]
        self._names = [urlsplit(url).hostname or "?" for url in chain.rpc_urls]
        self._current = 0
        self._known: set[int] = set()
        """Nodes that have said to which chain they belong, since they were last away."""

    def check(self) -> None:
        """Make sure that the node belongs to the chain, and that the contract's code is the committed one.

        Raises:
            WrongContractError: another code, or none, stands at the address.
        """
        self._known.clear()
        address = self._address()
        code = bytes(self._ask(lambda w3: w3.eth.get_code(Web3.to_checksum_address(address))))
        if not code:
            raise WrongContractError(
                f"There is no contract at {address} on {self.chain.name}. Nothing was written."
            )
        if code != artifact().deployed_code:
            raise WrongContractError(
                f"The code at {address} on {self.chain.name} is not that of ReportAnchor. "
                "Nothing was written."
            )

    def latest_block(self) -> int:
        return self._ask(lambda w3: int(w3.eth.block_number))

    def block_hash(self, number: int) -> str | None:
        """The hash of the block that has this number now, or None."""
        return self._ask(lambda w3: _or_none(lambda: w3.eth.get_block(number)["hash"].to_0x_hex()))

    def record_of(self, issuer: str, digest: str) -> Stamp | None:
        """When this issuer anchored this digest or root, or None."""
        return self._stamp("recordOf", Web3.to_checksum_address(issuer), bytes.fromhex(digest))

    def record_in_batch(self, issuer: str, root: str, digest: str, proof: Proof) -> Stamp | None:
        """When this issuer anchored the batch of the digest; None too if the proof does not hold."""
        words = [bytes.fromhex(word) for word in (root, digest)]
        siblings = [bytes.fromhex(word) for word in proof]
        return self._stamp("recordInBatch", Web3.to_checksum_address(issuer), *words, siblings)

    def anchoring_tx(self, issuer: str, value: str, block: int) -> str | None:
        """The hash of the transaction that anchored the value in this block, or None."""

        def ask(w3: Web3) -> str | None:
            logs = (
                self._contract(w3)
                .events.Anchored()
                .get_logs(
                    from_block=block,
                    to_block=block,
                    argument_filters={
                        "issuer": Web3.to_checksum_address(issuer),
                        "digest": bytes.fromhex(value),
                    },
                )
            )
            return logs[0]["transactionHash"].to_0x_hex() if logs else None

        return self._ask(ask)

    def issuers_of(self, value: str) -> tuple[str, ...]:
        """Everybody who anchored the value; none too where the node does not search all blocks."""

        def ask(w3: Web3) -> tuple[str, ...]:
            try:
                logs = (
                    self._contract(w3)
                    .events.Anchored()
                    .get_logs(from_block=0, argument_filters={"digest": bytes.fromhex(value)})
                )
            except Web3RPCError:
                return ()
            return tuple(str(log["args"]["issuer"]) for log in logs)

        return self._ask(ask)

    def mined(self, tx_hash: str) -> Mined | None:
        """The block that holds the transaction, or None while there is none."""

        def ask(w3: Web3) -> Mined | None:
            try:
                receipt = w3.eth.get_transaction_receipt(tx_hash)  # type: ignore[arg-type]
            except TransactionNotFound:
                return None
            return Mined(
                tx_hash=tx_hash,
                succeeded=receipt["status"] == 1,
                block=int(receipt["blockNumber"]),
                block_hash=receipt["blockHash"].to_0x_hex(),
                created=receipt["contractAddress"],
            )

        return self._ask(ask)

    def knows(self, tx_hash: str) -> bool:
        """Whether the node has the transaction, in a block or waiting."""

        def ask(w3: Web3) -> bool:
            try:
                w3.eth.get_transaction(tx_hash)  # type: ignore[arg-type]
            except TransactionNotFound:
                return False
            return True

        return self._ask(ask)

    def next_nonce(self, address: str) -> int:
        """How many transactions of the account are in blocks: the number of its next one."""
        return self._ask(
            lambda w3: int(w3.eth.get_transaction_count(Web3.to_checksum_address(address), "latest"))
        )

    def balance_wei(self, address: str) -> int:
        return self._ask(lambda w3: int(w3.eth.get_balance(Web3.to_checksum_address(address))))

    def fees(self) -> Fees:
        """What to pay now.

        Raises:
            FeeTooHighError: the chain asks for more than the cap.
        """

        def ask(w3: Web3) -> Fees:
            return first_fees(
                base_fee_wei=int(w3.eth.get_block("latest").get("baseFeePerGas", 0)),
                suggested_tip_wei=int(w3.eth.max_priority_fee),
                tip_floor_wei=self.chain.tip_floor_wei,
                cap_wei=self.chain.fee_cap_wei,
            )

        return self._ask(ask)

    def anchor_call(self, value: str) -> str:
        """The data of a transaction that anchors the value."""
        contract = self._contract(self._nodes[0])
        return str(contract.encode_abi("anchor", [bytes.fromhex(value)]))

    def send(self, raw: bytes) -> str | None:
        """Give a signed transaction to a node. What a refusal means, only a look at the chain can tell.

        Returns:
            What the node answered instead of taking it, or None.
        """

        def ask(w3: Web3) -> str | None:
            try:
                w3.eth.send_raw_transaction(raw)
            except (Web3RPCError, ContractLogicError) as error:
                return str(error)
            return None

        return self._ask(ask)

    def _stamp(self, function: str, *arguments: Any) -> Stamp | None:
        def ask(w3: Web3) -> Stamp | None:
            time, block = self._contract(w3).functions[function](*arguments).call()
            if not time:
                return None
            return Stamp(time=rfc3339(time), block=block)

        return self._ask(ask)

    def _contract(self, w3: Web3) -> Contract:
        return w3.eth.contract(address=Web3.to_checksum_address(self._address()), abi=artifact().abi)

    def _address(self) -> str:
        if self.contract is None:
            raise SettingsError("DEEPTRACE_CHAIN_CONTRACT is not set: no contract is known on this chain.")
        return self.contract

    def _ask(self, question: Callable[[Web3], T]) -> T:
        """The answer of the first node that gives one, beginning with the one that gave the last."""
        faults: list[EnvironmentFault] = []
        for step in range(len(self._nodes)):
            number = (self._current + step) % len(self._nodes)
            try:
                self._check_chain(number)
                answer = question(self._nodes[number])
            except WrongChainError as fault:
                faults.append(fault)
            except (requests.RequestException, OSError, Web3Exception) as error:
                # Web3Exception too: a node may answer with an error because something behind it is away.
                self._known.discard(number)
                faults.append(_unavailable(self._name(number), error))
            else:
                self._current = number
                return answer
        if not faults:
            raise ChainUnavailableError("No node of the chain is known.")
        raise min(faults, key=lambda fault: isinstance(fault, WrongChainError))

    def _check_chain(self, number: int) -> None:
        if number in self._known:
            return
        found = int(self._nodes[number].eth.chain_id)
        if found != self.chain.chain_id:
            raise WrongChainError(
                f"The node {self._name(number)} belongs to chain {found}, not to {self.chain.chain_id} "
                f"({self.chain.name}). Nothing was written."
            )
        self._known.add(number)

    def _name(self, number: int) -> str:
        """The host only: the rest of an address may hold a key of the node's owner."""
        return self._names[number] if number < len(self._names) else "?"


def checked_address(address: str) -> str:
    """The address with its checksum.

    Raises:
        SettingsError: it is none, or its checksum says that a digit is wrong.
    """
    if Web3.is_checksum_address(address) or (Web3.is_address(address) and address == address.lower()):
        return str(Web3.to_checksum_address(address))
    raise SettingsError(f"{address!r} is no address: 0x and 40 hexadecimal digits, its checksum right.")


def rfc3339(seconds: int) -> str:
    """A block's time."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _http(url: str) -> BaseProvider:
    return HTTPProvider(url, request_kwargs={"timeout": TIMEOUT_S}, exception_retry_configuration=None)


def _web3(provider: BaseProvider) -> Web3:
    w3 = Web3(provider)
    # dBFT's and other authorities' blocks carry signatures where Ethereum allows 32 bytes: 178 on NeoX.
    w3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    return w3


def _or_none(look: Callable[[], T]) -> T | None:
    try:
        return look()
    except BlockNotFound:
        return None


def _unavailable(name: str, error: Exception) -> ChainUnavailableError:
    fault = ChainUnavailableError(
        f"The node {name} does not answer as it should ({type(error).__name__}). Nothing is lost; anchoring "
        "goes on when one answers again."
    )
    fault.__cause__ = error
    return fault
