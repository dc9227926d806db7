"""Wishes to have a report's digest on a chain, and what came of them. The pages write and read here.

An anchor outlives its job: what is on a chain cannot be taken back, and the digest tells nothing about the
video, since each report holds a random salt.
"""

from collections.abc import Iterable, Mapping

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from deeptrace_core.anchor import Anchor, AnchorFault, Batch, ChainPlace, ChainRecord, Proof
from deeptrace_core.store.anchor_document import (
    anchor_from,
    anchor_id,
    batch_from,
    fault_document,
    place_document,
    record_document,
)
from deeptrace_core.store.anchor_schema import IN_BATCH
from deeptrace_core.store.audit import Audit
from deeptrace_core.store.connection import Document, translating_errors
from deeptrace_core.store.transaction import in_transaction

MAX_BATCH = 1_000


class Anchors:
    """All anchors. Each method raises StoreUnavailableError while the database cannot be reached."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._anchors = database["anchors"]
        self._batches = database["anchor_batches"]
        self._audit = Audit(database)

    def request(self, digest: str, place: ChainPlace, *, job_id: str | None = None, by: str = "") -> Anchor:
        """Ask for an anchor. Asking again changes nothing, unless the first wish has failed."""
        wish: Document = {
            "schema_v": 1,
            "digest": digest,
            "place": place_document(place),
            "status": "REQUESTED",
            **({"job": job_id} if job_id else {}),
        }
        new = {"$mergeObjects": [{"_id": "$_id", "requested_at": "$$NOW"}, {"$literal": wish}]}
        is_new = {"$eq": [{"$ifNull": ["$status", "FAILED"]}, "FAILED"]}
        key = {"_id": anchor_id(place, digest)}
        update = [{"$replaceWith": {"$cond": [is_new, new, "$$ROOT"]}}]

        def step(session: ClientSession) -> None:
            changed = self._anchors.update_one(key, update, upsert=True, session=session)
            if changed.upserted_id or changed.modified_count:
                said = {"digest": digest}
                self._audit.write("anchor_requested", job_id=job_id, actor=by, data=said, session=session)

        with translating_errors():
            in_transaction(self._database, step)
            return self._joined(self._anchors.find_one(key) or {})

    def of(self, digest: str) -> Anchor | None:
        """The newest anchor of a report, or None."""
        with translating_errors():
            found = self._anchors.find_one({"digest": digest}, sort=[("requested_at", -1)])
            return self._joined(found) if found else None

    def every(self, digest: str) -> tuple[Anchor, ...]:
        """All anchors of a report, on whichever chains, the newest first."""
        with translating_errors():
            found = self._anchors.find({"digest": digest}, sort=[("requested_at", -1)])
            return tuple(map(self._joined, found))

    def waiting(self, place: ChainPlace, limit: int = MAX_BATCH) -> tuple[str, ...]:
        """Digests that wait to be anchored, the oldest wish first."""
        wanted = {"place": place_document(place), "status": "REQUESTED"}
        with translating_errors():
            found = self._anchors.find(wanted, {"digest": 1}, sort=[("requested_at", 1)], limit=limit)
            return tuple(row["digest"] for row in found)

    def join(self, batch: Batch) -> bool:
        """Let the anchors have the state of their batch. False if one of them does not wait any more."""
        ids = self._ids(batch.place, batch.digests)
        with translating_errors():
            self._anchors.update_many(
                {"_id": {"$in": ids}, "status": "REQUESTED"},
                {"$set": {"status": IN_BATCH, "batch": batch.id}},
            )
            return self._anchors.count_documents({"batch": batch.id, "_id": {"$in": ids}}) == len(ids)

    def leave(self, batch: Batch) -> None:
        """Take the anchors out of a batch that was never sent."""
        ids = self._ids(batch.place, batch.digests)
        with translating_errors():
            self._anchors.update_many(
                {"_id": {"$in": ids}, "status": IN_BATCH, "batch": batch.id},
                {"$set": {"status": "REQUESTED"}, "$unset": {"batch": ""}},
            )

    def confirm(self, place: ChainPlace, proofs: Mapping[str, Proof], record: ChainRecord) -> None:
        """These digests are on the chain for good. May be repeated."""
        done = {"status": "CONFIRMED", "record": {"$literal": record_document(record)}, "ended_at": "$$NOW"}
        writes = [
            UpdateOne(
                {"_id": anchor_id(place, digest), "status": {"$ne": "CONFIRMED"}},
                [{"$set": {**done, "proof": {"$literal": list(proof)}}}, {"$unset": "error"}],
            )
            for digest, proof in proofs.items()
        ]
        with translating_errors():
            told = self._unconfirmed(place, proofs)
            if writes and self._anchors.bulk_write(writes, ordered=False).modified_count:
                for job_id, digest in told:
                    self._audit.record(
                        "anchor_confirmed", job_id=job_id, digest=digest, tx_hash=record.tx_hash
                    )
                self._audit.record(
                    "anchor_confirmed", value=record.value, tx_hash=record.tx_hash, count=len(writes)
                )

    def fail(self, place: ChainPlace, digests: Iterable[str], fault: AnchorFault) -> None:
        """Nothing was written for these digests, and nothing will be unless somebody asks again."""
        self._fail({"_id": {"$in": self._ids(place, digests)}, "status": {"$ne": "CONFIRMED"}}, fault)

    def fail_waiting(self, place: ChainPlace, fault: AnchorFault, *, older_than_s: float = 0) -> None:
        """The same for all that have waited for so long."""
        since = {"$subtract": ["$$NOW", round(older_than_s * 1000)]}
        waiting = {"place": place_document(place), "status": "REQUESTED"}
        self._fail({**waiting, "$expr": {"$lte": ["$requested_at", since]}}, fault)

    def _unconfirmed(self, place: ChainPlace, digests: Iterable[str]) -> list[tuple[str, str]]:
        """Jobs that wait for these digests, each with its digest."""
        wanted = {
            "_id": {"$in": self._ids(place, digests)},
            "status": {"$ne": "CONFIRMED"},
            "job": {"$exists": True},
        }
        return [(row["job"], row["digest"]) for row in self._anchors.find(wanted, {"job": 1, "digest": 1})]

    def _fail(self, wanted: Document, fault: AnchorFault) -> None:
        failed = {"status": "FAILED", "error": {"$literal": fault_document(fault)}, "ended_at": "$$NOW"}
        with translating_errors():
            count = self._anchors.update_many(wanted, [{"$set": failed}, {"$unset": "batch"}]).modified_count
        if count:
            self._audit.record("anchor_failed", code=fault.code, count=count)

    def _joined(self, document: Document) -> Anchor:
        if document["status"] != IN_BATCH:
            return anchor_from(document, None)
        batch = self._batches.find_one({"_id": document["batch"]})
        return anchor_from(document, batch_from(batch) if batch else None)

    @staticmethod
    def _ids(place: ChainPlace, digests: Iterable[str]) -> list[str]:
        return [anchor_id(place, digest) for digest in digests]
