"""A video with a voice on its whole way: submitted, listened to, drawn, and played where its drawing says."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from deeptrace_core.blobs import Blobs
from deeptrace_core.job import StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.store import open_store
from tests.clips import face_frame
from tests.e2e.system import RunningSystem, wait_for
from tests.sounds import voice, write_with_sound

LENGTH_S = 8
PICTURE_HZ = 5


def test_a_voice_is_shown_and_heard(system: RunningSystem, page: Page, tmp_path: Path) -> None:
    """This machine has no weights for voices, which is said with the command that gets them."""
    faces = [face_frame(n // 2) for n in range(LENGTH_S * PICTURE_HZ)]
    path = write_with_sound(tmp_path / "voice.mp4", voice(LENGTH_S), images=faces, picture_hz=PICTURE_HZ)
    with path.open("rb") as file:
        sha256, size_bytes = Blobs(system.settings.blobs_url).put_stream(file)
    with open_store(system.settings) as store:
        media = StoredMedia(sha256=sha256, size_bytes=size_bytes, name="voice.mp4")
        job_id = store.jobs.submit(media, AnalysisOptions(detector="deeptrace-light-1")).job_id
        wait_for(lambda: store.jobs.get(job_id).result is not None, "the report of voice.mp4")
    page.goto(f"{system.url}/review?job={job_id}")
    expect(page.get_by_text("The voices (experimental)")).to_be_visible()
    expect(page.get_by_text("Not assessed: no detector for voices.")).to_be_visible()
    expect(page.get_by_text("Run: python -m worker models pull aasist")).to_be_visible()
    video = page.locator("video")
    page.wait_for_function("video => video.readyState >= 2", arg=video.element_handle())
    for drawing, share in (("Waveform", 0.5), ("Spectrogram", 0.25)):
        lane = page.get_by_role("img", name=drawing)
        box = lane.bounding_box()
        assert box is not None
        lane.click(position={"x": box["width"] * share, "y": 20})
        assert time_s(page) == pytest.approx(share * LENGTH_S, abs=1 / PICTURE_HZ)
        wait_for(lambda: now_s(video) == pytest.approx(time_s(page), abs=1 / PICTURE_HZ), "the moment")
        assert marked(lane) == pytest.approx(time_s(page) / LENGTH_S, abs=0.01)
    before_s = time_s(page)
    page.keyboard.press(".")
    assert time_s(page) == pytest.approx(before_s + 1 / PICTURE_HZ, abs=0.01)
    page.get_by_role("button", name="Sound").click()
    page.get_by_role("button", name="Play").click()
    heard = "(video) => !video.muted && video.currentTime > 0.5 && video.webkitAudioDecodedByteCount > 0"
    wait_for(lambda: bool(video.evaluate(heard)), "the sound")
    lane = page.get_by_role("img", name="Spectrogram")
    reached = now_s(video) + 1
    wait_for(lambda: marked(lane) * LENGTH_S > reached, "the line on the drawing, which goes with the sound")


def time_s(page: Page) -> float:
    """The moment that the timeline shows."""
    timeline = page.get_by_role("slider", name="Time in the video")
    return float(timeline.get_attribute("aria-valuenow") or "nan")


def now_s(video: Locator) -> float:
    return float(video.evaluate("video => video.currentTime"))


def marked(lane: Locator) -> float:
    """Where on a drawing the line is that shows the moment, as a share of its width."""
    where = "lane => parseFloat(getComputedStyle(lane, '::after').left) / lane.clientWidth"
    return float(lane.evaluate(where))
