"""The queue under fire, in small: the full form is `python -m benchmarks.torture`."""

import dataclasses
from typing import Any

import pytest

from benchmarks.fire.broken import REJECTED_FOR, VARIANTS
from benchmarks.fire.checker import Evidence, find_damage
from benchmarks.fire.ledger import Entry
from benchmarks.fire.plans import fingerprint
from benchmarks.fire.run import Order, run

JOB = "ffffffff" + "0" * 24
LEASE_S = 1.0


def test_no_job_is_lost_or_done_twice() -> None:
    """After kill -9 and freezing of workers and kill -9 of the server, each job ended once, by one winner."""
    outcome = run(Order(seed=20261121, jobs=200, workers=5, lease_s=1.0, server_kills=1, stall_s=40))
    assert outcome["examples"] == []
    assert outcome["workers_crashed"] == 0
    assert outcome["server_killed"] == 1
    # Otherwise nothing was put to the test.
    assert outcome["workers_killed"] > 0
    assert sum(outcome["states"].values()) >= 200
    assert outcome["claims"] > outcome["states"]["COMPLETED"]


def entry(event: str, at_s: float, *, token: int = 1, worker: str = "w1", state: str = "") -> Entry:
    return Entry(
        event=event, job=JOB, token=token, worker=worker, state=state, begin_s=at_s, end_s=at_s + 0.01
    )


def completed_job(**changes: Any) -> dict[str, Any]:
    report = {"report_sha256": fingerprint(JOB, 1, "w1")}
    row = {
        "_id": JOB,
        "status": "COMPLETED",
        "attempt": 1,
        "releases": 0,
        "lapses": 0,
        "max_attempts": 3,
        "worker_id": "w1",
        "winner": 1,
        "result": report,
        "cancel_requested": False,
    }
    return {**row, **changes}


def evidence(*entries: Entry, row: dict[str, Any] | None = None) -> Evidence:
    return Evidence(
        entries=list(entries),
        jobs={JOB: completed_job() if row is None else row},
        pictures={JOB: [(1, fingerprint(JOB, 1, "w1"))]},
        completions={JOB: [1]},
        submitted={JOB},
        lease_s=LEASE_S,
    )


GOOD = (entry("claimed", 1), entry("renew", 1.1), entry("complete?", 1.2), entry("complete", 1.2))


def kinds(found: Evidence) -> set[str]:
    return {damage.kind for damage in find_damage(found)}


def test_checker_accepts_a_good_life() -> None:
    """A job that was claimed, renewed and completed has no damage, nor one that was taken over in time."""
    assert kinds(evidence(*GOOD)) == set()
    dead = (entry("claimed", 1), entry("renew", 1.1))
    second = (entry("claimed", 3, token=2, worker="w2"), entry("complete?", 3.1, token=2, worker="w2"))
    row = completed_job(
        attempt=2, winner=2, worker_id="w2", result={"report_sha256": fingerprint(JOB, 2, "w2")}
    )
    taken_over = dataclasses.replace(
        evidence(*dead, *second, row=row),
        pictures={JOB: [(2, fingerprint(JOB, 2, "w2"))]},
        completions={},
    )
    assert kinds(taken_over) == set()


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("lost", dataclasses.replace(evidence(), jobs={})),
        ("stuck", evidence(row=completed_job(status="PROCESSING"))),
        ("token_twice", evidence(*GOOD, entry("claimed", 1.3, worker="w2"))),
        ("claim_forgotten", evidence(*GOOD, entry("claimed", 0.5, token=2, worker="w2"))),
        ("two_owners", evidence(*GOOD, entry("claimed", 1.5, token=2, worker="w2"))),
        (
            "stale_write",
            evidence(*GOOD, entry("claimed", 3, token=2, worker="w2"), entry("renew", 3.5, token=1)),
        ),
        ("write_after_the_end", evidence(*GOOD, entry("renew", 2, token=1))),
        ("one_effect", evidence(*GOOD, entry("complete", 2, token=2, worker="w2"))),
        ("one_effect", evidence(*GOOD, row=completed_job(result={"report_sha256": "f" * 64}))),
        ("one_effect", dataclasses.replace(evidence(*GOOD), pictures={})),
        ("one_effect", evidence(*GOOD[:2])),
        ("cancel_ignored", evidence(*GOOD, entry("cancel", 1.15, state="PROCESSING"))),
        ("cancel_ignored", evidence(*GOOD[:2], row=completed_job(status="CANCELLED"))),
        ("gave_up_early", evidence(*GOOD[:2], row=completed_job(status="FAILED"))),
    ],
)
def test_checker_finds_each_damage(kind: str, found: Evidence) -> None:
    """Each kind of damage is found where it is; that the broken queues do it is what --self-check shows."""
    assert kind in kinds(found)


def test_each_broken_queue_has_a_damage_to_be_found() -> None:
    """No mistake counts as rejected for a reason that another one would give, too."""
    assert REJECTED_FOR.keys() == VARIANTS.keys()
