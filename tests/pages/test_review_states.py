"""The page of a job that has no report: waiting, running, failed, cancelled, unknown."""

import pytest

from deeptrace_core.job import JobState, Stage
from pages.shared import wording
from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import Desk

REVIEW = "review/page.py"


def test_waiting_job_says_how_many_are_ahead(desk: Desk, open_page: OpenPage) -> None:
    """A waiting job shows its place, and that the page may be closed."""
    desk.worker()
    desk.pending("first.mp4")
    job = desk.pending("second.mp4")
    said = words(open_page(REVIEW, job=job.id))
    assert "Waiting for a worker. 1 file is ahead of yours." in said
    assert wording.CAN_CLOSE in said


def test_waiting_job_without_worker_says_that_it_is_stored(desk: Desk, open_page: OpenPage) -> None:
    """Nobody waits for a worker that does not exist without being told."""
    job = desk.pending()
    assert wording.NO_WORKER in words(open_page(REVIEW, job=job.id))


def test_running_job_shows_stage_and_frame(desk: Desk, open_page: OpenPage) -> None:
    """Progress is in words: the stage and the frame; no time left is guessed at first sight."""
    job = desk.processing(done=212, total=600)
    said = words(open_page(REVIEW, job=job.id))
    assert "Scoring faces: frame 212 of 600." in said
    assert " left" not in said


def test_running_job_whose_worker_fell_silent_says_so(desk: Desk, open_page: OpenPage) -> None:
    """Progress that stands still has a reason, and the reader is told it."""
    job = desk.processing()
    assert wording.WORKER_SILENT in words(open_page(REVIEW, job=job.id))
    desk.worker()
    assert wording.WORKER_SILENT not in words(open_page(REVIEW, job=job.id))


def test_running_job_of_unknown_length_shows_its_stage(desk: Desk, open_page: OpenPage) -> None:
    """While the amount of work is not known, no number is shown."""
    job = desk.processing(stage=Stage.READING, done=0, total=0)
    assert "Reading the file." in words(open_page(REVIEW, job=job.id))


def test_cancel_ends_a_waiting_job(desk: Desk, open_page: OpenPage) -> None:
    """The button cancels, and the page says that nothing was produced."""
    job = desk.pending()
    app = open_page(REVIEW, job=job.id)
    app.button(key="cancel").click().run()
    app.run()
    assert desk.store.jobs.get(job.id).state is JobState.CANCELLED
    assert wording.CANCELLED in words(app)


def test_cancel_of_a_running_job_waits_for_its_worker(desk: Desk, open_page: OpenPage) -> None:
    """A running job is cancelled by its worker; until then the page says so and offers it no more."""
    job = desk.processing()
    app = open_page(REVIEW, job=job.id)
    app.button(key="cancel").click().run()
    app.run()
    assert wording.CANCELLING in words(app)
    assert app.button(key="cancel").disabled


def test_failed_job_says_what_happened_and_what_it_does_not_mean(desk: Desk, open_page: OpenPage) -> None:
    """A failure is neither a score nor a verdict."""
    said = words(open_page(REVIEW, job=desk.failed().id))
    assert "The analysis stopped: the video could not be decoded after frame 212." in said
    assert wording.SAYS_NOTHING in said
    assert "Check that the file plays elsewhere" in said
    assert "UNREADABLE_MEDIA" in said
    assert "Score" not in said


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_try_again_submits_the_same_file_with_the_same_options(
    state: str, desk: Desk, open_page: OpenPage
) -> None:
    """Trying again needs no second upload and leads to the new job."""
    job = desk.failed() if state == "failed" else desk.cancelled()
    app = open_page(REVIEW, job=job.id)
    app.button(key="try_again").click().run()
    new, old = desk.store.jobs.history(limit=5)
    assert old == job
    assert (new.media, new.options, new.state) == (job.media, job.options, JobState.PENDING)
    assert app.query_params["job"] == new.id


@pytest.mark.parametrize("address", ["", "0" * 32, "../../etc/passwd", "<script>", "x" * 5000])
def test_unknown_or_malformed_address_has_one_answer(address: str, open_page: OpenPage) -> None:
    """Whether a job was deleted or never was, a stranger learns the same."""
    app = open_page(REVIEW, job=address)
    assert wording.JOB_NOT_FOUND in words(app)
    assert not app.exception
