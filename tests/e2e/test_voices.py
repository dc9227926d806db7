"""A video with a voice on its whole way: submitted, listened to, shown, and heard in the player."""

from pathlib import Path

from playwright.sync_api import Page, expect

from deeptrace_core.blobs import Blobs
from deeptrace_core.job import StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.store import open_store
from tests.clips import face_frame
from tests.e2e.system import RunningSystem, wait_for
from tests.sounds import voice, write_with_sound


def test_a_voice_is_shown_and_heard(system: RunningSystem, page: Page, tmp_path: Path) -> None:
    """This machine has no weights for voices, which is said with the command that gets them."""
    faces = [face_frame(n // 2) for n in range(40)]
    video = write_with_sound(tmp_path / "voice.mp4", voice(8), images=faces)
    with video.open("rb") as file:
        sha256, size_bytes = Blobs(system.settings.blobs_url).put_stream(file)
    with open_store(system.settings) as store:
        media = StoredMedia(sha256=sha256, size_bytes=size_bytes, name="voice.mp4")
        job_id = store.jobs.submit(media, AnalysisOptions(detector="deeptrace-light-1")).job_id
        wait_for(lambda: store.jobs.get(job_id).result is not None, "the report of voice.mp4")
    page.goto(f"{system.url}/review?job={job_id}")
    expect(page.get_by_text("The voices (experimental)")).to_be_visible()
    expect(page.get_by_text("Not assessed: no detector for voices.")).to_be_visible()
    expect(page.get_by_text("Run: python -m worker models pull aasist")).to_be_visible()
    expect(page.get_by_role("img", name="Waveform")).to_be_visible()
    page.get_by_role("button", name="Sound").click()
    page.get_by_role("button", name="Play").click()
    heard = "(video) => !video.muted && video.currentTime > 0.5 && video.webkitAudioDecodedByteCount > 0"
    wait_for(lambda: bool(page.locator("video").evaluate(heard)), "the sound")
