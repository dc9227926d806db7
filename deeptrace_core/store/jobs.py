"""The queue: jobs are submitted, claimed under a lease, kept alive, and ended exactly once.

Every write after a claim is fenced by the job's worker and attempt, so that a worker which lost its lease
without noticing can change nothing. All times are written and compared by the server.
"""

import random
from collections.abc import Collection as Container
from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from deeptrace_core.errors import JobCancelledError, LeaseLostError
from deeptrace_core.job import ACTIVE_STATES, Job, JobFailure, JobResult, JobState, Progress, StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.store import deletion, job_updates, staged
from deeptrace_core.store.arrivals import Arrivals
from deeptrace_core.store.audit import Audit
from deeptrace_core.store.connection import Document, Pipeline, translating_errors
from deeptrace_core.store.job_document import job_from, new_job
from deeptrace_core.store.job_queries import CLAIMABLE, DELAYED, JobQueries, any_of, checked_id
from deeptrace_core.store.schema import CLAIM_INDEX, PROMOTE_INDEX, REAP_INDEX
from deeptrace_core.store.transaction import in_transaction

DAY_S = 24 * 3600
CLAIM_ORDER = [("priority", -1), ("created_at", 1), ("_id", 1)]
DUE: Document = {**DELAYED, "$expr": {"$lte": ["$run_at", "$$NOW"]}}
LAPSED: Document = {"status": "PROCESSING", "$expr": {"$lt": ["$lease_expires_at", "$$NOW"]}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What became of a wish to have a video analyzed."""

    job_id: str
    already_open: bool
    """The same video with the same options is waiting or in work already: this is that job."""


class Jobs(JobQueries):
    """All jobs. Each method raises StoreUnavailableError while the database cannot be reached."""

    def __init__(
        self, database: Database[Document], *, lease_s: float, retention_days: float | None = None
    ) -> None:
        super().__init__(database)
        self._database = database
        self._audit = Audit(database)
        self._arrivals = Arrivals(self._jobs)
        self._lease_s = lease_s
        self._kept_s = None if retention_days is None else retention_days * DAY_S

    def submit(
        self,
        media: StoredMedia,
        options: AnalysisOptions,
        *,
        priority: int = 0,
        by: str = "",
        uploaded: bool = False,
    ) -> Submission:
        """Put a video in the queue, unless the same is in it. A higher priority is taken first.

        Args:
            by: who submits it, and owns it. The same video of somebody else is another job.
            uploaded: whether they sent the file for this job; else it was here already.
        """
        document = new_job(media, options, priority=priority, owner=by)
        same = {name: document[name] for name in ("media_id", "params_hash", "owner")}
        still_open = {**same, "status": any_of(ACTIVE_STATES), "cancel_requested": False}
        new = job_updates.submitted(document, kept_s=self._kept_s)
        what = {"media_sha256": document["media_id"], "size_bytes": document["media_bytes"]}

        def step(session: ClientSession) -> None:
            self._jobs.update_one({"_id": document["_id"]}, new, upsert=True, session=session)
            for event in ("uploaded", "submitted") if uploaded else ("submitted",):
                self._audit.write(event, job_id=document["_id"], actor=by, data=what, session=session)

        with translating_errors():
            while True:
                try:
                    in_transaction(self._database, step, tries=1)
                except DuplicateKeyError:
                    # Another one is open, or was a moment ago.
                    found = self._jobs.find_one(still_open, {"_id": 1})
                    if found is None:
                        continue
                    return Submission(job_id=found["_id"], already_open=True)
                return Submission(job_id=document["_id"], already_open=False)

    def claim(self, worker_id: str) -> Job | None:
        """Take the next job, or None. The id must be new for each worker process."""
        with translating_errors():
            document = self._jobs.find_one_and_update(
                CLAIMABLE,
                job_updates.claimed(worker_id, self._lease_s),
                sort=CLAIM_ORDER,
                hint=CLAIM_INDEX,
                return_document=ReturnDocument.AFTER,
            )
            if document is None:
                return None
            job = job_from(document)
            # After it, since in one transaction workers that claim at once would be in each other's way;
            # and unlike the claim not waited for, which would halve the claims a second.
            self._audit.record("claimed", job_id=job.id, actor=worker_id, token=job.attempt, hurried=True)
            return job

    def renew(self, job: Job, progress: Progress | None = None) -> None:
        """Extend the lease, and say how far the work is.

        Raises:
            LeaseLostError: the job is no longer this worker's. Stop working on it.
            JobCancelledError: somebody cancelled the job, and it has ended. Stop working on it.
        """
        state = self._write(job, job_updates.renewed(self._lease_s, progress), None)
        _raise_unless(JobState.PROCESSING, state)

    def complete(self, job: Job, result: JobResult) -> None:
        """End the job with a report, and publish what this attempt staged.

        May be called again after StoreUnavailableError, when it is not known whether it took effect; so may
        `fail` and `release`.

        Raises:
            LeaseLostError, JobCancelledError: as for `renew`. Nothing was published.
        """
        state = self._write(
            job,
            job_updates.completed(result),
            "completed",
            verdict=result.verdict.value,
            report_sha256=result.report_sha256,
        )
        _raise_unless(JobState.COMPLETED, state)
        if job.attempt > 1:
            with translating_errors():
                staged.discard(self._database, staged.rows_before_claim(job.id, job.attempt))

    def fail(self, job: Job, failure: JobFailure, *, retry: bool) -> JobState:
        """End this attempt without a report.

        Args:
            retry: whether another attempt may go better. It is made after a growing delay, if any are left.

        Returns:
            PENDING if it will be tried again, else FAILED, or CANCELLED if that was asked for.

        Raises:
            LeaseLostError: the job is no longer this worker's.
        """
        update = job_updates.failed(failure, retry=retry, jitter=random.uniform(0.5, 1.5))
        return self._write(job, update, "failed", code=failure.code)

    def release(self, job: Job) -> JobState:
        """Hand the job back because this worker stops. It goes to the front, and no attempt is spent.

        Returns:
            PENDING, or CANCELLED if that was asked for.

        Raises:
            LeaseLostError: the job is no longer this worker's.
        """
        return self._write(job, job_updates.released(), "released")

    def cancel(self, job_id: str, *, by: str = "") -> JobState:
        """Cancel a job: at once if it waits, at its worker's next sign of life if it runs.

        Returns:
            CANCELLED, PROCESSING if it still runs, or the state in which it had ended before.

        Raises:
            JobNotFoundError: there is no such job.
        """
        wanted = {"_id": checked_id(job_id), "status": any_of(ACTIVE_STATES)}

        def step(session: ClientSession) -> JobState | None:
            after = self._jobs.find_one_and_update(
                wanted, job_updates.cancelled(), return_document=ReturnDocument.AFTER, session=session
            )
            if after is None:
                return None
            state = JobState(after["status"])
            event = "cancelled" if state is JobState.CANCELLED else "cancel_requested"
            self._audit.write(event, job_id=job_id, actor=by, data={}, session=session)
            return state

        with translating_errors():
            state = in_transaction(self._database, step)
        return self.get(job_id).state if state is None else state

    def delete(self, job_id: str, *, actor: str = "") -> None:
        """Delete a job in any state, with its pictures and scores; all or nothing. An audit event remains.

        A worker that has it learns so at its next sign of life, stops, and takes back what it staged. The
        video and the report are removed by the next sweep, unless another job needs them.

        Raises:
            JobNotFoundError: there is no such job.
        """
        with translating_errors():
            deletion.delete_job(self._database, self._audit, checked_id(job_id), actor)

    def expired(self, limit: int = 1_000) -> tuple[str, ...]:
        """Ids of ended jobs that were to be kept until now, the oldest first."""
        with translating_errors():
            return deletion.expired_jobs(self._jobs, limit)

    def referred(self, sha256s: Container[str]) -> set[str]:
        """Those of these stored files that some job needs, as its video or its report."""
        with translating_errors():
            return deletion.referred_files(self._jobs, sha256s)

    def reap(self) -> int:
        """Take jobs from workers that fell silent. Returns how many. Every worker calls it now and then."""
        # Each in one conditional step: a list of ids read before could name a job that has ended meanwhile.
        count = 0
        with translating_errors():
            while before := self._jobs.find_one_and_update(LAPSED, job_updates.reaped(), hint=REAP_INDEX):
                self._audit.record(
                    "lapsed", job_id=before["_id"], token=before["attempt"], worker=before["worker_id"]
                )
                count += 1
        return count

    def promote(self) -> int:
        """Let delayed jobs be claimed whose time has come. Returns how many. Call it like `reap`."""
        with translating_errors():
            return self._jobs.update_many(DUE, {"$set": {"ready": True}}, hint=PROMOTE_INDEX).modified_count

    def wait(self, timeout_s: float) -> None:
        """Return when there may be a job to claim, but after `timeout_s` at most.

        A loop that claims, and waits when there is none, misses nothing. One thread at a time may wait.
        Never raises: a database that is away is noticed by the next claim.
        """
        self._arrivals.wait(timeout_s)

    def wake(self) -> None:
        """Make `wait` return at once. Safe in a signal handler."""
        self._arrivals.wake()

    def close(self) -> None:
        """Stop listening for jobs."""
        self._arrivals.close()

    def _write(self, job: Job, update: Pipeline, event: str | None, **data: Any) -> JobState:
        """Change the job if the claim `job` still holds, and return its state.

        A claim that has ended the job already learns the state in which it ended.
        """
        if job.worker_id is None:
            raise LeaseLostError("The job was never claimed.")
        claim = {"_id": job.id, "worker_id": job.worker_id, "attempt": job.attempt}
        with translating_errors():
            after = self._changed({**claim, "status": "PROCESSING"}, update, event, job, data)
            if after is None:
                after = self._jobs.find_one(claim, {"status": 1})
                if after is None:
                    self._take_back(job)
                    raise LeaseLostError
                return JobState(after["status"])
            state = JobState(after["status"])
            if state is JobState.CANCELLED:
                self._take_back(job)
        return state

    def _changed(
        self, wanted: Document, update: Pipeline, event: str | None, job: Job, data: Document
    ) -> Document | None:
        """Change the job and write down what that was, both or neither. None if no job is as wanted."""

        def step(session: ClientSession | None) -> Document | None:
            after = self._jobs.find_one_and_update(
                wanted, update, {"status": 1}, return_document=ReturnDocument.AFTER, session=session
            )
            if after is not None and (what := "cancelled" if after["status"] == "CANCELLED" else event):
                self._audit.write(
                    what, job_id=job.id, actor=job.worker_id or "", token=job.attempt, data=data,
                    session=session,
                )  # fmt: skip
            return after

        # A sign of life comes often, and mostly says nothing that is written down.
        return step(None) if event is None else in_transaction(self._database, step)

    def _take_back(self, job: Job) -> None:
        """Delete what a claim staged that cannot win. If this process dies first, it goes with the job."""
        staged.discard(self._database, staged.rows_of_claim(job.id, job.attempt))


def _raise_unless(wanted: JobState, state: JobState) -> None:
    if state is JobState.CANCELLED:
        raise JobCancelledError
    if state is not wanted:
        raise LeaseLostError
