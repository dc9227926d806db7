"""The first page: choose a video, submit it, arrive at its job."""

import pytest

from deeptrace_core.job import JobState
from deeptrace_core.model import LARGEST_FACE_PX, MAX_RATE_HZ, SMALLEST_FACE_PX
from pages.analyze.options import offers_of
from pages.review.ended import with_more_frames
from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import OPTIONS, WORKER, Desk

VIDEO = ("clip.mp4", b"some bytes", "video/mp4")


def test_first_screen_says_what_it_is_and_that_the_file_stays(desk: Desk, open_page: OpenPage) -> None:
    """A stranger reads what this is for, and nothing can be submitted before a file is chosen."""
    desk.worker()
    app = open_page()
    assert "Was a face in this video manipulated?" in words(app)
    assert "The file stays on this server." in words(app)
    assert "No worker is running" not in words(app)
    assert app.button(key="analyze").disabled


def test_submitting_keeps_the_file_and_leads_to_its_job(desk: Desk, open_page: OpenPage) -> None:
    """The bytes are in the blobs, the job waits with the defaults, and the address names it."""
    desk.worker()
    app = open_page()
    app.file_uploader[0].set_value(VIDEO).run()
    app.button(key="analyze").click().run()
    (job,) = desk.store.jobs.history(limit=5)
    assert app.query_params["job"] == job.id
    assert (job.state, job.media.name, job.options) == (JobState.PENDING, "clip.mp4", OPTIONS)
    assert desk.blobs.read(job.media.sha256) == b"some bytes"
    assert "Waiting for a worker. Yours is next." in words(app)


def test_same_video_twice_leads_to_the_open_job_and_says_so(desk: Desk, open_page: OpenPage) -> None:
    """A second submission of what is in the queue adds nothing."""
    desk.worker()
    for _ in range(2):
        app = open_page()
        app.file_uploader[0].set_value(VIDEO).run()
        app.button(key="analyze").click().run()
    (job,) = desk.store.jobs.history(limit=5)
    assert app.query_params["job"] == job.id
    assert "already in the queue" in words(app)


def test_options_go_with_the_job(desk: Desk, open_page: OpenPage) -> None:
    """What the person set is what the worker gets."""
    desk.worker()
    app = open_page()
    app.file_uploader[0].set_value(VIDEO).run()
    app.number_input(key="min_frames").set_value(96)
    app.number_input(key="rate_hz").set_value(2.5)
    app.number_input(key="min_face_px").set_value(48)
    app.selectbox(key="detector").set_value("xception-ff").run()
    assert "python -m worker models pull xception-ff" in words(app)
    app.button(key="analyze").click().run()
    (job,) = desk.store.jobs.history(limit=5)
    assert job.options.detector == "xception-ff"
    assert (job.options.min_frames, job.options.rate_hz, job.options.min_face_px) == (96, 2.5, 48)


def test_empty_file_is_refused_at_once(desk: Desk, open_page: OpenPage) -> None:
    """A file of 0 bytes is said to be empty and cannot be submitted."""
    app = open_page()
    app.file_uploader[0].set_value(("empty.mp4", b"", "video/mp4")).run()
    assert "This file is empty" in words(app)
    assert app.button(key="analyze").disabled


def test_without_worker_the_video_is_still_taken(desk: Desk, open_page: OpenPage) -> None:
    """No worker means waiting, not refusing."""
    app = open_page()
    assert "No worker is running." in words(app)
    app.file_uploader[0].set_value(VIDEO).run()
    app.button(key="analyze").click().run()
    assert "No worker is running. Your video is stored and will start when one returns." in words(app)
    assert desk.store.jobs.queue_depth() == 1


def test_detector_is_ready_if_one_worker_has_its_weights() -> None:
    """Offers of several workers are joined by name, and a ready one wins."""
    offers = offers_of([WORKER])
    assert [(offer.name, offer.ready) for offer in offers.values()] == [
        ("mesoinception4-df", True),
        ("xception-ff", False),
    ]


@pytest.mark.parametrize("end", ["min", "max"])
def test_every_value_that_the_page_offers_can_be_submitted(desk: Desk, open_page: OpenPage, end: str) -> None:
    """The ends of each number field are values that an analysis accepts."""
    desk.worker()
    app = open_page()
    app.file_uploader[0].set_value(VIDEO).run()
    for key in ("min_frames", "rate_hz", "min_face_px"):
        field = app.number_input(key=key)
        field.set_value(getattr(field, end))
    app.button(key="analyze").click().run()
    (job,) = desk.store.jobs.history(limit=5)
    assert job.options.min_face_px == {"min": SMALLEST_FACE_PX, "max": LARGEST_FACE_PX}[end]


def test_more_frames_can_be_asked_for_again_and_again() -> None:
    """The button after a report without a face never asks for more than an analysis accepts."""
    options = OPTIONS
    for _ in range(12):
        options = with_more_frames(options)
    assert (options.min_frames, options.rate_hz) == (OPTIONS.max_frames, MAX_RATE_HZ)


def test_several_detectors_and_their_maps_go_with_the_job(desk: Desk, open_page: OpenPage) -> None:
    """One is chosen, others are combined with it; a missing one says how to get it."""
    desk.worker()
    app = open_page()
    app.file_uploader[0].set_value(VIDEO).run()
    app.multiselect(key="other_detectors").set_value(["xception-ff"]).run()
    assert "python -m worker models pull xception-ff" in words(app)
    app.checkbox(key="activation_maps").check()
    app.button(key="analyze").click().run()
    (job,) = desk.store.jobs.history(limit=5)
    assert job.options.detector == "mesoinception4-df+xception-ff"
    assert job.options.activation_maps
