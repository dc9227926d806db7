"""The main job: drop a video in, get an honest report for every face."""

import json
import os
import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deeptrace_core.blobs import Blobs
from deeptrace_core.canonical import digest
from deeptrace_core.job import JobState, StoredMedia
from deeptrace_core.model import AnalysisOptions, Assessed
from deeptrace_core.report import parse_report
from deeptrace_core.store import open_store
from tests.clips import MEDIA, face_video, needs_media
from tests.e2e.system import RunningSystem, wait_for

STRANGE_NAMES = (
    "../../etc/passwd.mp4",
    "it's 'quoted'.mp4",
    "<script>alert(1)</script>.mp4",
    "🎬 $x^2$ *bold* [l](u).mp4",
    "x" * 296 + ".mp4",
)
OVERCLAIMING = re.compile(r"\b(fake|authentic|genuine|proven|99 ?%)\b", re.IGNORECASE)


def upload(page: Page, system: RunningSystem, path: Path) -> None:
    page.goto(system.url)
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Analyze").click()
    page.wait_for_url("**/review?job=*")


def test_a_detector_without_weights_says_what_is_missing(
    page: Page, system: RunningSystem, tmp_path: Path
) -> None:
    """Who asks for weights that are not here: not assessed, why, and the command that mends it."""
    path = face_video(tmp_path / "astronaut.mp4", frames=70)
    with path.open("rb") as file, open_store(system.settings) as store:
        sha256, size_bytes = Blobs(system.settings.blobs_url).put_stream(file)
        media = StoredMedia(sha256=sha256, size_bytes=size_bytes, name=path.name)
        job_id = store.jobs.submit(media, AnalysisOptions(detector="mesoinception4-df")).job_id
    page.goto(f"{system.url}/review?job={job_id}")
    expect(page.get_by_text("Not assessed").first).to_be_visible(timeout=120_000)
    expect(page.get_by_text("python -m worker models pull mesoinception4-df").first).to_be_visible()
    assert not OVERCLAIMING.search(page.locator("body").inner_text())


def test_a_video_of_a_face_becomes_a_report(page: Page, system: RunningSystem, tmp_path: Path) -> None:
    """A made video of a face and no file from outside: verdict, faces, chart, the report's exact bytes."""
    upload(page, system, face_video(tmp_path / "astronaut.mp4", frames=75))
    expect(page.get_by_text("Face A").first).to_be_visible(timeout=180_000)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=60_000)
    page.get_by_role("tab", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the report (JSON)").click()
    data = Path(download.value.path()).read_bytes()
    report = parse_report(data)
    assert report.coverage.frames_scored == 32
    assert len(report.tracks) == 1
    assert isinstance(report.finding, Assessed)
    assert report.detector is not None
    assert report.detector.name == "deeptrace-light-1"
    assert not OVERCLAIMING.search(page.locator("body").inner_text())
    expect(page.get_by_text(digest(data)).first).to_be_attached()


@needs_media
def test_a_real_clip_becomes_a_report(page: Page, system: RunningSystem) -> None:
    """A real clip of one person through browser, database, worker and network, and found in the history."""
    upload(page, system, MEDIA / "real" / "dfo_real.mp4")
    expect(page.get_by_text("Face A").first).to_be_visible(timeout=180_000)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=60_000)
    assert not OVERCLAIMING.search(page.locator("body").inner_text().replace("dfo_real.mp4", ""))
    page.goto(f"{system.url}/history")
    expect(page.get_by_role("link", name="dfo_real.mp4").first).to_be_visible()


def test_a_killed_worker_loses_nothing(system: RunningSystem, tmp_path: Path) -> None:
    """kill -9 in the middle of a job: the next worker finishes it, in a second attempt, once."""
    path = face_video(tmp_path / "long.mp4", frames=1200)
    blobs = Blobs(system.settings.blobs_url)
    with open_store(system.settings) as store:
        with path.open("rb") as file:
            sha256, size_bytes = blobs.put_stream(file)
        options = AnalysisOptions(detector=system.settings.detector, min_frames=900)
        media = StoredMedia(sha256=sha256, size_bytes=size_bytes, name=path.name)
        job_id = store.jobs.submit(media, options).job_id

        def half_done() -> bool:
            progress = store.jobs.get(job_id).progress
            return progress is not None and 0 < progress.done < progress.total

        wait_for(half_done, "the middle of the job")
        os.kill(system.worker_pid(), signal.SIGKILL)
        wait_for(lambda: store.jobs.get(job_id).state is JobState.COMPLETED, "another worker", 180)
        job = store.jobs.get(job_id)
    assert job.attempt == 2
    assert job.result is not None
    report = json.loads(blobs.read(job.result.report_sha256))
    assert report["coverage"]["frames_decoded"] == 900
    assert report["coverage"]["frames_scored"] > 800


@pytest.mark.parametrize("name", STRANGE_NAMES)
def test_a_strange_file_name_is_shown_as_it_is(page: Page, system: RunningSystem, name: str) -> None:
    """Path, quotes, markup, emoji: shown literally, never run and never used as a path."""
    page.goto(system.url)
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "video/mp4", "buffer": b"\x00\x00\x00\x18ftypisom" + name.encode()}
    )
    page.get_by_role("button", name="Analyze").click()
    expect(page.get_by_text("this says nothing about whether").first).to_be_visible(timeout=60_000)
    # A long name is shortened in its middle.
    shown = page.get_by_role("heading", level=1).inner_text()
    assert re.fullmatch(re.escape(shown).replace("…", ".+"), name)
