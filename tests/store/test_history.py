"""Finding jobs: by id, in the history, in the queue."""

import time
from typing import Any

import pytest

from deeptrace_core.errors import JobNotFoundError
from deeptrace_core.job import JobState
from deeptrace_core.store import Store
from tests.store.conftest import Submit, claimed


@pytest.mark.parametrize("job_id", ["0" * 32, "", "nonsense", "0" * 31 + "Z", "A" * 32, {"$ne": 1}, None, 7])
def test_unknown_or_malformed_id_is_not_found(store: Store, submit: Submit, job_id: Any) -> None:
    """An address that somebody mistyped or made up finds no job, and never the wrong one."""
    submit()
    with pytest.raises(JobNotFoundError):
        store.jobs.get(job_id)
    with pytest.raises(JobNotFoundError):
        store.jobs.cancel(job_id)


def test_history_shows_the_newest_first_in_pages(store: Store, submit: Submit) -> None:
    """The history is read page by page without gaps or repetitions."""
    ids = []
    for _ in range(5):
        ids.append(submit().id)
        time.sleep(0.002)
    newest = ids[::-1]
    assert newest[:2] == [job.id for job in store.jobs.history(limit=2)]
    assert newest[2:4] == [job.id for job in store.jobs.history(limit=2, skip=2)]
    assert newest[4:] == [job.id for job in store.jobs.history(limit=2, skip=4)]
    assert store.jobs.history(limit=0) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("interview", {"Interview (1).mp4"}),
        ("(1)", {"Interview (1).mp4"}),
        (".*", {"a.*b.mp4"}),
        ("[", {"x[y.mp4"}),
        ("$", {"$5.mp4"}),
        ("\\", {"back\\slash.mp4"}),
        ("ÉTÉ", {"été.mp4"}),
        ("\0", set()),
        ("\udcff", set()),
        ("x" * 40_000, set()),
        ("", {"Interview (1).mp4", "a.*b.mp4", "x[y.mp4", "$5.mp4", "back\\slash.mp4", "été.mp4"}),
    ],
)
def test_history_searches_for_the_text_itself(
    store: Store, submit: Submit, text: str, expected: set[str]
) -> None:
    """Characters that mean something in a pattern are only characters."""
    for name in ("Interview (1).mp4", "a.*b.mp4", "x[y.mp4", "$5.mp4", "back\\slash.mp4", "été.mp4"):
        submit(name=name)
    assert expected == {job.media.name for job in store.jobs.history(limit=10, name_contains=text)}


def test_history_filters_by_state(store: Store, submit: Submit) -> None:
    """The history shows the states that were asked for."""
    submit()
    running = claimed(store)
    waiting = submit()
    found = store.jobs.history(limit=10, states={JobState.PENDING})
    assert [waiting.id] == [job.id for job in found]
    both = store.jobs.history(limit=10, states=[JobState.PENDING, JobState.PROCESSING])
    assert {waiting.id, running.id} == {job.id for job in both}
    assert store.jobs.history(limit=10, states=()) == ()


def test_count_ahead_is_the_order_of_claims(store: Store, submit: Submit) -> None:
    """A waiting job knows how many are taken before it; one that is running has none."""
    first = submit()
    time.sleep(0.002)
    second = submit()
    time.sleep(0.002)
    urgent = submit(priority=1)
    assert [store.jobs.count_ahead(job) for job in (first, second, urgent)] == [1, 2, 0]
    claimed(store)
    claimed(store)
    assert [store.jobs.count_ahead(job) for job in (first, second, urgent)] == [0, 0, 0]
    assert store.jobs.queue_depth() == 1
