"""Counts for people who run the system."""

from deeptrace_core.job import JobFailure, JobState
from deeptrace_core.store import Store
from tests.store.conftest import Submit, claimed


def test_the_queue_in_figures(store: Store, submit: Submit) -> None:
    """Every state has its number, and the oldest that waits its time."""
    assert store.figures.queue().oldest_waiting_since is None
    submit()
    failed = claimed(store)
    store.jobs.fail(failed, JobFailure(code="ANY", what="x", advice="y"), retry=False)
    oldest = submit()
    submit()
    figures = store.figures.queue()
    assert figures.counts == dict.fromkeys(JobState, 0) | {JobState.PENDING: 2, JobState.FAILED: 1}
    assert figures.oldest_waiting_since == oldest.created_at


def test_the_size_of_the_database(store: Store, submit: Submit) -> None:
    """More than nothing."""
    submit()
    assert store.figures.database_bytes() > 0
