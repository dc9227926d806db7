"""A deleted job is gone in every respect, whoever is working on it."""

import dataclasses
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from deeptrace_core.errors import JobNotFoundError, LeaseLostError, StoreUnavailableError
from deeptrace_core.job import Job, JobFailure, JobResult, JobState
from deeptrace_core.model import AnalysisOptions, Thumbnail, Verdict
from deeptrace_core.settings import load_settings
from deeptrace_core.store import Store, open_store
from deeptrace_core.store.mongod_folder import MongodFolder
from deeptrace_core.store.mongod_process import running_pid
from tests.store.conftest import Submit, claimed, make_media

RawDatabase = Database[dict[str, Any]]
RESULT = JobResult(report_sha256="c" * 64, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)
FAILURE = JobFailure(code="ANY", what="private name.mp4 is broken", advice="Try again.")
PICTURE = Thumbnail(track_id=0, frame_index=0, time_s=0, fake_probability=0.5, webp=b"RIFF")


def deletions(database: RawDatabase, job_id: str) -> list[dict[str, Any]]:
    return list(database.audit_events.find({"job": job_id, "event": "deleted"}))


def job_in(state: JobState, store: Store, submit: Submit) -> Job:
    job = submit()
    if state is JobState.CANCELLED:
        store.jobs.cancel(job.id)
    elif state is not JobState.PENDING:
        job = claimed(store)
        store.results.stage_thumbnails(job, [PICTURE])
        if state is JobState.COMPLETED:
            store.jobs.complete(job, RESULT)
        elif state is JobState.FAILED:
            store.jobs.fail(job, FAILURE, retry=False)
    return job


@pytest.mark.parametrize("state", list(JobState))
def test_job_in_any_state_can_be_deleted(
    store: Store, submit: Submit, database: RawDatabase, state: JobState
) -> None:
    """Deleted at once: no document, no picture, no place in the queue; the trail says so, once."""
    job = job_in(state, store, submit)
    assert store.jobs.get(job.id).state is state
    other = job_in(JobState.COMPLETED, store, submit) if state is not JobState.PENDING else submit()
    store.jobs.delete(job.id, actor="anna")
    with pytest.raises(JobNotFoundError):
        store.jobs.get(job.id)
    with pytest.raises(JobNotFoundError):
        store.jobs.delete(job.id)
    assert database.thumbnails.count_documents({"_id.job": job.id}) == 0
    assert [event["data"]["state"] for event in deletions(database, job.id)] == [state.value]
    assert store.jobs.get(other.id).id == other.id
    assert state is JobState.PENDING or len(store.results.thumbnails(other)) == 1


def test_worker_of_a_deleted_job_can_write_nothing(
    store: Store, submit: Submit, database: RawDatabase
) -> None:
    """Its claim is gone: it is told to stop, whatever it tries, and what it staged late is taken back."""
    submit()
    job = claimed(store)
    store.results.stage_thumbnails(job, [PICTURE])
    store.jobs.delete(job.id)
    store.results.stage_thumbnails(job, [PICTURE])
    with pytest.raises(LeaseLostError):
        store.jobs.complete(job, RESULT)
    assert database.thumbnails.count_documents({}) == 0
    with pytest.raises(LeaseLostError):
        store.jobs.renew(job)
    with pytest.raises(LeaseLostError):
        store.jobs.fail(job, FAILURE, retry=True)
    with pytest.raises(LeaseLostError):
        store.jobs.release(job)
    assert store.jobs.reap() == 0
    assert database.jobs.count_documents({}) == 0


def test_worker_that_dies_over_a_deleted_job_leaves_nothing(
    store: Store, submit: Submit, database: RawDatabase
) -> None:
    """What it staged after the deletion and could not take back is found by the sweep."""
    submit()
    other = job_in(JobState.COMPLETED, store, submit) if (job := claimed(store)) else None
    store.jobs.delete(job.id)
    store.results.stage_thumbnails(job, [PICTURE])
    assert store.results.discard_strays() == 1
    assert store.results.discard_strays() == 0
    assert other is not None
    assert store.results.thumbnails(other) == (PICTURE,)
    assert database.thumbnails.count_documents({}) == 1


