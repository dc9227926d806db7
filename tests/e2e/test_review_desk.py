"""The review page in a real browser: the player, its timeline, keys, links to a moment."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from deeptrace_core.blobs import Blobs
from deeptrace_core.job import StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.report import parse_report
from deeptrace_core.store import open_store
from tests.clips import face_video
from tests.e2e.system import RunningSystem, wait_for

FRAMES = 75
RATE_HZ = 25


@pytest.fixture(scope="module")
def job(system: RunningSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A finished job: three seconds of a face, every frame of them examined."""
    video = face_video(tmp_path_factory.mktemp("desk") / "desk.mp4", frames=FRAMES)
    blobs = Blobs(system.settings.blobs_url)
    with video.open("rb") as file:
        sha256, size_bytes = blobs.put_stream(file)
    with open_store(system.settings) as store:
        options = AnalysisOptions(detector="deeptrace-light-1", min_frames=FRAMES)
        media = StoredMedia(sha256=sha256, size_bytes=size_bytes, name="desk.mp4")
        job_id = store.jobs.submit(media, options).job_id
        wait_for(lambda: store.jobs.get(job_id).result is not None, "the report of desk.mp4")
        yield job_id


@pytest.fixture
def desk(page: Page, system: RunningSystem, job: str) -> Locator:
    """The player of that job, ready."""
    return opened(page, f"{system.url}/review?job={job}")


def opened(page: Page, url: str) -> Locator:
    page.goto(url)
    player = page.get_by_role("group", name="The video, with the faces that were examined")
    expect(player.get_by_text("frame", exact=False).first).to_be_visible(timeout=60_000)
    page.wait_for_function(
        "video => video.readyState >= 2", arg=player.locator("video").element_handle(), timeout=30_000
    )
    return player


def time_s(player: Locator) -> float:
    return float(player.get_by_role("slider").get_attribute("aria-valuenow") or "nan")


def click_at(player: Locator, share: float) -> None:
    box = player.get_by_role("slider").bounding_box()
    assert box is not None
    player.get_by_role("slider").click(position={"x": box["width"] * share, "y": 20})


def shown_frame(player: Locator) -> int:
    """The number of the frame on the page: each is examined here."""
    found = re.search(r"frame (\d+), examined", player.locator("output").inner_text())
    assert found is not None
    return int(found[1])


def test_a_click_on_the_timeline_seeks_at_once(desk: Locator, page: Page) -> None:
    """Under 0.2 s from the click to the decoded frame, without a word to the server."""
    video = desk.locator("video").element_handle()
    seconds = []
    for share in (0.5, 0.2, 0.8, 0.35, 0.65):
        page.evaluate("video => { video.sought = new Promise(done => video.onseeked = () => done()) }", video)
        started = time.monotonic()
        click_at(desk, share)
        page.evaluate("video => video.sought", video)
        seconds.append(time.monotonic() - started)
        assert time_s(desk) == pytest.approx(share * FRAMES / RATE_HZ, abs=1.5 / RATE_HZ)
    assert sorted(seconds)[2] < 0.2


def test_keys_step_one_frame_and_ten(desk: Locator) -> None:
    """Exactly: the number is that of the examined frame at this moment."""
    click_at(desk, 0.5)
    desk.focus()
    start = shown_frame(desk)
    for key, steps in (
        (".", 1),
        (",", -1),
        ("ArrowRight", 1),
        ("Shift+ArrowRight", 10),
        ("Shift+ArrowLeft", -10),
    ):
        desk.press(key)
        expect(desk.locator("output")).to_contain_text(f"frame {start + steps}, examined")
        start += steps


def test_the_frame_shown_is_the_frame_named(
    desk: Locator, page: Page, system: RunningSystem, job: str
) -> None:
    """The picture of the face beside the video is that of the report's box at this very frame."""
    for key in (".", "."):
        desk.press(key)
    expect(desk.get_by_role("img", name=re.compile("Face A, 0:00"))).to_be_visible()
    with open_store(system.settings) as store:
        result = store.jobs.get(job).result
        assert result is not None
        report = parse_report(Blobs(system.settings.blobs_url).read(result.report_sha256))
    score = report.frames[shown_frame(desk)].faces[0].fake_probability
    assert score is not None
    expect(desk.locator(".beside")).to_contain_text(f"Score {score:.2f}")


def test_two_moments_of_a_person_stand_side_by_side(desk: Locator) -> None:
    """Kept pictures stay while the video goes on, and lead back."""
    click_at(desk, 0.1)
    desk.get_by_role("button", name="Keep").click()
    kept_s = time_s(desk)
    click_at(desk, 0.9)
    desk.get_by_role("button", name="Keep").click()
    kept = desk.locator(".kept li")
    expect(kept).to_have_count(2)
    kept.first.get_by_role("button", name="Go there").click()
    assert time_s(desk) == pytest.approx(kept_s, abs=0.01)
    kept.first.get_by_role("button", name="Remove").click()
    expect(kept).to_have_count(1)


def test_a_link_leads_to_the_moment(desk: Locator, page: Page) -> None:
    """The address follows the player, and a reload shows the same frame."""
    click_at(desk, 0.6)
    frame = shown_frame(desk)
    page.wait_for_url(re.compile(r"[?&]t=1\.\d\d"), timeout=20_000)
    player = opened(page, page.url)
    expect(player.locator("output")).to_contain_text(f"frame {frame}, examined", timeout=20_000)


def test_a_new_note_is_about_the_moment_that_is_shown(desk: Locator, page: Page) -> None:
    """Without typing a time."""
    click_at(desk, 0.6)
    moment = page.get_by_role("spinbutton", name="At which second")
    expect(moment).to_have_value("1.8", timeout=20_000)


def test_playing_goes_on_while_the_page_does_other_things(desk: Locator, page: Page) -> None:
    """A change of the threshold marks other moments and neither stops nor reloads the video."""
    desk.get_by_role("button", name="Play").click()
    expect(desk.get_by_role("button", name="Pause")).to_be_visible()
    before: Any = desk.locator("video").element_handle()
    page.get_by_role("slider", name="Mark moments from this score on").press("ArrowLeft")
    page.wait_for_url(re.compile(r"[?&]thr="), timeout=20_000)
    assert page.evaluate("video => video.isConnected && video.currentTime > 0", before)


def test_a_phone_has_room_for_all_of_it(browser: Any, system: RunningSystem, job: str) -> None:
    """390 pixels wide without sideways scrolling, in the dark."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    opened(page, f"{system.url}/review?job={job}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
