"""Idle workers wake as soon as there is something to do, and only then."""

import dataclasses
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest
from pymongo.database import Database

from deeptrace_core.job import JobFailure
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store
from tests.store.conftest import Submit, claimed

LONG_S = 20.0
"""Far above what a wake-up takes. `wait` shortens it at random to no less than half."""
PROMPT_S = 5.0
FAILURE = JobFailure(code="ANY", what="It went wrong.", advice="Try again.")


@pytest.fixture
def idle(settings: Settings) -> Iterator[Store]:
    """A worker's store that listens already and has found nothing to do."""
    with open_store(dataclasses.replace(settings, lease_s=0.05)) as store:
        store.jobs.wait(LONG_S)
        yield store


def seconds_until_woken(idle: Store, act: Callable[[], object]) -> float:
    start = time.monotonic()
    timer = threading.Timer(0.2, act)
    timer.start()
    idle.jobs.wait(LONG_S)
    timer.join()
    return time.monotonic() - start


def test_submit_wakes(idle: Store, submit: Submit) -> None:
    """A new job wakes a waiting worker at once."""
    assert seconds_until_woken(idle, submit) < PROMPT_S
    assert idle.jobs.claim("worker-1") is not None


def test_every_waiting_worker_hears(settings: Settings, submit: Submit) -> None:
    """Each worker listens for itself."""
    with open_store(settings) as first, open_store(settings) as second:
        for store in (first, second):
            store.jobs.wait(LONG_S)
        submit()
        start = time.monotonic()
        for store in (first, second):
            store.jobs.wait(LONG_S)
        assert time.monotonic() - start < PROMPT_S


def test_release_reap_and_promote_wake(
    idle: Store, store: Store, submit: Submit, database: Database[dict[str, Any]]
) -> None:
    """A job that comes back wakes, too, however it comes back."""
    submit()
    idle.jobs.wait(LONG_S)
    job = claimed(idle)
    assert seconds_until_woken(idle, lambda: store.jobs.release(job)) < PROMPT_S
    claimed(idle)
    assert seconds_until_woken(idle, store.jobs.reap) < PROMPT_S
    job = claimed(store)
    store.jobs.fail(job, FAILURE, retry=True)
    database.jobs.update_one({"_id": job.id}, [{"$set": {"run_at": "$$NOW"}}])
    assert seconds_until_woken(idle, store.jobs.promote) < PROMPT_S


def test_job_between_claim_and_wait_is_not_missed(idle: Store, submit: Submit) -> None:
    """A job that arrives after a claim found nothing and before the wait begins ends the wait."""
    for _ in range(5):
        assert idle.jobs.claim("worker-1") is None
        submit()
        start = time.monotonic()
        idle.jobs.wait(LONG_S)
        assert time.monotonic() - start < PROMPT_S
        assert idle.jobs.claim("worker-1") is not None
        idle.jobs.wait(0.01)


def test_job_before_the_first_wait_is_not_missed(store: Store, submit: Submit) -> None:
    """The first wait returns once listening has begun, so that what came before is found."""
    assert store.jobs.claim("worker-1") is None
    submit()
    start = time.monotonic()
    store.jobs.wait(LONG_S)
    assert time.monotonic() - start < PROMPT_S
    assert store.jobs.claim("worker-1") is not None


def test_work_on_other_jobs_does_not_wake(idle: Store, store: Store, submit: Submit) -> None:
    """Claims, renewals and ends of jobs leave idle workers alone."""
    submit()
    idle.jobs.wait(LONG_S)
    running = threading.Timer(0.1, lambda: store.jobs.fail(claimed(store), FAILURE, retry=False))
    running.start()
    start = time.monotonic()
    idle.jobs.wait(2)
    running.join()
    assert time.monotonic() - start > 0.9


def test_wait_ends_by_itself(idle: Store) -> None:
    """Events cannot tell everything, so a worker looks for itself now and then."""
    start = time.monotonic()
    idle.jobs.wait(0.4)
    assert 0.15 < time.monotonic() - start < PROMPT_S


def test_signal_handler_can_end_the_wait(idle: Store) -> None:
    """Ctrl-C stops an idle worker at once."""

    def on_alarm(_number: int, _frame: FrameType | None) -> None:
        idle.jobs.wake()

    before = signal.signal(signal.SIGALRM, on_alarm)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        start = time.monotonic()
        idle.jobs.wait(LONG_S)
        assert time.monotonic() - start < PROMPT_S
    finally:
        signal.signal(signal.SIGALRM, before)