def test_lost_attempts_leave_no_pictures_once_the_job_is_complete(
    store: Store, submit: Submit, database: RawDatabase
) -> None:
    """The winner removes what attempts before it staged; one that was cancelled removes its own."""
    submit()
    first = claimed(store)
    store.results.stage_thumbnails(first, [PICTURE])
    store.jobs.release(first)
    second = claimed(store)
    store.results.stage_thumbnails(second, [PICTURE])
    store.jobs.complete(second, RESULT)
    assert [row["_id"]["token"] for row in database.thumbnails.find()] == [2]
    submit()
    third = claimed(store)
    store.results.stage_thumbnails(third, [PICTURE])
    store.jobs.cancel(third.id)
    store.jobs.fail(third, FAILURE, retry=True)
    assert database.thumbnails.count_documents({"_id.job": third.id}) == 0


def test_simultaneous_deletions_make_one_event(store: Store, submit: Submit, database: RawDatabase) -> None:
    """Many impatient clicks delete once; the others learn that there is no such job."""
    job = submit()

    def delete(_: int) -> bool:
        try:
            store.jobs.delete(job.id)
        except JobNotFoundError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(delete, range(8))) == [False] * 7 + [True]
    assert len(deletions(database, job.id)) == 1


def test_deletion_wins_against_a_busy_worker(store: Store, submit: Submit) -> None:
    """Renewals at the same moment neither stop the deletion nor bring the job back."""
    submit()
    job = claimed(store)
    told: list[bool] = []

    def renew_until_lost() -> None:
        try:
            while True:
                store.jobs.renew(job)
        except LeaseLostError:
            told.append(True)

    workers = [threading.Thread(target=renew_until_lost) for _ in range(3)]
    for worker in workers:
        worker.start()
    time.sleep(0.1)
    store.jobs.delete(job.id)
    for worker in workers:
        worker.join(20)
    assert told == [True] * 3
    with pytest.raises(JobNotFoundError):
        store.jobs.get(job.id)


def test_deletion_without_its_event_does_not_happen(
    store: Store, submit: Submit, database: RawDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or nothing: where the trail cannot be written, the job and its pictures stay."""
    job = job_in(JobState.COMPLETED, store, submit)
    database.command("collMod", "audit_events", validator={"event": {"$ne": "deleted"}})
    with pytest.raises(Exception, match="refused an operation"):
        store.jobs.delete(job.id)
    assert store.results.thumbnails(job) == (PICTURE,)


def test_trail_never_held_text_of_the_video(store: Store, submit: Submit, database: RawDatabase) -> None:
    """Events outlive the job, so they keep codes and hashes, not names or messages."""
    job = submit(name="private name.mp4")
    store.jobs.fail(claimed(store), FAILURE, retry=False)
    store.jobs.delete(job.id)
    assert "private name" not in str(list(database.audit_events.find({"job": job.id})))


def test_deletion_while_the_database_is_away_fails_soon_and_changes_nothing(home: Path) -> None:
    """Somebody who presses delete meanwhile gets an answer within seconds, and may press again later."""
    with open_store(load_settings({"DEEPTRACE_HOME": str(home)})) as store:
        job_id = store.jobs.submit(make_media(), AnalysisOptions(detector="test")).job_id
        pid = running_pid(MongodFolder(root=home / "mongo"))
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        start = time.monotonic()
        with pytest.raises(StoreUnavailableError):
            store.jobs.delete(job_id)
        assert time.monotonic() - start < 10
        store.revive()
        assert store.jobs.get(job_id).state is JobState.PENDING
        store.jobs.delete(job_id)


def test_cleaned_job_can_be_submitted_again(store: Store, options: AnalysisOptions) -> None:
    """The same video after its deletion is a new job."""
    media = make_media("same")
    first = store.jobs.submit(media, options)
    claimed(store)
    store.jobs.delete(first.job_id)
    second = store.jobs.submit(dataclasses.replace(media, name="again.mp4"), options)
    assert (second.already_open, second.job_id != first.job_id) == (False, True)
