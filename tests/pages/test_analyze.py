"""The first page: choose a video, submit it, arrive at its job."""

from collections.abc import Callable

import pytest

from deeptrace_core.job import JobResult, JobState, StoredMedia
from deeptrace_core.model import LARGEST_FACE_PX, MAX_RATE_HZ, SMALLEST_FACE_PX, Verdict
from pages.analyze import uploader
from pages.analyze.options import offers_of
from pages.review.ended import with_more_frames
from pages.shared import backend
from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import OPTIONS, WORKER, Desk

VIDEO = b"\x00\x00\x00\x18ftypisom, and some bytes"

Upload = Callable[..., str]


@pytest.fixture
def upload(monkeypatch: pytest.MonkeyPatch) -> Upload:
    """Puts a file on the server, as the drop zone would: AppTest runs no JavaScript."""
    chosen: list[str] = []
    monkeypatch.setattr(uploader, "show", lambda _: uploader.Chosen(uploads=tuple(chosen)))

    def uploaded(data: bytes = VIDEO, name: str = "clip.mp4") -> str:
        upload = backend.uploads().begin(name, len(data))
        with backend.uploads().writing(upload, 0) as writer:
            writer.write(data)
        chosen.append(upload.id)
        return upload.id

    return uploaded


def test_first_screen_says_what_it_is_and_that_the_file_stays(desk: Desk, open_page: OpenPage) -> None:
    """A stranger reads what this is for, and nothing can be submitted before a file is chosen."""
    desk.worker()
    app = open_page()
    assert "Was a face in this video or picture manipulated?" in words(app)
    assert "No worker is running" not in words(app)
    assert app.button(key="analyze").disabled


def test_submitting_keeps_the_file_and_leads_to_its_job(
    desk: Desk, open_page: OpenPage, upload: Upload
) -> None:
    """The bytes are in the blobs, the job waits with the defaults, and the address names it."""
    desk.worker()
    upload()
    app = open_page()
    app.button(key="analyze").click().run()
    (job,) = desk.store.jobs.history(limit=5)
    assert app.query_params["job"] == job.id
    assert (job.state, job.media.name, job.options) == (JobState.PENDING, "clip.mp4", OPTIONS)
    assert desk.blobs.read(job.media.sha256) == VIDEO
    assert "Waiting for a worker. Yours is next." in words(app)


def test_same_video_twice_leads_to_the_open_job_and_says_so(
    desk: Desk, open_page: OpenPage, upload: Upload
) -> None:
    """A second submission of what is in the queue adds nothing."""
    desk.worker()
    upload()
    for _ in range(2):
        app = open_page()
        app.button(key="analyze").click().run()
    (job,) = desk.store.jobs.history(limit=5)
    assert app.query_params["job"] == job.id
    assert "already in the queue" in words(app)


def test_options_go_with_the_job(desk: Desk, open_page: OpenPage, upload: Upload) -> None:
    """What the person set is what the worker gets."""
    desk.worker()
    upload()
    app = open_page()
    app.number_input(key="min_frames").set_value(96)
    app.number_input(key="rate_hz").set_value(2.5)
    app.number_input(key="min_face_px").set_value(48)
    app.selectbox(key="detector").set_value("xception-ff").run()
    assert "python -m worker models pull xception-ff" in words(app)
    app.button(key="analyze").click().run()
    (job,) = desk.store.jobs.history(limit=5)
    assert job.options.detector == "xception-ff"
    assert (job.options.min_frames, job.options.rate_hz, job.options.min_face_px) == (96, 2.5, 48)


def test_several_files_become_several_jobs(desk: Desk, open_page: OpenPage, upload: Upload) -> None:
    """One press for all; their list is in the history."""
    desk.worker()
    upload(VIDEO + b"1", "one.mp4")
    upload(VIDEO + b"2", "two.mp4")
    app = open_page()
    assert app.button(key="analyze").label == "Analyze 2 files"
    app.button(key="analyze").click().run()
    assert {job.media.name for job in desk.store.jobs.history(limit=5)} == {"one.mp4", "two.mp4"}
    assert "Every file that was submitted here" in words(app)


def test_a_file_with_a_report_offers_it(desk: Desk, open_page: OpenPage, upload: Upload) -> None:
    """The same bytes under another name: its report is one click away, and a new analysis, too."""
    desk.worker()
    sha256 = desk.blobs.put_bytes(VIDEO)
    media = StoredMedia(sha256=sha256, size_bytes=len(VIDEO), name="clip.mp4")
    job_id = desk.store.jobs.submit(media, OPTIONS).job_id
    job = desk.store.jobs.claim(WORKER.id)
    assert job is not None
    result = JobResult(report_sha256=sha256, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.4)
    desk.store.jobs.complete(job, result)
    upload(VIDEO, "renamed.mp4")
    app = open_page()
    assert "renamed.mp4 was analyzed before" in words(app)
    (link,) = [found for found in app.get("page_link") if "Open the report" in found.proto.label]
    assert job_id in link.proto.query_string
    assert not app.button(key="analyze").disabled


def test_nothing_is_submitted_while_a_file_is_on_its_way(
    desk: Desk, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the second file would be left behind."""
    monkeypatch.setattr(uploader, "show", lambda _: uploader.Chosen(active=True))
    assert open_page().button(key="analyze").disabled


def test_an_upload_that_was_swept_is_said_to_be_gone(desk: Desk, open_page: OpenPage, upload: Upload) -> None:
    """A page that was left open for two days."""
    backend.uploads().cancel(upload())
    app = open_page()
    assert "left for more than a day" in words(app)
    assert app.button(key="analyze").disabled


def test_without_worker_the_video_is_still_taken(desk: Desk, open_page: OpenPage, upload: Upload) -> None:
    """No worker means waiting, not refusing."""
    app = open_page()
    assert "No worker is running." in words(app)
    upload()
    app.run()
    app.button(key="analyze").click().run()
    assert "No worker is running. Your file is stored and will start when one returns." in words(app)
    assert desk.store.jobs.queue_depth() == 1


def test_detector_is_ready_if_one_worker_has_its_weights() -> None:
    """Offers of several workers are joined by name, and a ready one wins."""
    offers = offers_of([WORKER])
    assert [(offer.name, offer.ready) for offer in offers.values()] == [
        ("mesoinception4-df", True),
        ("xception-ff", False),
    ]


@pytest.mark.parametrize("end", ["min", "max"])
def test_every_value_that_the_page_offers_can_be_submitted(
    desk: Desk, open_page: OpenPage, upload: Upload, end: str
) -> None:
    """The ends of each number field are values that an analysis accepts."""
    desk.worker()
    upload()
    app = open_page()
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


def test_several_detectors_and_their_maps_go_with_the_job(
    desk: Desk, open_page: OpenPage, upload: Upload
) -> None:
    """One is chosen, others are combined with it; a missing one says how to get it."""
    desk.worker()
    upload()
    app = open_page()
    app.multiselect(key="other_detectors").set_value(["xception-ff"]).run()
    assert "python -m worker models pull xception-ff" in words(app)
    app.checkbox(key="activation_maps").check()
    app.button(key="analyze").click().run()
    (job,) = desk.store.jobs.history(limit=5)
    assert job.options.detector == "mesoinception4-df+xception-ff"
    assert job.options.activation_maps
