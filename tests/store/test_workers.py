"""Workers announce themselves; who falls silent is not counted any more."""

import dataclasses
import time

from deeptrace_core.job import DetectorOffer, WorkerInfo
from deeptrace_core.store import Store

WORKER = WorkerInfo(
    id="worker-1",
    host="$host",
    pid=4711,
    version="0.1.0",
    device="cpu",
    detectors=(
        DetectorOffer(name="x", description="first", ready=True),
        DetectorOffer(name="y", description="second", ready=False),
    ),
    default_detector="x",
    started_at="2026-01-01T00:00:00Z",
)


def test_announced_worker_is_alive(store: Store) -> None:
    """What a worker says of itself comes back exactly, the oldest worker first."""
    younger = dataclasses.replace(WORKER, id="a", detectors=(), started_at="2026-01-02T00:00:00Z")
    store.workers.announce(younger)
    store.workers.announce(WORKER)
    assert store.workers.alive() == (WORKER, younger)


def test_repeated_announcement_replaces(store: Store) -> None:
    """A worker is one entry, and the last thing it said counts."""
    store.workers.announce(WORKER)
    changed = dataclasses.replace(WORKER, device="cuda:0")
    store.workers.announce(changed)
    assert store.workers.alive() == (changed,)


def test_silent_worker_is_not_alive(store: Store) -> None:
    """Who has not been heard of for a while is left out, until it speaks again."""
    store.workers.announce(WORKER, good_for_s=0.2)
    assert store.workers.alive() == (WORKER,)
    time.sleep(0.3)
    assert store.workers.alive() == ()
    store.workers.announce(WORKER)
    assert store.workers.alive() == (WORKER,)


def test_forgotten_worker_is_gone(store: Store) -> None:
    """A worker that ends in good order disappears at once; forgetting it twice is no error."""
    store.workers.announce(WORKER)
    store.workers.forget(WORKER.id)
    store.workers.forget(WORKER.id)
    assert store.workers.alive() == ()
