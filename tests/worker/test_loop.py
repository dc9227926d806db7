"""The worker against a real database: every way in which a job can end."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import worker.loop
from deeptrace_core.blobs import Blobs
from deeptrace_core.job import Job, JobState, Progress, Stage, StoredMedia
from deeptrace_core.model import AnalysisOptions, Verdict
from deeptrace_core.report import parse_report
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store
from tests.clips import plain_frame, write_video
from tests.worker.fakes import FakeModels
from worker.lease import LeaseKeeper
from worker.loop import Worker

OPTIONS = AnalysisOptions(detector="brightness")


@pytest.fixture
def blobs(settings: Settings) -> Blobs:
    return Blobs(settings.blobs_url)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "video.mp4", [plain_frame(100)] * 40)


def submit(store: Store, blobs: Blobs, path: Path) -> Job:
    with path.open("rb") as file:
        sha256, size_bytes = blobs.put_stream(file)
    media = StoredMedia(sha256=sha256, size_bytes=size_bytes, name=path.name)
    return store.jobs.get(store.jobs.submit(media, OPTIONS).job_id)


def wait_for(condition: Callable[[], bool], within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_video_becomes_a_report(store: Store, blobs: Blobs, settings: Settings, video: Path) -> None:
    """COMPLETED, with the report's exact bytes under the hash that the job names, and thumbnails."""
    job = submit(store, blobs, video)
    assert Worker(store, blobs, FakeModels(), settings).run_once()
    done = store.jobs.get(job.id)
    assert done.state is JobState.COMPLETED
    assert done.result is not None
    report = parse_report(blobs.read(done.result.report_sha256))
    assert report.media.sha256 == job.media.sha256
    assert (done.result.verdict, done.result.score) == (Verdict.INCONCLUSIVE, report.visual_prob)
    assert len(store.results.thumbnails(done)) == 4


def test_a_job_has_a_copy_that_browsers_play(
    store: Store, blobs: Blobs, settings: Settings, video: Path
) -> None:
    """Stored beside the report, and needed as long as the job is there."""
    job = submit(store, blobs, video)
    Worker(store, blobs, FakeModels(), settings).run_once()
    done = store.jobs.get(job.id)
    assert done.result is not None
    assert done.result.viewing_copy is not None
    assert done.result.viewing_copy.frames == 40
    sha256 = done.result.viewing_copy.sha256
    assert b"ftyp" in blobs.read(sha256)[:12]
    assert store.jobs.referred([sha256, "e" * 64]) == {sha256}


