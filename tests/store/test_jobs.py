"""The queue, on a real MongoDB."""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.database import Database

from deeptrace_core.errors import JobCancelledError, LeaseLostError
from deeptrace_core.job import Job, JobFailure, JobResult, JobState, Progress, Stage, StoredMedia
from deeptrace_core.model import AnalysisOptions, Reason, Verdict
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store
from tests.store.conftest import Submit, claimed

RESULT = JobResult(report_sha256="c" * 64, verdict=Verdict.NOT_ASSESSED, reason=Reason.NO_FACE, score=None)
FAILURE = JobFailure(code="ANY", what="$it went wrong.", advice="$try again.")

Media = Callable[..., StoredMedia]
RawDatabase = Database[dict[str, Any]]


@pytest.fixture
def hasty(settings: Settings) -> Iterator[Store]:
    """The same queue for workers whose leases run out at once."""
    with open_store(dataclasses.replace(settings, lease_s=0.02)) as store:
        yield store


def lapsed(hasty: Store, worker_id: str = "worker-1") -> Job:
    """A job whose worker fell silent, before anybody noticed."""
    job = claimed(hasty, worker_id)
    time.sleep(0.05)
    return job


def events(database: RawDatabase, job: Job) -> list[str]:
    return [event["event"] for event in database.audit_events.find({"job": job.id}, sort=[("_id", 1)])]


def retry_delay_s(database: RawDatabase, job: Job) -> float:
    row = database.jobs.find_one({"_id": job.id})
    assert row is not None
    now = database.command("hello")["localTime"]
    return (row["run_at"] - now).total_seconds()


def test_submitted_job_waits_with_what_was_asked(store: Store, media: Media) -> None:
    """A submitted job is PENDING and carries the media and the options exactly."""
    file = media(name='a $b "c" <d>.mp4')
    options = AnalysisOptions(detector="x", min_frames=7, rate_hz=2.5, max_frames=99, min_face_px=32)
    submission = store.jobs.submit(file, options)
    job = store.jobs.get(submission.job_id)
    assert submission.already_open is False
    assert (JobState.PENDING, file, options, 0) == (job.state, job.media, job.options, job.attempt)
    assert (job.started_at, job.finished_at, job.worker_id, job.progress) == (None, None, None, None)


def test_times_are_rfc3339_with_milliseconds(store: Store, submit: Submit) -> None:
    """Times are UTC strings of one form, in the order in which things happened."""
    submit()
    job = claimed(store)
    store.jobs.complete(job, RESULT)
    done = store.jobs.get(job.id)
    times = [done.created_at, done.started_at or "", done.finished_at or ""]
    assert [len("2026-01-01T00:00:00.000Z")] * 3 == [len(text) for text in times]
    assert sorted(times) == times
    assert all(text.endswith("Z") and text[19] == "." for text in times)


@pytest.mark.parametrize("name", ["../../etc/passwd", "\udcff.mp4", "🎬" * 300, "", "a\0b", "$x.y"])
def test_any_file_name_can_be_submitted(store: Store, submit: Submit, name: str) -> None:
    """A file may have any name that a disk or a browser can give."""
    expected = name.replace("\udcff", "?")
    assert expected == submit(name=name).media.name


def test_very_long_name_is_cut(submit: Submit) -> None:
    """A name cannot fill the database."""
    assert len(submit(name="x" * 5000).media.name) == 1000


def test_same_video_and_options_give_the_open_job(store: Store, media: Media) -> None:
    """What is waiting or in work is not queued twice."""
    file = media("same")
    first = store.jobs.submit(file, AnalysisOptions(detector="x", rate_hz=1))
    renamed = dataclasses.replace(file, name="other.mp4")
    again = store.jobs.submit(renamed, AnalysisOptions(detector="x", rate_hz=1.0))
    assert (first.job_id, True) == (again.job_id, again.already_open)
    claimed(store)
    assert store.jobs.submit(file, AnalysisOptions(detector="x")).job_id == first.job_id
    other = store.jobs.submit(file, AnalysisOptions(detector="y"))
    assert other.already_open is False


