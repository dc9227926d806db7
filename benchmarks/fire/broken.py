"""Queues with one mistake each, as others have made it. A checker that rejects none proves nothing."""

import time
from typing import Any

from pymongo import ReturnDocument, WriteConcern

from deeptrace_core.job import Job, JobState
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, job_updates
from deeptrace_core.store.connection import Pipeline, translating_errors
from deeptrace_core.store.job_document import job_from
from deeptrace_core.store.job_queries import CLAIMABLE
from deeptrace_core.store.jobs import CLAIM_ORDER, Jobs


class NoFence(Jobs):
    """Whoever writes to a job is believed."""

    def _write(self, job: Job, update: Pipeline, event: str | None, **data: Any) -> JobState:
        with translating_errors():
            after = self._jobs.find_one_and_update(
                {"_id": job.id}, update, {"status": 1}, return_document=ReturnDocument.AFTER
            )
        assert after is not None
        return JobState(after["status"])


class NoReaper(Jobs):
    """Nobody looks after the jobs of dead workers."""

    def reap(self) -> int:
        return 0


class TwoStepClaim(Jobs):
    """Looks for a job, and then takes it."""

    def claim(self, worker_id: str) -> Job | None:
        taken = job_updates.claimed(worker_id, self._lease_s)
        with translating_errors():
            found = self._jobs.find_one(CLAIMABLE, sort=CLAIM_ORDER)
            if found is None:
                return None
            taken.append({"$set": {"attempt": found["attempt"] + 1}})
            after = self._jobs.find_one_and_update(
                {"_id": found["_id"]}, taken, return_document=ReturnDocument.AFTER
            )
        assert after is not None
        return job_from(after)


class IgnoredCancel(Jobs):
    """A cancel only sets a flag, at which no end of a claim looks."""


class SnapshotReap(Jobs):
    """Lists the lapsed jobs first, and takes them back by their ids."""

    def reap(self) -> int:
        lapsed = {"status": "PROCESSING", "$expr": {"$lt": ["$lease_expires_at", "$$NOW"]}}
        with translating_errors():
            ids = [row["_id"] for row in self._jobs.find(lapsed, {"_id": 1})]
            time.sleep(0.3)
            return self._jobs.update_many({"_id": {"$in": ids}}, job_updates.reaped()).modified_count


class NotDurable(Jobs):
    """Writes are acknowledged before they are in the journal."""


REJECTED_FOR: dict[str, set[str]] = {
    "no-fence": {"stale_write", "one_effect", "write_after_the_end"},
    "no-reaper": {"stuck"},
    "two-step-claim": {"token_twice"},
    "ignored-cancel": {"cancel_ignored"},
    "snapshot-reap": {"two_owners", "write_after_the_end"},
    "w1": {"token_twice", "claim_forgotten", "lost", "one_effect"},
}
"""The damage that each mistake does by its nature; finding another kind is no proof."""

VARIANTS: dict[str, type[Jobs]] = {
    "no-fence": NoFence,
    "no-reaper": NoReaper,
    "two-step-claim": TwoStepClaim,
    "ignored-cancel": IgnoredCancel,
    "snapshot-reap": SnapshotReap,
    "w1": NotDurable,
}


def break_queue(store: Store, settings: Settings, name: str) -> None:
    """Put this mistake into the store of this process."""
    variant = VARIANTS[name]
    database = store._database
    if variant is NotDurable:
        database = database.with_options(write_concern=WriteConcern(w=1, j=False))
    if variant is IgnoredCancel:
        job_updates._unless_cancelled = lambda status: status
    store.jobs = variant(database, lease_s=settings.lease_s)
