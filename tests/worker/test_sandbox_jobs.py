"""What becomes of a job whose video is too much for the decoder."""

from pathlib import Path

from deeptrace_core.blobs import Blobs
from deeptrace_core.job import JobState
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store
from tests.clips import plain_frame, write_video
from tests.worker.fakes import FakeModels
from tests.worker.test_loop import submit
from worker.loop import Worker
from worker.sandbox import Sandbox


def test_a_crash_ends_its_job_and_leaves_the_worker_serving(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    """FAILED at once, as the same file would crash it again; the next job is done."""
    blobs = Blobs(settings.blobs_url)
    crashing = tmp_path / "crashing.mp4"
    crashing.write_text("crash")
    good = write_video(tmp_path / "good.mp4", [plain_frame(100)] * 10)
    jobs = [submit(store, blobs, path) for path in (crashing, good)]
    worker = Worker(store, blobs, FakeModels(), settings, Sandbox(child="tests.worker.bad_child"))
    assert [worker.run_once(), worker.run_once()] == [True, True]
    failed, done = (store.jobs.get(job.id) for job in jobs)
    assert (failed.state, failed.attempt, done.state) == (JobState.FAILED, 1, JobState.COMPLETED)
    assert failed.failure is not None
    assert failed.failure.code == "DECODER_FAILED"


def test_a_decoder_that_cannot_start_fails_no_job(store: Store, settings: Settings, tmp_path: Path) -> None:
    """A fault of this machine: the job is tried again."""
    blobs = Blobs(settings.blobs_url)
    job = submit(store, blobs, write_video(tmp_path / "good.mp4", [plain_frame(100)] * 10))
    Worker(store, blobs, FakeModels(), settings, Sandbox(child="no_such_module")).run_once()
    assert store.jobs.get(job.id).state is JobState.PENDING
