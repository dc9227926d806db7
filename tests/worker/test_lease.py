"""The lease is kept from a thread that the work cannot block; where it can, the fence holds."""

import ctypes
import dataclasses
import time
from collections.abc import Callable, Iterator

import pytest

from deeptrace_core.errors import LeaseLostError
from deeptrace_core.job import Job, JobResult, Progress, Stage
from deeptrace_core.model import AnalysisOptions, Verdict
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store
from tests.store.conftest import claimed, make_media
from tests.store.hosts import host
from worker.lease import LeaseKeeper

LEASE_S = 1.0
RESULT = JobResult(report_sha256="c" * 64, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)


@pytest.fixture
def brief(settings: Settings) -> Iterator[Store]:
    """A store whose leases are short."""
    with open_store(dataclasses.replace(settings, lease_s=LEASE_S)) as store:
        yield store


@pytest.fixture
def job(brief: Store) -> Job:
    brief.jobs.submit(make_media(), AnalysisOptions(detector="test"))
    return claimed(brief)


def count_in_python() -> None:
    """Holds the interpreter all the time, but lets go of it now and then, as Python code does."""
    deadline_s = time.monotonic() + 3 * LEASE_S
    while time.monotonic() < deadline_s:
        sum(range(10_000))


def multiply_in_torch() -> None:
    """Is busy outside of the interpreter, as a network is."""
    torch = pytest.importorskip("torch")
    matrix = torch.rand(600, 600)
    deadline_s = time.monotonic() + 3 * LEASE_S
    while time.monotonic() < deadline_s:
        for _ in range(20):
            matrix = torch.nn.functional.normalize(matrix @ matrix)


@pytest.mark.parametrize("work", [count_in_python, multiply_in_torch])
def test_work_of_any_length_keeps_its_lease(brief: Store, job: Job, work: Callable[[], None]) -> None:
    """Work that lasts for several leases without a word is not taken away."""
    with LeaseKeeper(brief, job, lease_s=LEASE_S) as lease:
        work()
        assert brief.jobs.reap() == 0
        lease.update(Progress(stage=Stage.REPORTING))
    brief.jobs.complete(job, RESULT)


def test_code_that_never_lets_go_loses_the_job_and_can_do_no_harm(
    brief: Store, settings: Settings, job: Job
) -> None:
    """Native code that holds the interpreter for longer than a lease is told so, and another has the job."""
    with host(settings) as other, LeaseKeeper(brief, job, lease_s=LEASE_S) as lease:
        assert other.ask("claim") == "none"
        for command in ("wait", "reap", "claim"):
            other.tell(command)
        ctypes.PyDLL(None).usleep(int(2.5 * LEASE_S * 1e6))
        assert [other.answer() for _ in range(3)] == ["done", "1", job.id]
        time.sleep(0.6)
        with pytest.raises(LeaseLostError):
            lease.update(Progress(stage=Stage.SCORING))
        with pytest.raises(LeaseLostError):
            brief.jobs.complete(job, RESULT)
        assert other.ask("renew") == "done"
