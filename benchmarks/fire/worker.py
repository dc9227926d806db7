"""A worker that may be killed or frozen at any moment. It works through the real queue and keeps a ledger."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

from benchmarks.fire.broken import break_queue
from benchmarks.fire.ledger import Ledger
from benchmarks.fire.plans import Plan, fingerprint, plan_of
from deeptrace_core.errors import ClaimEnded, EnvironmentFault, JobCancelledError, LeaseLostError
from deeptrace_core.job import Job, JobFailure, JobResult, JobState, Progress, Stage
from deeptrace_core.model import Thumbnail, Verdict
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store
from deeptrace_core.store.jobs import Jobs
from worker.lease import LeaseKeeper

QUICK_S = (0.0, 0.02)
LONG_LEASES = (0.5, 1.6)
PULSE_S = (0.25, 0.75)
RELEASES = 0.02
STUBBORN = 0.5
"""So many do not stop when told that their job is somebody else's by now."""


class WatchedJobs:
    """The queue as a worker uses it, with each call and answer in the ledger."""

    def __init__(self, jobs: Jobs, ledger: Ledger) -> None:
        self._jobs = jobs
        self._ledger = ledger

    def claim(self, worker_id: str) -> Job | None:
        begin_s = time.monotonic()
        job = self._jobs.claim(worker_id)
        if job is not None:
            self._ledger.note("claimed", job=job.id, token=job.attempt, begin_s=begin_s)
        return job

    def renew(self, job: Job, progress: Progress | None = None) -> None:
        self._watch("renew", job, lambda: self._jobs.renew(job, progress))

    def complete(self, job: Job, result: JobResult) -> None:
        self._watch("complete", job, lambda: self._jobs.complete(job, result))

    def fail(self, job: Job, *, retry: bool) -> None:
        failure = JobFailure(code="PLANNED", what="A planned failure.", advice="None.")
        self._watch("fail", job, lambda: self._jobs.fail(job, failure, retry=retry))

    def release(self, job: Job) -> None:
        self._watch("release", job, lambda: self._jobs.release(job))

    def _watch(self, name: str, job: Job, call: Callable[[], JobState | None]) -> None:
        if name != "renew":
            self._ledger.note(f"{name}?", job=job.id, token=job.attempt)
        begin_s = time.monotonic()
        try:
            state = call()
        except (LeaseLostError, JobCancelledError) as error:
            self._ledger.note(f"{name}: {error.code}", job=job.id, token=job.attempt, begin_s=begin_s)
            raise
        self._ledger.note(name, job=job.id, token=job.attempt, state=state or "", begin_s=begin_s)


def work(settings: Settings, ledgers: Path, worker_id: str, broken: str | None) -> None:
    """Work until killed."""
    random.seed(worker_id)
    store = _opened(settings)
    if broken is not None:
        break_queue(store, settings, broken)
    jobs = WatchedJobs(store.jobs, Ledger(ledgers, worker_id))
    threading.Thread(target=_pulse, args=(store,), daemon=True).start()
    while True:
        try:
            job = jobs.claim(worker_id)
            if job is None:
                store.jobs.wait(0.5)
            else:
                _work_on(job, store, jobs, settings.lease_s)
        except ClaimEnded:
            continue
        except EnvironmentFault:
            time.sleep(random.uniform(0.05, 0.2))


def _work_on(job: Job, store: Store, jobs: WatchedJobs, lease_s: float) -> None:
    plan = plan_of(job.id)
    work_s = lease_s * random.uniform(*LONG_LEASES) if plan is Plan.LONG else random.uniform(*QUICK_S)
    stubborn = random.random() < STUBBORN
    with LeaseKeeper(_store_of(jobs), job, lease_s=lease_s) as lease:
        deadline_s = time.monotonic() + work_s
        while True:
            with suppress(*([ClaimEnded] if stubborn else [])):
                lease.update(Progress(stage=Stage.SCORING))
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                break
            time.sleep(min(left_s, 0.05))
    if random.random() < RELEASES:
        jobs.release(job)
    elif plan in (Plan.DOOMED, Plan.HOPELESS):
        jobs.fail(job, retry=plan is Plan.DOOMED)
    else:
        _complete(job, store, jobs)


def _complete(job: Job, store: Store, jobs: WatchedJobs) -> None:
    report = fingerprint(job.id, job.attempt, job.worker_id)
    picture = Thumbnail(track_id=0, frame_index=0, time_s=0, fake_probability=0, webp=bytes.fromhex(report))
    store.results.stage_thumbnails(job, [picture])
    result = JobResult(report_sha256=report, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)
    try:
        jobs.complete(job, result)
    except EnvironmentFault:
        # Whether it took effect is not known. Half of the workers ask again, the others leave it.
        if random.random() < 0.5:
            time.sleep(0.3)
            jobs.complete(job, result)
        raise


def _pulse(store: Store) -> None:
    while True:
        with suppress(EnvironmentFault):
            store.jobs.reap()
            store.jobs.promote()
        time.sleep(random.uniform(*PULSE_S))


def _store_of(jobs: WatchedJobs) -> Store:
    class OnlyJobs:
        def __init__(self) -> None:
            self.jobs = jobs

    return cast(Store, OnlyJobs())


def _opened(settings: Settings) -> Store:
    while True:
        try:
            return open_store(settings)
        except EnvironmentFault:
            time.sleep(0.2)
