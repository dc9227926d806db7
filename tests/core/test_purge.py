"""Deleting for good: jobs, what was staged for them, and files that no job needs any more."""

import dataclasses
import os
import threading
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from deeptrace_core import sweep
from deeptrace_core.__main__ import main
from deeptrace_core.blobs import Blobs
from deeptrace_core.errors import EnvironmentFault, JobNotFoundError
from deeptrace_core.job import Job, JobResult, StoredMedia
from deeptrace_core.model import AnalysisOptions, Verdict
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store
from deeptrace_core.sweep import Sweeper, delete_expired, delete_garbage

OPTIONS = AnalysisOptions(detector="test")
DAY_S = 24 * 3600.0
Upload = Callable[..., StoredMedia]


@pytest.fixture
def blobs(settings: Settings) -> Blobs:
    return Blobs(settings.blobs_url)


@pytest.fixture
def upload(blobs: Blobs) -> Upload:
    """Puts a file as the page does, and makes it as old as wanted."""

    def put(content: bytes | None = None, *, age_s: float = 0) -> StoredMedia:
        sha256, size_bytes = blobs.put_stream(BytesIO(content or os.urandom(16)))
        make_old(blobs, sha256, age_s)
        return StoredMedia(sha256=sha256, size_bytes=size_bytes, name="private name.mp4")

    return put


def make_old(blobs: Blobs, sha256: str, age_s: float) -> None:
    with blobs.local_file(sha256) as path:
        os.utime(path, (time.time() - age_s,) * 2)


def complete(store: Store, blobs: Blobs, media: StoredMedia, *, report_age_s: float = 0) -> Job:
    """A job of this file with a report of its own."""
    submission = store.jobs.submit(media, OPTIONS)
    job = store.jobs.claim("worker-1")
    assert job is not None
    report_sha256 = blobs.put_bytes(f"report of {job.id}".encode())
    make_old(blobs, report_sha256, report_age_s)
    result = JobResult(report_sha256=report_sha256, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)
    store.jobs.complete(job, result)
    return store.jobs.get(submission.job_id)


def report_of(job: Job) -> str:
    assert job.result is not None
    return job.result.report_sha256


def test_files_of_a_deleted_job_go_with_the_sweep(store: Store, blobs: Blobs, upload: Upload) -> None:
    """While a job exists its files stay, however old; after its deletion the next sweep removes both."""
    job = complete(store, blobs, upload(age_s=2 * DAY_S), report_age_s=2 * DAY_S)
    assert delete_garbage(store, blobs).files == ()
    store.jobs.delete(job.id)
    assert set(delete_garbage(store, blobs).files) == {job.media.sha256, report_of(job)}
    assert not blobs.exists(job.media.sha256)
    assert not blobs.exists(report_of(job))


def test_file_of_two_jobs_stays_until_both_are_deleted(store: Store, blobs: Blobs, upload: Upload) -> None:
    """The same video submitted twice is one file; the jobs' reports are their own."""
    media = upload(age_s=2 * DAY_S)
    first = complete(store, blobs, media, report_age_s=2 * DAY_S)
    second = complete(store, blobs, media, report_age_s=2 * DAY_S)
    store.jobs.delete(first.id)
    assert delete_garbage(store, blobs).files == (report_of(first),)
    store.jobs.delete(second.id)
    assert set(delete_garbage(store, blobs).files) == {media.sha256, report_of(second)}


def test_young_file_without_a_job_survives(store: Store, blobs: Blobs, upload: Upload) -> None:
    """An upload whose job is not submitted yet is not garbage; a day later it is."""
    young, old = upload(), upload(age_s=DAY_S + 60)
    almost = upload(age_s=DAY_S - 60)
    assert delete_garbage(store, blobs).files == (old.sha256,)
    assert blobs.exists(young.sha256)
    assert blobs.exists(almost.sha256)


def test_file_that_is_put_again_is_young_again(store: Store, blobs: Blobs, upload: Upload) -> None:
    """Who uploads bytes that lie there unneeded, about to be swept, finds them afterwards."""
    media = upload(b"same", age_s=2 * DAY_S)
    assert upload(b"same") == media
    assert delete_garbage(store, blobs).files == ()