def test_finished_video_can_be_submitted_again(store: Store, media: Media, options: AnalysisOptions) -> None:
    """A job that has ended, or is being cancelled, does not stand in the way of a new one."""
    file = media("same")
    first = store.jobs.submit(file, options)
    store.jobs.complete(claimed(store), RESULT)
    second = store.jobs.submit(file, options)
    claimed(store)
    store.jobs.cancel(second.job_id)
    third = store.jobs.submit(file, options)
    assert [first.already_open, second.already_open, third.already_open] == [False, False, False]
    assert len({first.job_id, second.job_id, third.job_id}) == 3


def test_simultaneous_submits_make_one_job(store: Store, media: Media, options: AnalysisOptions) -> None:
    """Many impatient clicks make one job."""
    file = media("same")
    with ThreadPoolExecutor(8) as pool:
        submissions = list(pool.map(lambda _: store.jobs.submit(file, options), range(24)))
    assert len({submission.job_id for submission in submissions}) == 1
    assert [submission.already_open for submission in submissions].count(False) == 1
    assert store.jobs.queue_depth() == 1


def test_claim_takes_the_oldest_of_the_highest_priority(store: Store, submit: Submit) -> None:
    """Jobs are taken by priority, then in the order in which they came."""
    jobs = []
    for priority in (0, 0, 5, 0, 5):
        jobs.append(submit(priority=priority).id)
        time.sleep(0.002)  # the server's clock has milliseconds
    order = [claimed(store).id for _ in jobs]
    assert [jobs[2], jobs[4], jobs[0], jobs[1], jobs[3]] == order
    assert store.jobs.claim("worker-1") is None


def test_claim_marks_the_job(store: Store, submit: Submit) -> None:
    """A claimed job names its worker, counts the attempt and is in its first stage."""
    waiting = submit()
    job = claimed(store, "$worker")
    expected = dataclasses.replace(
        waiting,
        state=JobState.PROCESSING,
        attempt=1,
        worker_id="$worker",
        started_at=job.started_at,
        progress=Progress(stage=Stage.STARTING),
    )
    assert expected == job == store.jobs.get(job.id)


def test_each_job_is_claimed_once(store: Store, submit: Submit) -> None:
    """However many workers claim at the same time, no job is given to two."""
    jobs = {submit().id for _ in range(40)}
    start = threading.Barrier(8)

    def claim_all(number: int) -> list[str]:
        start.wait()
        taken = []
        while (job := store.jobs.claim(f"worker-{number}")) is not None:
            taken.append(job.id)
        return taken

    with ThreadPoolExecutor(8) as pool:
        taken = [job_id for ids in pool.map(claim_all, range(8)) for job_id in ids]
    assert len(jobs) == len(taken)
    assert jobs == set(taken)


def test_renew_keeps_the_lease_and_the_progress(settings: Settings, submit: Submit) -> None:
    """A worker that gives signs of life is left alone, however long it takes."""
    submit()
    with open_store(dataclasses.replace(settings, lease_s=0.5)) as store:
        job = claimed(store)
        for done in range(4):
            time.sleep(0.2)
            store.jobs.renew(job, Progress(stage=Stage.SCORING, done=done, total=4))
            assert store.jobs.reap() == 0
        store.jobs.renew(job, None)
        assert Progress(stage=Stage.SCORING, done=3, total=4) == store.jobs.get(job.id).progress
        store.jobs.complete(job, RESULT)


def test_complete_publishes_the_result(store: Store, submit: Submit, database: RawDatabase) -> None:
    """A completed job carries its result and its worker, and no trace of work in progress."""
    submit()
    job = claimed(store)
    store.jobs.renew(job, Progress(stage=Stage.REPORTING))
    result = JobResult(report_sha256="d" * 64, verdict=Verdict.SIGNS_FOUND, reason=None, score=0.75)
    store.jobs.complete(job, result)
    done = store.jobs.get(job.id)
    assert (JobState.COMPLETED, result, "worker-1") == (done.state, done.result, done.worker_id)
    assert (done.progress, done.failure) == (None, None)
    assert events(database, job) == ["submitted", "claimed", "completed"]


def test_complete_may_be_repeated_by_the_winner(store: Store, submit: Submit, database: RawDatabase) -> None:
    """A worker that does not know whether its completion arrived may send it again."""
    submit()
    job = claimed(store)
    store.jobs.complete(job, RESULT)
    store.jobs.complete(job, RESULT)
    assert events(database, job).count("completed") == 1


