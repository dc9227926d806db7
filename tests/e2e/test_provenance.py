"""A signed video on its whole way: submitted, analyzed, shown."""

from pathlib import Path

from playwright.sync_api import Page, expect

from deeptrace_core.blobs import Blobs
from deeptrace_core.job import StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.store import open_store
from tests.clips import face_video
from tests.e2e.system import RunningSystem, wait_for
from tests.media.signing import Authority


def test_a_signed_video_shows_its_signer(system: RunningSystem, page: Page, tmp_path: Path) -> None:
    """No trust list is set up in this system, so nobody vouches for the signer; the claims are shown."""
    video = Authority().sign(face_video(tmp_path / "camera.mp4", frames=30), tmp_path / "signed.mp4")
    with video.open("rb") as file:
        sha256, size_bytes = Blobs(system.settings.blobs_url).put_stream(file)
    with open_store(system.settings) as store:
        media = StoredMedia(sha256=sha256, size_bytes=size_bytes, name="signed.mp4")
        job_id = store.jobs.submit(media, AnalysisOptions(detector="deeptrace-light-1")).job_id
        wait_for(lambda: store.jobs.get(job_id).result is not None, "the report of signed.mp4")
    page.goto(f"{system.url}/review?job={job_id}")
    expect(
        page.get_by_text("Content Credentials: intact, but the signer is not vouched for.")
    ).to_be_visible()
    expect(page.get_by_text("Test signer, Throw-away")).to_be_visible()
    expect(page.get_by_text("Claims: created (captured by a camera).")).to_be_visible()
