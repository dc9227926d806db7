"""Searching and paging the list of jobs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from deeptrace_core.casework import CaseLabel
from deeptrace_core.job import Job, JobResult, JobState
from deeptrace_core.listing import Page, Place, Search
from deeptrace_core.model import Verdict
from deeptrace_core.store import Store
from tests.store.conftest import Submit, claimed

RawDatabase = Database[dict[str, Any]]


def names(page: Page) -> list[str]:
    return [job.media.name for job in page.jobs]


def found(store: Store, **search: Any) -> set[str]:
    return set(names(store.listing.page(Search(**search), 50)))


def completed(store: Store, submit: Submit, name: str, verdict: Verdict) -> Job:
    submit(name=name)
    job = claimed(store)
    store.jobs.complete(job, JobResult(report_sha256="c" * 64, verdict=verdict, reason=None, score=0.5))
    return store.jobs.get(job.id)


def test_pages_go_back_and_forth_without_gaps(store: Store, submit: Submit, database: RawDatabase) -> None:
    """Newest first, in both directions, with many jobs of one millisecond, and though new ones come."""
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    for number in range(7):
        submit(name=f"{number}")
    database.jobs.update_many({}, {"$set": {"created_at": moment}})
    everything = Search()
    first = store.listing.page(everything, 3)
    assert (len(first.jobs), first.has_newer, first.has_older) == (3, False, True)
    submit(name="new")
    second = store.listing.page(everything, 3, older_than=Place.of(first.jobs[-1]))
    assert (len(second.jobs), second.has_newer, second.has_older) == (3, True, True)
    third = store.listing.page(everything, 3, older_than=Place.of(second.jobs[-1]))
    assert (len(third.jobs), third.has_newer, third.has_older) == (1, True, False)
    assert sorted(names(first) + names(second) + names(third)) == [str(number) for number in range(7)]
    assert store.listing.page(everything, 3, newer_than=Place.of(third.jobs[0])).jobs == second.jobs
    top = store.listing.page(everything, 9, newer_than=Place.of(third.jobs[0]))
    assert (names(top)[0], top.has_newer, top.has_older) == ("new", False, True)


def test_a_page_whose_jobs_are_gone_is_empty_and_leads_back(store: Store, submit: Submit) -> None:
    """Nobody is stranded behind the end of the list."""
    old, new = submit(name="old"), submit(name="new")
    store.jobs.delete(old.id)
    page = store.listing.page(Search(), 5, older_than=Place.of(store.jobs.get(new.id)))
    assert (page.jobs, page.has_newer, page.has_older) == ((), True, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HARB", {"harbour.mp4"}),
        ("(1)", {"x (1).mp4"}),
        ("speech", {"x (1).mp4"}),
        ("r-7", {"x (1).mp4"}),
        (".*", set()),
        ("\0", set()),
        ("\ud800", set()),
        ("  ", {"harbour.mp4", "x (1).mp4"}),
    ],
)
def test_text_is_looked_for_in_names_and_cases(
    store: Store, submit: Submit, text: str, expected: set[str]
) -> None:
    """Without regard to capitals, and as it is."""
    submit(name="harbour.mp4")
    job = submit(name="x (1).mp4")
    store.cases.label(job.id, CaseLabel(name="The Speech", reference="R-7"), by="anna")
    assert found(store, text=text) == expected


def test_a_job_is_found_by_its_id_and_by_hashes(store: Store, submit: Submit) -> None:
    """Whole or from the beginning on, at least six digits."""
    job = completed(store, submit, "a.mp4", Verdict.INCONCLUSIVE)
    submit(name="b.mp4")
    for digits in (job.media.sha256, job.media.sha256[:9].upper(), job.id[:8], "c" * 64, "c" * 6):
        assert found(store, text=digits) == {"a.mp4"}
    assert found(store, text="c" * 5) == set()


def test_outcomes_and_times_narrow_the_list(store: Store, submit: Submit, database: RawDatabase) -> None:
    """Any of the verdicts and states that were chosen, submitted from a moment on to before another."""
    signs = completed(store, submit, "signs.mp4", Verdict.SIGNS_FOUND)
    completed(store, submit, "none.mp4", Verdict.NO_SIGNS_FOUND)
    submit(name="waits.mp4")
    assert found(store, outcomes=frozenset({Verdict.SIGNS_FOUND})) == {"signs.mp4"}
    assert found(store, outcomes=frozenset({Verdict.SIGNS_FOUND, JobState.PENDING})) == {
        "signs.mp4",
        "waits.mp4",
    }
    assert found(store, outcomes=frozenset({JobState.FAILED})) == set()
    day = datetime(2026, 3, 1, tzinfo=UTC)
    database.jobs.update_one({"_id": signs.id}, {"$set": {"created_at": day}})
    assert found(store, since=day, before=day + timedelta(days=1)) == {"signs.mp4"}
    assert found(store, before=day) == set()
    assert found(store, since=day + timedelta(days=1), text="none") == {"none.mp4"}
