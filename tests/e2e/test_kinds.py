"""A picture and a sound file on their whole way: dropped in, analyzed, shown, heard, taken away."""

from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect
from skimage.data import astronaut

from deeptrace_core.model import MediaKind, NotAssessed, Reason
from deeptrace_core.report import parse_report
from tests.e2e.system import RunningSystem, wait_for
from tests.e2e.test_main_job import OVERCLAIMING, upload
from tests.sounds import voice, write_with_sound


def test_a_picture_becomes_a_report(system: RunningSystem, page: Page, tmp_path: Path) -> None:
    """The picture with a box on the face, its score, and no verdict, no chart and no player."""
    path = tmp_path / "astronaut.jpg"
    Image.fromarray(astronaut()).save(path, quality=92)
    upload(page, system, path)
    expect(page.get_by_text("Not assessed: one picture gives no range.")).to_be_visible(timeout=180_000)
    shown = page.get_by_role("img", name="The picture with the faces that were examined, 1 face found")
    expect(shown).to_be_visible()
    wait_for(lambda: bool(shown.evaluate("(image) => image.complete && image.naturalWidth === 512")), "it")
    box, around = page.locator(".dt-box").bounding_box(), shown.bounding_box()
    assert box is not None
    assert around is not None
    # Where her face is in that picture.
    assert 0.32 < (box["x"] - around["x"]) / around["width"] < 0.42
    assert 0.1 < (box["y"] - around["y"]) / around["height"] < 0.25
    expect(page.locator("video")).to_have_count(0)
    expect(page.locator(".js-plotly-plot")).to_have_count(0)
    assert not OVERCLAIMING.search(page.locator("body").inner_text())
    page.get_by_role("tab", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the report (JSON)").click()
    report = parse_report(Path(download.value.path()).read_bytes())
    assert report.media.kind is MediaKind.PICTURE
    assert isinstance(report.finding, NotAssessed)
    assert report.finding.reason is Reason.ONE_PICTURE
    assert report.coverage.frames_scored == 1


def test_a_sound_file_becomes_a_report(system: RunningSystem, page: Page, tmp_path: Path) -> None:
    """No picture is said to be no picture; what was heard is drawn, and can be listened to."""
    upload(page, system, write_with_sound(tmp_path / "voice.wav", voice(12), codec="pcm_s16le"))
    expect(page.get_by_text("Not assessed: no picture in this file.")).to_be_visible(timeout=180_000)
    expect(page.get_by_role("img", name="Waveform")).to_be_visible()
    expect(page.locator("video")).to_be_hidden()
    expect(page.get_by_role("button", name="Boxes")).to_be_hidden()
    page.get_by_role("button", name="Play").click()
    heard = "(video) => !video.muted && video.currentTime > 0.5 && video.webkitAudioDecodedByteCount > 0"
    wait_for(lambda: bool(page.locator("video").evaluate(heard)), "the sound")
    page.get_by_role("button", name="Pause").click()
    before_s = page.locator("video").evaluate("(video) => video.currentTime")
    page.get_by_role("button", name="+ 1 s").click()
    after = "(video) => video.currentTime"
    wait_for(lambda: page.locator("video").evaluate(after) > before_s + 0.8, "a second later")
    assert not OVERCLAIMING.search(page.locator("body").inner_text())


def test_a_picture_of_a_phone_is_refused_with_what_to_do(system: RunningSystem, page: Page) -> None:
    """HEIC, before it is stored."""
    page.goto(system.url)
    page.locator("input[type=file]").set_input_files(
        {"name": "IMG_1.HEIC", "mimeType": "image/heic", "buffer": b"\0\0\0\x18ftypheic" + bytes(5000)}
    )
    expect(page.get_by_text("This is a picture in the format HEIC").first).to_be_visible()
    expect(page.get_by_text("Save it as JPEG or PNG").first).to_be_visible()