def test_upload_during_sweeps_loses_nothing(store: Store, blobs: Blobs, upload: Upload) -> None:
    """Old files are put again and get their job while sweeps run all the time: no job lacks its file."""
    grace_s = 5.0
    contents = [f"file {number}".encode() for number in range(8)]
    ended = threading.Event()
    removed: list[str] = []

    def sweep_all_the_time() -> None:
        while not ended.is_set():
            removed.extend(delete_garbage(store, blobs, grace_s=grace_s).files)

    sweeper = threading.Thread(target=sweep_all_the_time)
    sweeper.start()
    try:
        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:
            for content in contents:
                # Unneeded and old at any moment up to this one: the sweep may be about to delete it.
                upload(content, age_s=2 * grace_s)
            for content in contents:
                media = upload(content)
                submission = store.jobs.submit(media, OPTIONS)
                assert blobs.exists(media.sha256)
                store.jobs.delete(submission.job_id)
    finally:
        ended.set()
        sweeper.join()
    assert removed, "no sweep removed anything, so nothing was put to the test"


def test_put_waits_for_a_deletion_of_the_same_file(
    blobs: Blobs, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moment between the look at the age and the deletion belongs to the sweep alone."""
    media = upload(b"same", age_s=2 * DAY_S)
    uploader = threading.Thread(target=upload, args=(b"same",))
    really_delete = blobs._files.rm_file

    def slowly(path: str) -> None:
        uploader.start()
        time.sleep(0.3)
        really_delete(path)

    monkeypatch.setattr(blobs._files, "rm_file", slowly)
    assert blobs.delete_if_put_before(media.sha256, blobs.now_s() - DAY_S)
    uploader.join()
    assert blobs.exists(media.sha256)


def test_broken_uploads_are_removed_when_old(store: Store, blobs: Blobs, settings: Settings) -> None:
    """What a killed upload left is not kept for ever; one that is going on is left alone."""
    blobs.put_bytes(b"any")
    parts = settings.home / "blobs" / "tmp"
    for name, age_s in (("old", 2 * DAY_S), ("young", 60)):
        (parts / name).write_bytes(b"half a video")
        os.utime(parts / name, (time.time() - age_s,) * 2)
    assert delete_garbage(store, blobs).parts == 1
    assert [path.name for path in parts.iterdir()] == ["young"]


def test_other_files_in_the_folder_are_left_alone(store: Store, blobs: Blobs, settings: Settings) -> None:
    """The sweep deletes what has the name of a blob, and nothing else."""
    name = blobs.put_bytes(b"any")
    other = settings.home / "blobs" / "sha256" / name[:2] / "notes.txt"
    other.write_text("mine")
    os.utime(other, (0, 0))
    assert delete_garbage(store, blobs).files == ()
    assert other.exists()


def test_every_kind_of_storage_can_be_swept(store: Store) -> None:
    """A storage behind a network keeps its own times."""
    blobs = Blobs(f"memory://{os.urandom(8).hex()}")
    garbage, needed = blobs.put_bytes(b"garbage"), blobs.put_bytes(b"needed")
    store.jobs.submit(StoredMedia(sha256=needed, size_bytes=6, name="x"), OPTIONS)
    assert delete_garbage(store, blobs).files == ()
    time.sleep(0.01)
    assert delete_garbage(store, blobs, grace_s=0).files == (garbage,)
    assert blobs.read(needed) == b"needed"


def test_jobs_are_kept_for_ever_unless_a_time_is_set(
    store: Store, blobs: Blobs, upload: Upload, database: Database[dict[str, Any]]
) -> None:
    """Without the setting nothing expires."""
    job = complete(store, blobs, upload())
    row = database.jobs.find_one({"_id": job.id})
    assert row is not None
    assert "expires_at" not in row
    assert store.jobs.expired() == ()


def test_expired_jobs_are_deleted_when_they_have_ended(
    settings: Settings, blobs: Blobs, upload: Upload
) -> None:
    """From its submission on a job is kept for the days set; one that is still open stays until it ends."""
    brief_settings = dataclasses.replace(settings, retention_days=0.3 / DAY_S)
    lasting_settings = dataclasses.replace(settings, retention_days=1)
    with open_store(brief_settings) as brief, open_store(lasting_settings) as lasting:
        kept = complete(lasting, blobs, upload())
        over = complete(brief, blobs, upload())
        waiting = brief.jobs.submit(upload(), OPTIONS).job_id
        assert brief.jobs.expired() == ()
        time.sleep(0.5)
        assert brief.jobs.expired() == (over.id,)
        assert delete_expired(brief) == 1
        with pytest.raises(JobNotFoundError):
            brief.jobs.get(over.id)
        assert brief.jobs.get(kept.id) == kept
        brief.jobs.cancel(waiting)
        assert delete_expired(brief) == 1


def test_deletion_is_kept_in_the_trail_without_names(
    store: Store, blobs: Blobs, upload: Upload, database: Database[dict[str, Any]]
) -> None:
    """Who deleted which job when, and the hashes of its files; nothing that says who was in them."""
    job = complete(store, blobs, upload())
    store.jobs.delete(job.id, actor="anna")
    trail = list(database.audit_events.find({"job": job.id}, sort=[("_id", 1)]))
    assert [event["event"] for event in trail] == ["submitted", "claimed", "completed", "deleted"]
    now = database.command("hello")["localTime"]
    assert 0 <= (now - trail[-1]["at"]).total_seconds() < 30
    assert (trail[-1]["actor"], trail[-1]["data"]) == (
        "anna",
        {"state": "COMPLETED", "media_sha256": job.media.sha256, "report_sha256": report_of(job)},
    )
    assert "private name" not in str(trail)


def run_purge(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    assert settings.mongodb_uri is not None
    monkeypatch.setenv("DEEPTRACE_HOME", str(settings.home))
    monkeypatch.setenv("DEEPTRACE_MONGODB_URI", settings.mongodb_uri)
    return main(["purge", *arguments])


def test_purge_says_what_it_would_do_and_does_it(
    store: Store,
    blobs: Blobs,
    upload: Upload,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A dry run changes nothing and names everything; the run itself says what it did."""
    job = complete(store, blobs, upload())
    stray = upload(age_s=2 * DAY_S)

    assert run_purge(settings, monkeypatch, "--dry-run") == 0
    assert f"Would remove the file {stray.sha256}" in capsys.readouterr().out
    assert run_purge(settings, monkeypatch, "--job", job.id, "--dry-run") == 0
    assert f"Would delete job {job.id} (COMPLETED, 'private name.mp4'" in capsys.readouterr().out
    assert blobs.exists(stray.sha256)
    assert store.jobs.get(job.id) == job

    assert run_purge(settings, monkeypatch, "--job", job.id) == 0
    assert f"Deleted job {job.id}" in capsys.readouterr().out
    assert run_purge(settings, monkeypatch, "--expired") == 0
    assert capsys.readouterr().out == "Expired jobs deleted: 0.\n"
    assert run_purge(settings, monkeypatch) == 0
    assert "Files removed: 1." in capsys.readouterr().out
    assert blobs.exists(job.media.sha256)
    assert run_purge(settings, monkeypatch, "--garbage", "--grace-hours", "0") == 0
    assert "Files removed: 2." in capsys.readouterr().out
    assert not blobs.exists(job.media.sha256)


def test_purge_of_no_job_says_so(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped id is exit code 2 and two lines, not a trace."""
    assert run_purge(settings, monkeypatch, "--job", "nonsense") == 2
    assert "No job with this address" in capsys.readouterr().err


def test_one_worker_in_all_takes_the_turn(store: Store) -> None:
    """However many ask, one sweeps, until the time has passed on the server's clock."""
    with_turn = []
    threads = [
        threading.Thread(target=lambda: with_turn.append(store.turns.take("chore", every_s=0.5)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(with_turn) == [False] * 7 + [True]
    time.sleep(0.6)
    assert store.turns.take("chore", every_s=60)
    assert not store.turns.take("chore", every_s=60)


def test_workers_sweep_by_themselves(
    store: Store, blobs: Blobs, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pulse of a worker only has to ask; the sweep runs beside it, and not again within the hour."""
    monkeypatch.setattr(sweep, "FIRST_ASKED_S", (0, 0))
    stray = upload(age_s=2 * DAY_S)
    sweeper = Sweeper(store, blobs)
    sweeper.sweep_if_due()
    deadline = time.monotonic() + 20
    while blobs.exists(stray.sha256):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    again = upload(age_s=2 * DAY_S)
    other = Sweeper(store, blobs)
    other.sweep_if_due()
    assert other._thread is not None
    other._thread.join()
    assert blobs.exists(again.sha256)


def test_a_sweep_that_cannot_go_on_breaks_off_quietly(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A storage that is away stops no worker; the log says so."""
    monkeypatch.setattr(sweep, "FIRST_ASKED_S", (0, 0))
    (tmp_path / "file").touch()
    sweeper = Sweeper(store, Blobs((tmp_path / "file").as_uri()))
    sweeper.sweep_if_due()
    assert sweeper._thread is not None
    sweeper._thread.join()
    assert "broke off" in caplog.text
    with pytest.raises(EnvironmentFault):
        delete_garbage(store, Blobs((tmp_path / "file").as_uri()))
