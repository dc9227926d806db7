"""The analyst's desk in a real browser: find a video, judge it, take it away, delete others."""

import io
import json
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from deeptrace_core.blobs import Blobs
from deeptrace_core.canonical import digest
from deeptrace_core.casework import CaseLabel
from deeptrace_core.job import ACTIVE_STATES, StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.store import open_store
from tests.clips import face_video
from tests.e2e.system import RunningSystem, wait_for
from tests.http.conftest import desk, server, server_blobs, server_settings, server_store
from tests.http.server import Server
from tests.pages.samples import Desk, report_of, wave

__all__ = ["desk", "server", "server_blobs", "server_settings", "server_store"]  # fixtures

ColorScheme = Literal["light", "dark"]


def analyzed(system: RunningSystem, files: dict[str, bytes]) -> dict[str, str]:
    """Ids of the jobs on these files, all of them ended."""
    blobs = Blobs(system.settings.blobs_url)
    options = AnalysisOptions(detector=system.settings.detector)
    with open_store(system.settings) as store:
        ids = {}
        for name, data in files.items():
            media = StoredMedia(sha256=blobs.put_bytes(data), size_bytes=len(data), name=name)
            ids[name] = store.jobs.submit(media, options).job_id
        wait_for(
            lambda: all(store.jobs.get(job_id).state not in ACTIVE_STATES for job_id in ids.values()),
            "the analyses",
            180,
        )
    return ids


def test_an_analyst_finds_judges_takes_away_and_deletes(
    page: Page, system: RunningSystem, tmp_path: Path
) -> None:
    """Search, opinion, note, case bundle, then two others deleted for good; nothing leaves this machine."""
    face = face_video(tmp_path / "face.mp4", frames=40).read_bytes()
    ids = analyzed(system, {"desk face.mp4": face, "desk junk 1.mp4": b"one", "desk junk 2.mp4": b"two"})

    page.goto(f"{system.url}/history")
    search = page.get_by_placeholder("File name, case, reference, or SHA-256")
    search.fill("DESK FACE")
    search.press("Enter")
    expect(page.get_by_role("link", name="desk junk 1.mp4")).to_have_count(0)
    page.get_by_role("link", name="desk face.mp4").click()

    control = page.get_by_role("radiogroup", name="The whole video")
    control.get_by_text("Disagree").click()
    expect(page.get_by_text("Disagree: local").first).to_be_visible()
    page.get_by_label("A new note").fill("<b>The chin</b>")
    page.get_by_role("button", name="Add the note").click()
    expect(page.get_by_text("<b>The chin</b>")).to_be_visible()

    page.get_by_role("tab", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the case bundle (ZIP)").click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as bundle:
        manifest = json.loads(bundle.read("manifest.json"))
        assert digest(bundle.read("report.json")) == manifest["report_sha256"]
        case = json.loads(bundle.read("case.json"))
        assert [opinion["opinion"] for opinion in case["opinions"]] == ["DISAGREE"]
        assert [note["text"] for note in case["notes"]] == ["<b>The chin</b>"]
        (tmp_path / "report.html").write_bytes(bundle.read("report.html"))
    reader = page.context.new_page()
    reader.goto((tmp_path / "report.html").as_uri())
    expect(reader.get_by_text("The analyst, on the whole video")).to_be_visible()
    expect(reader.get_by_text("<b>The chin</b>")).to_be_visible()
    reader.close()

    page.goto(f"{system.url}/history")
    search.fill("desk junk")
    search.press("Enter")
    expect(page.get_by_role("link", name="desk face.mp4")).to_have_count(0)
    page.get_by_text("All on this page").click()
    page.get_by_role("button", name="Delete 2 …").click()
    expect(page.get_by_role("dialog").get_by_text("desk junk 1.mp4")).to_be_visible()
    page.get_by_role("button", name="Delete these 2 files").click()
    expect(page.get_by_text("2 files were deleted.")).to_be_visible()
    with open_store(system.settings) as store:
        left = {job.id for job in store.jobs.history(limit=50, name_contains="desk ")}
    assert left == {ids["desk face.mp4"]}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_desk_fits_on_a_phone(server: Server, desk: Desk, page: Page, theme: ColorScheme) -> None:
    """At 390 pixels no page is scrolled sideways, however long a name is."""
    one = desk.completed(report_of([wave(0.9)]), name="x" * 300)
    two = desk.completed(report_of([wave(0.5)]), name=f"two {one.id}")
    desk.store.cases.label(one.id, CaseLabel(name="c" * 200, reference="r" * 200), by="anna")
    desk.store.cases.add_note(one.id, "n" * 2_000, by="a" * 100)
    page.set_viewport_size({"width": 390, "height": 900})
    page.emulate_media(color_scheme=theme)
    for path, words in {
        f"review?job={one.id}": "Your judgement",
        "history": "All on this page",
        f"compare?a={one.id}&b={two.id}": "What came out",
        "system": "Free on the disk",
    }.items():
        page.goto(f"{server.url}/{path}")
        expect(page.get_by_text(words).first).to_be_visible(timeout=60_000)
        page.wait_for_timeout(500)
        main = page.get_by_test_id("stMain")
        assert main.evaluate("element => element.scrollWidth - element.clientWidth") == 0, path