def test_without_a_copy_the_report_is_worth_as_much(
    store: Store, blobs: Blobs, settings: Settings, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk after the analysis loses the player, and nothing else."""

    def full(*_arguments: object, **_options: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(worker.loop, "write_viewing_copy", full)
    job = submit(store, blobs, video)
    Worker(store, blobs, FakeModels(), settings).run_once()
    done = store.jobs.get(job.id)
    assert done.state is JobState.COMPLETED
    assert done.result is not None
    assert done.result.viewing_copy is None
    assert done.result.score is not None


def test_a_job_can_be_cancelled_while_its_copy_is_made(
    store: Store, blobs: Blobs, settings: Settings, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long video's copy takes a while; nobody has to wait for it."""
    job = submit(store, blobs, video)
    update = LeaseKeeper.update

    def cancel_then_update(self: LeaseKeeper, progress: Progress) -> None:
        if progress.stage is Stage.COPYING:
            store.jobs.cancel(job.id)
            time.sleep(1.5)
        update(self, progress)

    monkeypatch.setattr(LeaseKeeper, "update", cancel_then_update)
    Worker(store, blobs, FakeModels(), settings).run_once()
    assert store.jobs.get(job.id).state is JobState.CANCELLED


def test_an_unreadable_file_fails_at_once_and_the_worker_goes_on(
    store: Store, blobs: Blobs, settings: Settings, video: Path, tmp_path: Path
) -> None:
    """FAILED with the reason on the first attempt; the next job is done."""
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    bad, good = submit(store, blobs, text), submit(store, blobs, video)
    worker = Worker(store, blobs, FakeModels(), settings)
    assert [worker.run_once(), worker.run_once(), worker.run_once()] == [True, True, False]
    failed = store.jobs.get(bad.id)
    assert (failed.state, failed.attempt) == (JobState.FAILED, 1)
    assert failed.failure is not None
    assert failed.failure.code == "UNREADABLE_MEDIA"
    assert failed.result is None
    assert store.jobs.get(good.id).state is JobState.COMPLETED


def test_a_fault_of_ours_is_tried_again_later(
    store: Store, blobs: Blobs, settings: Settings, video: Path
) -> None:
    """An unexpected exception puts the job back, with its attempt counted."""

    def explode() -> None:
        raise ZeroDivisionError

    job = submit(store, blobs, video)
    Worker(store, blobs, FakeModels(before_scoring=explode), settings).run_once()
    again = store.jobs.get(job.id)
    assert (again.state, again.attempt, again.result) == (JobState.PENDING, 1, None)


def test_a_file_that_changed_in_storage_is_not_analysed_as_the_original(
    store: Store, blobs: Blobs, settings: Settings, video: Path, tmp_path: Path
) -> None:
    """The worker hashes what it reads; another file under that name ends the job."""
    job = submit(store, blobs, video)
    other = write_video(tmp_path / "other.mp4", [plain_frame(50)] * 40)
    with blobs.local_file(job.media.sha256) as stored:
        stored.chmod(0o600)
        stored.write_bytes(other.read_bytes())
    Worker(store, blobs, FakeModels(), settings).run_once()
    failed = store.jobs.get(job.id)
    assert failed.failure is not None
    assert (failed.state, failed.failure.code) == (JobState.FAILED, "MEDIA_CHANGED")


def test_missing_weights_complete_the_job_without_a_score(
    store: Store, blobs: Blobs, settings: Settings, video: Path
) -> None:
    """NOT_ASSESSED / MODEL_UNAVAILABLE is a result, not a failure, and never a number."""
    job = submit(store, blobs, video)
    Worker(store, blobs, FakeModels(missing=True), settings).run_once()
    done = store.jobs.get(job.id)
    assert done.result is not None
    assert (done.result.verdict, done.result.score) == (Verdict.NOT_ASSESSED, None)
    assert done.result.reason == "MODEL_UNAVAILABLE"


def test_cancelling_ends_the_work(store: Store, blobs: Blobs, settings: Settings, video: Path) -> None:
    """The worker notices within a heartbeat and ends in CANCELLED."""
    job = submit(store, blobs, video)

    def cancel_then_wait() -> None:
        store.jobs.cancel(job.id)
        time.sleep(2.5)

    Worker(store, blobs, FakeModels(before_scoring=cancel_then_wait), settings).run_once()
    assert store.jobs.get(job.id).state is JobState.CANCELLED


def test_a_worker_that_lost_its_lease_writes_nothing(
    store: Store, blobs: Blobs, settings: Settings, video: Path
) -> None:
    """Another worker took the job meanwhile: the first one's result is dropped, the other's stays."""
    job = submit(store, blobs, video)

    def hand_over() -> None:
        running = store.jobs.get(job.id)
        store.jobs.release(running)
        assert store.jobs.claim("another worker") is not None

    Worker(store, blobs, FakeModels(before_scoring=hand_over), settings).run_once()
    taken = store.jobs.get(job.id)
    assert (taken.state, taken.worker_id, taken.result) == (JobState.PROCESSING, "another worker", None)


def test_stopping_hands_the_job_back_unspent(
    store: Store, blobs: Blobs, settings: Settings, video: Path
) -> None:
    """A deploy costs a job no attempt."""
    job = submit(store, blobs, video)
    stoppers: list[Callable[[], None]] = []
    worker = Worker(store, blobs, FakeModels(before_scoring=lambda: stoppers[0]()), settings)
    stoppers.append(worker.stop)
    worker.run()
    back = store.jobs.get(job.id)
    assert (back.state, back.worker_id) == (JobState.PENDING, None)
    assert Worker(store, blobs, FakeModels(), settings).run_once()
    assert store.jobs.get(job.id).state is JobState.COMPLETED


def test_a_running_worker_shows_progress_and_wakes_for_new_jobs(
    store: Store, blobs: Blobs, settings: Settings, video: Path
) -> None:
    """Announced while idle, woken by the submission, progress with stage and count while working."""
    go_on = threading.Event()

    def wait_for_test() -> None:
        go_on.wait(20)

    worker = Worker(store, blobs, FakeModels(before_scoring=wait_for_test), settings)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        wait_for(lambda: worker.info.id in {info.id for info in store.workers.alive()})
        job = submit(store, blobs, video)
        wait_for(lambda: (progress := store.jobs.get(job.id).progress) is not None and progress.total == 32)
        progress = store.jobs.get(job.id).progress
        assert progress is not None
        assert progress.stage is Stage.SCORING
        go_on.set()
        wait_for(lambda: store.jobs.get(job.id).state is JobState.COMPLETED)
    finally:
        go_on.set()
        worker.stop()
        thread.join(20)
    assert not thread.is_alive()
    assert worker.info.id not in {info.id for info in store.workers.alive()}
