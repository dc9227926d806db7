"""The database is away for a while, in the middle of everything."""

import os
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deeptrace_core.blobs import Blobs
from deeptrace_core.job import JobState, StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.store import Store, open_store
from tests.clips import face_video
from tests.e2e.system import RunningSystem, wait_for

BANNER = "The database cannot be reached"


def submit_long_job(system: RunningSystem, store: Store, folder: Path) -> str:
    folder.mkdir()
    path = face_video(folder / "long.mp4", frames=1200 + len(folder.name))
    with path.open("rb") as file:
        sha256, size_bytes = Blobs(system.settings.blobs_url).put_stream(file)
    options = AnalysisOptions(detector=system.settings.detector, min_frames=1000)
    media = StoredMedia(sha256=sha256, size_bytes=size_bytes, name=path.name)
    job_id = store.jobs.submit(media, options).job_id

    def begun() -> bool:
        progress = store.jobs.get(job_id).progress
        return progress is not None and 0 < progress.done < progress.total

    wait_for(begun, "the middle of the job")
    return job_id


@pytest.mark.parametrize("stop", ["killed", "hanging"])
def test_a_database_that_goes_away_and_returns(
    page: Page, system: RunningSystem, tmp_path: Path, stop: str
) -> None:
    """The page says so and recovers by itself, the worker waits and goes on, the job ends with a report."""
    with open_store(system.settings) as store:
        job_id = submit_long_job(system, store, tmp_path / stop)
        page.goto(f"{system.url}/review?job={job_id}")
        expect(page.get_by_text("Scoring faces").first).to_be_visible()
        mongod = system.mongod_pid()
        if stop == "killed":
            os.kill(mongod, signal.SIGKILL)
        else:
            os.kill(mongod, signal.SIGSTOP)
            try:
                expect(page.get_by_text(BANNER).first).to_be_visible(timeout=45_000)
                time.sleep(5)
            finally:
                os.kill(mongod, signal.SIGCONT)
        expect(page.get_by_text("Face A").first).to_be_visible(timeout=180_000)
        expect(page.get_by_text(BANNER)).to_have_count(0)
        job = store.jobs.get(job_id)
        assert job.state is JobState.COMPLETED
        assert job.attempt <= 3
