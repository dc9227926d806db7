"""Transactions of the notary, from the signed bytes to the confirmed block.

The order is the promise: a transaction is stored before it is sent, so that a crash can neither lose one nor
make a second. Every write is fenced by the token of its lease; a unique index allows one batch in flight for
each key.
"""

import uuid
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from deeptrace_core.anchor import AnchorFault, Attempt, Batch, ChainPlace, ChainRecord
from deeptrace_core.errors import LeaseLostError
from deeptrace_core.store.anchor_document import (
    attempt_document,
    batch_from,
    fault_document,
    place_document,
    record_document,
)
from deeptrace_core.store.audit import Audit
from deeptrace_core.store.connection import Document, Pipeline, translating_errors

LEASE_S = 60.0
"""How long a notary may be silent before another goes on with its batch. It only saves work."""


class Batches:
    """All batches. Each method raises StoreUnavailableError while the database cannot be reached.

    Methods that take a batch raise LeaseLostError if another notary has taken it over.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._batches = database["anchor_batches"]
        self._audit = Audit(database)

    def claim(self, place: ChainPlace, notary_id: str, lease_s: float = LEASE_S) -> Batch | None:
        """The batch in flight, if it is this notary's, or if its notary is silent."""
        mine = {"$eq": ["$notary_id", notary_id]}
        lapsed = {"$lt": ["$lease_expires_at", "$$NOW"]}
        wanted = {
            "place.chain_id": place.chain_id,
            "place.issuer": place.issuer,
            "place.contract": place.contract,
            "inflight": True,
            "$expr": {"$or": [mine, lapsed]},
        }
        taken = {
            "token": {"$cond": [mine, "$token", {"$add": ["$token", 1]}]},
            "notary_id": notary_id,
            "lease_expires_at": _later(lease_s),
            "seen_at": "$$NOW",
        }
        with translating_errors():
            found = self._batches.find_one_and_update(
                wanted, [{"$set": taken}], return_document=ReturnDocument.AFTER
            )
        return batch_from(found) if found else None

    def open(
        self,
        place: ChainPlace,
        notary_id: str,
        *,
        value: str,
        digests: tuple[str, ...],
        attempt: Attempt,
        lease_s: float = LEASE_S,
    ) -> Batch | None:
        """Keep a signed transaction. None if another batch of this key is in flight: then do not send it."""
        batch: Document = {
            "_id": uuid.uuid4().hex,
            "schema_v": 1,
            "place": place_document(place),
            "status": "SIGNED",
            "inflight": True,
            "value": value,
            "digests": list(digests),
            "reverts": 0,
            "notary_id": notary_id,
            "token": 1,
        }
        times = {"lease_expires_at": _later(lease_s), "seen_at": "$$NOW", "attempts": [_signed(attempt)]}
        new = [{"$replaceWith": {"$mergeObjects": [{"$literal": batch}, times]}}]
        with translating_errors():
            try:
                found = self._batches.find_one_and_update(
                    {"_id": batch["_id"]}, new, upsert=True, return_document=ReturnDocument.AFTER
                )
            except DuplicateKeyError:
                found = None
        if found is None:
            return None
        opened = batch_from(found)
        self._record("anchor_signed", opened, count=len(digests))
        return opened

    def discard(self, batch: Batch) -> None:
        """Forget a batch that was never sent."""
        with translating_errors():
            self._batches.delete_one({**_fence(batch), "status": "SIGNED"})

    def sign_again(self, batch: Batch, attempt: Attempt, *, reverted: bool = False) -> Batch:
        """Keep another transaction for the same value: a dearer one, or one with a new nonce."""
        change = {
            "status": "SIGNED",
            "attempts": {"$concatArrays": ["$attempts", [_signed(attempt)]]},
            "reverts": {"$add": ["$reverts", int(reverted)]},
        }
        after = self._write(batch, [{"$set": change}, {"$unset": "error"}])
        self._record("anchor_signed_again", after, nonce=attempt.nonce, attempts=len(after.attempts))
        return after

    def submitted(self, batch: Batch) -> Batch:
        """A node has the transaction."""
        after = self._write(batch, [{"$set": {"status": "SUBMITTED"}}, {"$unset": "error"}])
        self._record("anchor_submitted", after)
        return after

    def refused(self, batch: Batch, fault: AnchorFault) -> Batch:
        """A node did not take the transaction. It stays as it is and will be sent again."""
        return self._write(batch, [{"$set": {"error": {"$literal": fault_document(fault)}}}])

    def mined(self, batch: Batch, record: ChainRecord) -> Batch:
        """The value is on the chain, in a young block."""
        change = {"status": "MINED", "record": {"$literal": record_document(record)}}
        after = self._write(batch, [{"$set": change}, {"$unset": "error"}])
        self._record("anchor_mined", after, block=record.block, tx_hash=record.tx_hash)
        return after

    def unmined(self, batch: Batch) -> Batch:
        """The block is no longer part of the chain."""
        after = self._write(batch, [{"$set": {"status": "SUBMITTED"}}, {"$unset": "record"}])
        self._record("anchor_reorganized", after)
        return after

    def close(self, batch: Batch) -> Batch:
        """All its anchors are confirmed."""
        return self._write(batch, [{"$set": {"status": "CONFIRMED", "inflight": False}}])

    def fail(self, batch: Batch, fault: AnchorFault) -> Batch:
        """It was mined and refused by the contract: nothing was written, and nothing can be any more."""
        change = {"status": "FAILED", "inflight": False, "error": {"$literal": fault_document(fault)}}
        return self._write(batch, [{"$set": change}])

    def _write(self, batch: Batch, update: Pipeline) -> Batch:
        with translating_errors():
            found = self._batches.find_one_and_update(
                _fence(batch), update, return_document=ReturnDocument.AFTER
            )
        if found is None:
            raise LeaseLostError("Another notary has taken over this batch.")
        return batch_from(found)

    def _record(self, event: str, batch: Batch, **data: Any) -> None:
        what = {"value": batch.value, "tx_hash": batch.attempts[-1].tx_hash}
        self._audit.record(event, actor=batch.notary_id, token=batch.token, **(what | data))


def _fence(batch: Batch) -> Document:
    return {"_id": batch.id, "token": batch.token, "notary_id": batch.notary_id, "inflight": True}


def _signed(attempt: Attempt) -> Document:
    return {"$mergeObjects": [{"$literal": attempt_document(attempt)}, {"signed_at": "$$NOW"}]}


def _later(seconds: float) -> Document:
    return {"$add": ["$$NOW", round(seconds * 1000)]}
