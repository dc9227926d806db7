"""A job is deleted while a worker has it."""

import time
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from deeptrace_core.blobs import Blobs
from deeptrace_core.errors import JobNotFoundError
from deeptrace_core.job import StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store
from tests.clips import plain_frame, write_video
from tests.worker.fakes import FakeModels
from worker.loop import Worker


def test_the_worker_stops_and_writes_nothing(
    store: Store, settings: Settings, database: Database[dict[str, Any]], tmp_path: Path
) -> None:
    """Told by its next heartbeat, it drops the job: no picture, no report, no document; the next is done."""
    blobs = Blobs(settings.blobs_url)
    with write_video(tmp_path / "video.mp4", [plain_frame(100)] * 40).open("rb") as file:
        sha256, size_bytes = blobs.put_stream(file)
    media = StoredMedia(sha256=sha256, size_bytes=size_bytes, name="video.mp4")
    job_id = store.jobs.submit(media, AnalysisOptions(detector="brightness")).job_id
    batches = 0

    def delete_then_wait() -> None:
        nonlocal batches
        batches += 1
        if batches == 1:
            store.jobs.delete(job_id)
            time.sleep(2.5)

    worker = Worker(store, blobs, FakeModels(before_scoring=delete_then_wait), settings)
    assert worker.run_once()
    with pytest.raises(JobNotFoundError):
        store.jobs.get(job_id)
    assert (database.jobs.count_documents({}), database.thumbnails.count_documents({})) == (0, 0)
    files = [path.name for path in (settings.home / "blobs" / "sha256").rglob("*") if path.is_file()]
    assert files == [sha256]  # the video waits for the sweep
    second = store.jobs.submit(media, AnalysisOptions(detector="brightness")).job_id
    assert worker.run_once()
    assert store.jobs.get(second).state.value == "COMPLETED"
