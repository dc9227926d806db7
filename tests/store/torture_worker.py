"""A worker that may be killed at any moment. Run by the torture test.

It notes each completion that the store acknowledged in a file, one line for each.
"""

import hashlib
import os
import random
import sys
import time
import uuid
from contextlib import nullcontext, suppress
from pathlib import Path

from deeptrace_core.errors import ClaimEnded, LeaseLostError, StoreUnavailableError
from deeptrace_core.job import Job, JobFailure, JobResult, Progress, Stage
from deeptrace_core.model import Thumbnail, Verdict
from deeptrace_core.settings import load_settings
from deeptrace_core.store import Store, open_store

WORK_S = 0.05
LONG_WORK_S = 0.8
"""For one job in eight: long enough for a frozen worker to come back while another has its job."""
FAILURE = JobFailure(code="PLANNED", what="A planned failure.", advice="None.")


def fingerprint(job_id: str, attempt: int, worker_id: str | None) -> str:
    """What stands for the report of this claim, and of no other."""
    return hashlib.sha256(f"{job_id} {attempt} {worker_id}".encode()).hexdigest()


def work_on(store: Store, job: Job, notes: Path) -> None:
    report_sha256 = fingerprint(job.id, job.attempt, job.worker_id)
    work_s = LONG_WORK_S if int(job.id[0], 16) < 2 else WORK_S
    stubborn = random.random() < 0.5  # does not stop when told that the job is somebody else's by now
    for done in range(4):
        time.sleep(work_s / 4)
        with suppress(LeaseLostError) if stubborn else nullcontext():
            store.jobs.renew(job, Progress(stage=Stage.SCORING, done=done, total=4))
    chance = random.random()
    if chance < 0.05:
        store.jobs.fail(job, FAILURE, retry=True)
        return
    if chance < 0.1:
        store.jobs.release(job)
        return
    picture = Thumbnail(
        track_id=0, frame_index=0, time_s=0, fake_probability=0, webp=bytes.fromhex(report_sha256)
    )
    store.results.stage_thumbnails(job, [picture])
    result = JobResult(report_sha256=report_sha256, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)
    store.jobs.complete(job, result)
    descriptor = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{job.id} {report_sha256}\n".encode())
    os.close(descriptor)


def main() -> None:
    """Work until killed."""
    notes = Path(sys.argv[1])
    worker_id = uuid.uuid4().hex
    with opened_store() as store:
        while True:
            try:
                store.jobs.reap()
                store.jobs.promote()
                job = store.jobs.claim(worker_id)
                if job is None:
                    store.jobs.wait(0.5)
                else:
                    work_on(store, job, notes)
            except ClaimEnded:
                continue
            except StoreUnavailableError:
                time.sleep(0.2)


def opened_store() -> Store:
    """The store, as soon as the database is there."""
    while True:
        try:
            return open_store(load_settings())
        except StoreUnavailableError:
            time.sleep(0.2)


if __name__ == "__main__":
    main()
