"""Who wants to be told when a job has ended: kept until it was told, so that no crash forgets anybody."""

import hashlib
from dataclasses import dataclass

from pymongo import ReturnDocument
from pymongo.database import Database

from deeptrace_core.store.connection import Document, translating_errors

HELD_S = 60
"""A message that is being sent is left alone by other hosts for so long."""
FIRST_WAIT_S, LONGEST_WAIT_S = 5, 3600
LOOK_AGAIN_S = 3
"""After this, a job that had not ended is looked at again."""
MAX_TRIES = 30
"""With the waits between them about a day."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """One wish to be told."""

    id: str
    job_id: str
    url: str
    tries: int
    """How often it was sent in vain."""


class Webhooks:
    """All wishes. Each method raises StoreUnavailableError while the database is away."""

    def __init__(self, database: Database[Document]) -> None:
        self._webhooks = database["webhooks"]

    def add(self, job_id: str, url: str) -> None:
        """Tell this address when the job has ended. The same wish twice is one."""
        wish_id = hashlib.sha256(f"{job_id} {url}".encode()).hexdigest()[:32]
        wish = {"_id": wish_id, "job": job_id, "url": url, "tries": 0}
        times = {"created_at": "$$NOW", "next_at": "$$NOW"}
        fresh = {"$mergeObjects": [{"$literal": wish}, times]}
        keep = {"$cond": [{"$eq": [{"$type": "$job"}, "missing"]}, fresh, "$$ROOT"]}
        with translating_errors():
            self._webhooks.update_one({"_id": wish_id}, [{"$replaceWith": keep}], upsert=True)

    def take(self) -> Webhook | None:
        """The next one that it is time for, or None. Nobody else is given it for a minute."""
        with translating_errors():
            found = self._webhooks.find_one_and_update(
                {"$expr": {"$lte": ["$next_at", "$$NOW"]}},
                [{"$set": {"next_at": _in(HELD_S)}}],
                sort=[("next_at", 1)],
                return_document=ReturnDocument.AFTER,
            )
        if found is None:
            return None
        return Webhook(id=found["_id"], job_id=found["job"], url=found["url"], tries=found["tries"])

    def too_early(self, webhook: Webhook) -> None:
        """Its job has not ended."""
        with translating_errors():
            self._webhooks.update_one({"_id": webhook.id}, [{"$set": {"next_at": _in(LOOK_AGAIN_S)}}])

    def in_vain(self, webhook: Webhook) -> bool:
        """It was not taken. False if this was the last try."""
        if webhook.tries + 1 >= MAX_TRIES:
            self.settled(webhook)
            return False
        wait_s = min(FIRST_WAIT_S * 2**webhook.tries, LONGEST_WAIT_S)
        change = {"tries": webhook.tries + 1, "next_at": _in(wait_s)}
        with translating_errors():
            self._webhooks.update_one({"_id": webhook.id}, [{"$set": change}])
        return True

    def settled(self, webhook: Webhook) -> None:
        """It was told, or never will be."""
        with translating_errors():
            self._webhooks.delete_one({"_id": webhook.id})


def _in(seconds: float) -> Document:
    return {"$add": ["$$NOW", int(1000 * seconds)]}
