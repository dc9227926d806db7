"""What workers do now and then keeps the queue going, and costs an idle database next to nothing."""

import dataclasses
import threading
import time
from typing import Any

import pytest
from pymongo.database import Database

from deeptrace_core.job import JobFailure, JobState, WorkerInfo
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store, pulse
from deeptrace_core.store.pulse import BEAT_S, LONGEST_REST_S
from tests.store.conftest import Submit, claimed

FAILURE = JobFailure(code="ANY", what="It went wrong.", advice="Try again.")
WORKER = WorkerInfo(
    id="worker-1",
    host="host",
    pid=1,
    version="0",
    device="cpu",
    detectors=(),
    default_detector="x",
    started_at="2026-01-01T00:00:00Z",
)


def operations(database: Database[dict[str, Any]]) -> int:
    """All that the server has done for anybody, but for the drivers' own heartbeats."""
    status = database.client.admin.command("serverStatus")
    done: int = sum(count for count in status["opcounters"].values() if isinstance(count, int))
    heartbeats: int = status["metrics"]["commands"]["hello"]["total"]
    return done - heartbeats


def test_a_beat_announces_and_looks_after_jobs(
    store: Store, settings: Settings, submit: Submit, database: Database[dict[str, Any]]
) -> None:
    """One beat of any worker brings back the job of a dead one and a delayed one whose time has come."""
    dead, delayed = submit(), submit()
    with open_store(dataclasses.replace(settings, lease_s=0.02)) as hasty:
        assert claimed(hasty).id == dead.id
    store.jobs.fail(claimed(store), FAILURE, retry=True)
    database.jobs.update_one({"_id": delayed.id}, [{"$set": {"run_at": "$$NOW"}}])
    time.sleep(0.05)
    store.pulse.beat(WORKER)
    assert store.workers.alive() == (WORKER,)
    assert {store.jobs.get(job.id).state for job in (dead, delayed)} == {JobState.PENDING}
    assert {claimed(store).id, claimed(store).id} == {dead.id, delayed.id}


def test_a_beat_leaves_alone_what_is_in_order(store: Store, submit: Submit) -> None:
    """Running jobs keep their lease, and delayed ones their delay."""
    submit()
    running = claimed(store)
    submit()
    store.jobs.fail(claimed(store), FAILURE, retry=True)
    store.pulse.beat(WORKER)
    assert store.jobs.get(running.id) == running
    assert store.jobs.claim("worker-2") is None


def test_a_beat_wakes_for_a_job_whose_event_was_missed(store: Store, submit: Submit) -> None:
    """The stream may break off without a word; the pulse finds the job."""
    submit()
    store.pulse.beat(WORKER)
    store.jobs._arrivals._thread = threading.Thread()  # it listens no more
    start = time.monotonic()
    store.jobs.wait(20)
    assert time.monotonic() - start < 5


def test_worker_that_beats_in_time_is_always_alive(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every beat announces, but no rest is longer than an announcement is good for."""
    monkeypatch.setattr(pulse, "BEAT_S", 0.1)
    for _ in range(12):
        time.sleep(store.pulse.beat(WORKER))
        assert store.workers.alive() == (WORKER,)
    time.sleep(0.4)
    assert store.workers.alive() == ()


@pytest.mark.parametrize(("workers", "rest_s"), [(1, BEAT_S), (4, 4 * BEAT_S), (40, LONGEST_REST_S)])
def test_many_workers_rest_longer(store: Store, workers: int, rest_s: float) -> None:
    """However many there are, the database hears from one of them every few seconds."""
    for number in range(workers):
        store.workers.announce(dataclasses.replace(WORKER, id=f"worker-{number}"), good_for_s=60)
    assert store.pulse.beat(dataclasses.replace(WORKER, id="worker-0")) == pytest.approx(rest_s, rel=0.21)


def test_an_idle_beat_is_one_or_two_operations_and_reads_no_job(
    store: Store, submit: Submit, database: Database[dict[str, Any]]
) -> None:
    """With a long history it looks into indexes alone."""
    job = submit()
    row = database.jobs.find_one({"_id": job.id})
    assert row is not None
    ended = {**row, "status": "CANCELLED", "ready": False, "finished_at": row["created_at"]}
    database.jobs.insert_many([{**ended, "_id": f"{number:032x}"} for number in range(500)])
    store.jobs.cancel(job.id)
    store.pulse.beat(WORKER)

    def read() -> int:
        status = database.client.admin.command("serverStatus")
        count: int = status["metrics"]["queryExecutor"]["scannedObjects"]
        return count

    before, read_before = operations(database), read()
    for _ in range(10):
        store.pulse.beat(WORKER)
    assert operations(database) - before < 10 * 2 + 10
    assert read() - read_before < 10 * 5
