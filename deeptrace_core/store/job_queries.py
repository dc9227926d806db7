"""Looking at jobs: one, lists of them, and the place of one in the queue."""

import re
from collections.abc import Collection as Container

from pymongo.database import Database

from deeptrace_core.errors import JobNotFoundError
from deeptrace_core.job import Job, JobState
from deeptrace_core.permissions import Scope
from deeptrace_core.store.connection import Document, translating_errors
from deeptrace_core.store.job_document import MAX_NAME_CHARS, clean_text, job_from
from deeptrace_core.store.schema import CLAIM_INDEX, MEDIA_INDEX, PROMOTE_INDEX
from deeptrace_core.store.sharing import seen_by

JOB_ID = re.compile(r"[0-9a-f]{32}")
CLAIMABLE = {"status": "PENDING", "ready": True}
DELAYED = {"status": "PENDING", "ready": False}


class JobQueries:
    """What can be asked of all jobs. Each method raises StoreUnavailableError while the database is away."""

    def __init__(self, database: Database[Document]) -> None:
        self._jobs = database["jobs"]

    def get(self, job_id: str) -> Job:
        """The job with this id.

        Raises:
            JobNotFoundError: there is none, or this is no id.
        """
        with translating_errors():
            document = self._jobs.find_one({"_id": checked_id(job_id)})
        if document is None:
            raise JobNotFoundError
        return job_from(document)

    def history(
        self,
        *,
        limit: int,
        skip: int = 0,
        name_contains: str | None = None,
        states: Container[JobState] | None = None,
        scope: Scope | None = None,
    ) -> tuple[Job, ...]:
        """Jobs, newest first. Capital and small letters are the same in `name_contains`."""
        if limit <= 0:  # which MongoDB would take for "all"
            return ()
        wanted: Document = {}
        if states is not None:
            wanted["status"] = any_of(states)
        if name_contains:
            text = clean_text(name_contains, MAX_NAME_CHARS)
            if "\0" in text:  # no pattern may contain it
                return ()
            wanted["media_name"] = {"$regex": re.escape(text), "$options": "i"}
        newest = [("created_at", -1), ("_id", -1)]
        with translating_errors():
            found = self._jobs.find(_seen(wanted, scope), sort=newest, skip=max(skip, 0), limit=limit)
            return tuple(map(job_from, found))

    def of_media(self, sha256: str, *, scope: Scope | None = None) -> Job | None:
        """The newest job with a report on this file, if there is one."""
        with translating_errors():
            found = self._jobs.find_one(
                _seen({"media_id": sha256, "status": JobState.COMPLETED.value}, scope),
                sort=[("created_at", -1)],
                hint=MEDIA_INDEX,
            )
        return None if found is None else job_from(found)

    def count_ahead(self, job: Job) -> int:
        """How many waiting jobs will be taken before this one. 0 if it does not wait."""
        with translating_errors():
            place = self._jobs.find_one(
                {"_id": job.id, "status": "PENDING"}, {"priority": 1, "created_at": 1}
            )
            if place is None:
                return 0
            same = {"priority": place["priority"]}
            before = [
                {"priority": {"$gt": place["priority"]}},
                {**same, "created_at": {"$lt": place["created_at"]}},
                {**same, "created_at": place["created_at"], "_id": {"$lt": place["_id"]}},
            ]
            return self._jobs.count_documents({**CLAIMABLE, "$or": before}, hint=CLAIM_INDEX)

    def queue_depth(self) -> int:
        """How many jobs wait, those that wait to be tried again included."""
        with translating_errors():
            ready = self._jobs.count_documents(CLAIMABLE, hint=CLAIM_INDEX)
            return ready + self._jobs.count_documents(DELAYED, hint=PROMOTE_INDEX)


def checked_id(job_id: str) -> str:
    # Ids come from addresses that people type; anything but a string could be a query.
    if not isinstance(job_id, str) or not JOB_ID.fullmatch(job_id):
        raise JobNotFoundError
    return job_id


def _seen(wanted: Document, scope: Scope | None) -> Document:
    return {"$and": [wanted, *seen_by(scope)]}


def any_of(states: Container[JobState]) -> Document:
    return {"$in": sorted(state.value for state in states)}
