"""Results count only if the attempt that made them won."""

import dataclasses
import time
from typing import Any

import pytest
from pymongo.database import Database

from deeptrace_core.job import JobResult
from deeptrace_core.model import Thumbnail, Verdict
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store
from tests.store.conftest import Submit, claimed

RESULT = JobResult(report_sha256="c" * 64, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)


def thumbnail(track_id: int, frame_index: int, webp: bytes = b"RIFF\0webp") -> Thumbnail:
    return Thumbnail(
        track_id=track_id, frame_index=frame_index, time_s=frame_index / 25, fake_probability=0.25, webp=webp
    )


def test_thumbnails_of_the_winner_come_back(store: Store, submit: Submit) -> None:
    """Pictures come back exactly, ordered by person and then as staged, when the job is complete."""
    submit()
    job = claimed(store)
    staged = [thumbnail(1, 30), thumbnail(0, 20), thumbnail(0, 10), thumbnail(12, 5, bytes(range(256)))]
    store.results.stage_thumbnails(job, staged)
    assert store.results.thumbnails(job) == ()
    store.jobs.complete(job, RESULT)
    assert store.results.thumbnails(job) == (staged[1], staged[2], staged[0], staged[3])


def test_thumbnails_of_a_lost_attempt_are_not_shown(store: Store, settings: Settings, submit: Submit) -> None:
    """What a worker staged before and after it lost its lease is not part of the result."""
    submit()
    submit()
    with open_store(dataclasses.replace(settings, lease_s=0.02)) as hasty:
        stale = claimed(hasty)
    store.results.stage_thumbnails(stale, [thumbnail(0, 1), thumbnail(7, 1)])
    time.sleep(0.05)
    store.jobs.reap()
    fresh, other = claimed(store), claimed(store)
    assert (fresh.id, fresh.attempt) == (stale.id, 2)
    store.results.stage_thumbnails(fresh, [thumbnail(0, 2)])
    store.results.stage_thumbnails(other, [thumbnail(0, 3)])
    store.jobs.complete(fresh, RESULT)
    store.results.stage_thumbnails(stale, [thumbnail(0, 4), thumbnail(1, 4)])
    assert store.results.thumbnails(stale) == (thumbnail(0, 2),)


def test_staging_again_replaces(store: Store, submit: Submit, database: Database[dict[str, Any]]) -> None:
    """A worker may repeat a write of which it does not know whether it arrived."""
    submit()
    job = claimed(store)
    store.results.stage_thumbnails(job, [thumbnail(0, 1), thumbnail(0, 2)])
    store.results.stage_thumbnails(job, [thumbnail(0, 1), thumbnail(0, 3)])
    store.jobs.complete(job, RESULT)
    assert store.results.thumbnails(job) == (thumbnail(0, 1), thumbnail(0, 3))
    assert database.thumbnails.count_documents({}) == 2


def test_no_thumbnails_are_no_error(store: Store, submit: Submit) -> None:
    """A video without a face has no pictures."""
    submit()
    job = claimed(store)
    store.results.stage_thumbnails(job, [])
    store.jobs.complete(job, RESULT)
    assert store.results.thumbnails(job) == ()


def test_large_picture_is_refused(store: Store, submit: Submit) -> None:
    """Pictures in the database are small; 32 KB still fit."""
    submit()
    job = claimed(store)
    store.results.stage_thumbnails(job, [thumbnail(0, 0, bytes(32 * 1024))])
    with pytest.raises(ValueError, match="32769 bytes"):
        store.results.stage_thumbnails(job, [thumbnail(0, 0, bytes(32 * 1024 + 1))])