def test_every_write_of_a_worker_that_lost_its_lease_is_refused(
    store: Store, hasty: Store, submit: Submit
) -> None:
    """Who lost the lease can change nothing, whatever it tries, and the new owner can."""
    submit()
    stale = lapsed(hasty)
    assert store.jobs.reap() == 1
    fresh = claimed(store, "worker-2")
    before = store.jobs.get(stale.id)
    with pytest.raises(LeaseLostError):
        store.jobs.renew(stale, Progress(stage=Stage.SCORING, done=9, total=9))
    with pytest.raises(LeaseLostError):
        store.jobs.complete(stale, RESULT)
    with pytest.raises(LeaseLostError):
        store.jobs.fail(stale, FAILURE, retry=True)
    with pytest.raises(LeaseLostError):
        store.jobs.release(stale)
    assert before == store.jobs.get(stale.id)
    store.jobs.complete(fresh, RESULT)


def test_same_worker_cannot_write_with_an_old_claim(store: Store, hasty: Store, submit: Submit) -> None:
    """The fence is the claim, not the worker: a thread that lingers from an earlier claim is shut out."""
    submit()
    stale = lapsed(hasty, "worker-1")
    store.jobs.reap()
    fresh = claimed(store, "worker-1")
    with pytest.raises(LeaseLostError):
        store.jobs.complete(stale, RESULT)
    assert store.jobs.get(fresh.id).state == JobState.PROCESSING


def test_late_completion_after_another_won_is_refused(store: Store, hasty: Store, submit: Submit) -> None:
    """Two workers that both finish the same job have one effect, that of the owner."""
    submit()
    stale = lapsed(hasty)
    store.jobs.reap()
    fresh = claimed(store, "worker-2")
    store.jobs.complete(fresh, RESULT)
    with pytest.raises(LeaseLostError):
        store.jobs.complete(stale, dataclasses.replace(RESULT, report_sha256="e" * 64))
    assert store.jobs.get(fresh.id).result == RESULT


def test_a_job_that_was_never_claimed_cannot_be_ended(store: Store, submit: Submit) -> None:
    """Only a claim gives the right to write."""
    waiting = submit()
    with pytest.raises(LeaseLostError):
        store.jobs.fail(waiting, FAILURE, retry=False)
    assert waiting == store.jobs.get(waiting.id)


def test_reap_takes_only_what_lapsed(store: Store, hasty: Store, submit: Submit) -> None:
    """A lease that still runs is not touched; one that ran out sends its job back to the front."""
    submit()
    submit()
    alive = claimed(store, "alive")
    dead = lapsed(hasty, "dead")
    assert store.jobs.reap() == 1
    assert store.jobs.reap() == 0
    back = store.jobs.get(dead.id)
    assert (
        back.state,
        back.worker_id,
        back.started_at,
        back.progress,
    ) == (JobState.PENDING, None, None, None)
    assert store.jobs.get(alive.id).state == JobState.PROCESSING
    assert (dead.id, 2) == ((again := claimed(store)).id, again.attempt)


def test_a_job_that_kills_its_workers_ends_failed(store: Store, hasty: Store, submit: Submit) -> None:
    """After the last attempt a job is not tried again, and says why."""
    job = submit()
    for _ in range(job.max_attempts):
        lapsed(hasty)
        assert store.jobs.reap() == 1
    failed = store.jobs.get(job.id)
    assert failed.state == JobState.FAILED
    assert failed.failure is not None
    assert (
        failed.failure.code,
        failed.failure.what,
    ) == ("WORKER_LOST", "The worker stopped 3 times while analyzing this file.")
    assert store.jobs.claim("worker-1") is None


def test_failed_attempt_is_retried_after_a_growing_delay(
    store: Store, submit: Submit, database: RawDatabase
) -> None:
    """A retry waits, each time about twice as long; it is not claimable before, and is after."""
    job = submit()
    delays_s = []
    for attempt in (1, 2):
        assert attempt == claimed(store).attempt
        current = dataclasses.replace(job, attempt=attempt, worker_id="worker-1")
        assert store.jobs.fail(current, FAILURE, retry=True) == JobState.PENDING
        delays_s.append(retry_delay_s(database, job))
        assert (store.jobs.claim("worker-1"), store.jobs.promote(), store.jobs.queue_depth()) == (None, 0, 1)
        database.jobs.update_one({"_id": job.id}, [{"$set": {"run_at": "$$NOW"}}])
        assert store.jobs.promote() == 1
    assert 0.5 < delays_s[0] <= 3
    assert 1.5 < delays_s[1] <= 6
    assert store.jobs.fail(claimed(store), FAILURE, retry=True) == JobState.FAILED
    assert store.jobs.get(job.id).failure == FAILURE


