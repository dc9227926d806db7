"""Hosts whose clocks differ share a queue: only the server's clock counts."""

import ast
import time

import pytest

from deeptrace_core.job import JobState
from deeptrace_core.settings import PROJECT_ROOT, Settings
from deeptrace_core.store import Store
from tests.store.conftest import Submit, claimed
from tests.store.hosts import host

DAY_S = 24 * 3600
READS_THE_CLOCK = {"time", "time_ns", "now", "utcnow", "today"}


@pytest.mark.parametrize("shift_s", [-DAY_S, DAY_S])
def test_leases_do_not_care(settings: Settings, store: Store, submit: Submit, shift_s: float) -> None:
    """A worker a day early or late is given a whole lease, takes nobody else's, and loses its own in time."""
    first, second = submit(), submit()
    with host(settings, shift_s, lease_s=1) as wrong:
        assert wrong.ask("claim") == first.id
        assert store.jobs.reap() == 0
        running = claimed(store)
        assert (running.id, wrong.ask("reap")) == (second.id, "0")
        assert wrong.ask("renew") == "done"
        time.sleep(1.2)
        assert store.jobs.reap() == 1
        assert wrong.ask("renew") == "LEASE_LOST"
        assert store.jobs.get(second.id) == running


@pytest.mark.parametrize("shift_s", [-DAY_S, DAY_S])
def test_retries_do_not_care(settings: Settings, store: Store, submit: Submit, shift_s: float) -> None:
    """A job delayed by a host with a wrong clock waits as long as any other, whoever asks."""
    job = submit()
    with host(settings, shift_s) as wrong:
        assert wrong.ask("claim") == job.id
        assert wrong.ask("fail") == JobState.PENDING.value
        assert (store.jobs.promote(), wrong.ask("promote")) == (0, "0")
        deadline = time.monotonic() + 20
        while wrong.ask("promote") == "0":
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert claimed(store).id == job.id


def test_order_is_that_of_the_server(settings: Settings, store: Store, submit: Submit) -> None:
    """Times on a job are all from one clock, so that they are in order whatever the host believes."""
    job = submit()
    with host(settings, -DAY_S) as wrong:
        assert wrong.ask("claim") == job.id
        done = store.jobs.get(job.id)
        assert done.started_at is not None
        assert done.created_at <= done.started_at


def test_store_never_asks_this_host_for_the_time() -> None:
    """Where it waits, it uses the monotonic clock, which no two hosts compare."""
    for path in (PROJECT_ROOT / "deeptrace_core" / "store").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in READS_THE_CLOCK:
                assert not (
                    isinstance(node.value, ast.Name) and node.value.id in {"time", "datetime", "date"}
                ), path.name
