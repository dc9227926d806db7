"""Which workers were heard of lately. For people to see: leases alone decide who owns a job."""

import dataclasses

from pymongo import WriteConcern
from pymongo.database import Database

from deeptrace_core.job import DetectorOffer, WorkerInfo
from deeptrace_core.store.connection import Document, translating_errors

ALIVE: Document = {"$expr": {"$gt": ["$silent_after", "$$NOW"]}}


class Workers:
    """The workers that announce themselves. Each method raises StoreUnavailableError at need."""

    def __init__(self, database: Database[Document]) -> None:
        self._workers = database.get_collection("workers", write_concern=WriteConcern(w=1))

    def announce(self, info: WorkerInfo, *, good_for_s: float = 15) -> None:
        """Say that this worker is alive. It counts as such for so long; repeat it before."""
        document = dataclasses.asdict(info)
        document["_id"] = document.pop("id")
        document["detectors"] = list(document["detectors"])
        silent_after = {"$add": ["$$NOW", round(good_for_s * 1000)]}
        times = {"seen_at": "$$NOW", "silent_after": silent_after}
        seen = {"$mergeObjects": [{"$literal": document}, times]}
        with translating_errors():
            self._workers.update_one({"_id": info.id}, [{"$replaceWith": seen}], upsert=True)

    def forget(self, worker_id: str) -> None:
        """The worker ends in good order."""
        with translating_errors():
            self._workers.delete_one({"_id": worker_id})

    def alive(self) -> tuple[WorkerInfo, ...]:
        """Workers whose last announcement still counts, by the server's clock; the oldest first."""
        with translating_errors():
            found = self._workers.find(ALIVE, sort=[("started_at", 1), ("_id", 1)])
            return tuple(map(_worker_from, found))


def _worker_from(document: Document) -> WorkerInfo:
    return WorkerInfo(
        id=document["_id"],
        host=document["host"],
        pid=document["pid"],
        version=document["version"],
        device=document["device"],
        detectors=tuple(DetectorOffer(**offer) for offer in document["detectors"]),
        default_detector=document["default_detector"],
        started_at=document["started_at"],
    )