def test_hopeless_failure_ends_the_job_at_once(store: Store, submit: Submit) -> None:
    """What would fail in the same way again is not tried again."""
    submit()
    job = claimed(store)
    assert store.jobs.fail(job, FAILURE, retry=False) == JobState.FAILED
    failed = store.jobs.get(job.id)
    assert (failed.state, failed.failure, failed.result) == (JobState.FAILED, FAILURE, None)
    assert failed.finished_at is not None


def test_release_spends_no_attempt_and_reuses_no_token(
    store: Store, submit: Submit, database: RawDatabase
) -> None:
    """However often workers stop in good order, the job keeps its attempts and old claims stay dead."""
    first = submit()
    submit()
    for _ in range(10):
        job = claimed(store)
        assert first.id == job.id
        assert store.jobs.release(job) == JobState.PENDING
    last = claimed(store)
    assert (11, first.max_attempts - 1) == (last.attempt, last.max_attempts - last.attempt)
    with pytest.raises(LeaseLostError):
        store.jobs.complete(job, RESULT)
    assert events(database, first).count("released") == 10
    store.jobs.fail(last, FAILURE, retry=True)
    assert retry_delay_s(database, last) < 3.5


def test_cancel_of_a_waiting_job_ends_it(store: Store, submit: Submit) -> None:
    """A job that waits is cancelled at once and never claimed."""
    job = submit()
    assert store.jobs.cancel(job.id) == JobState.CANCELLED
    cancelled = store.jobs.get(job.id)
    assert (cancelled.state, cancelled.cancel_requested) == (JobState.CANCELLED, True)
    assert cancelled.finished_at is not None
    assert store.jobs.claim("worker-1") is None


def test_cancel_of_a_running_job_ends_it_at_the_next_renewal(
    store: Store, submit: Submit, database: RawDatabase
) -> None:
    """A worker learns of the cancel when it renews; the job has ended then, and stays so."""
    submit()
    job = claimed(store)
    assert store.jobs.cancel(job.id) == JobState.PROCESSING
    assert store.jobs.get(job.id).cancel_requested
    for _ in range(2):
        with pytest.raises(JobCancelledError):
            store.jobs.renew(job, None)
    assert store.jobs.get(job.id).state == JobState.CANCELLED
    assert store.jobs.fail(job, FAILURE, retry=True) == JobState.CANCELLED
    assert events(database, job) == ["submitted", "claimed", "cancel_requested", "cancelled"]


def test_cancel_wins_over_every_end_of_a_claim(store: Store, hasty: Store, submit: Submit) -> None:
    """A cancelled job publishes nothing, is not retried, not handed on and not failed."""
    for _ in range(4):
        submit()
    completing, failing, releasing = (claimed(store) for _ in range(3))
    dying = lapsed(hasty)
    for job in (completing, failing, releasing, dying):
        store.jobs.cancel(job.id)
    with pytest.raises(JobCancelledError):
        store.jobs.complete(completing, RESULT)
    assert store.jobs.fail(failing, FAILURE, retry=True) == JobState.CANCELLED
    assert store.jobs.release(releasing) == JobState.CANCELLED
    assert store.jobs.reap() == 1
    ended = [store.jobs.get(job.id) for job in (completing, failing, releasing, dying)]
    assert [(job.state, job.result, job.failure) for job in ended] == [(JobState.CANCELLED, None, None)] * 4


def test_cancel_after_the_end_changes_nothing(store: Store, submit: Submit) -> None:
    """Who cancels too late learns how the job ended."""
    submit()
    job = claimed(store)
    store.jobs.complete(job, RESULT)
    done = store.jobs.get(job.id)
    assert store.jobs.cancel(job.id) == JobState.COMPLETED
    assert done == store.jobs.get(job.id)
