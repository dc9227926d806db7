"""Does what is in the database agree with what the processes saw? Pure: entries and documents in, damage out.

Every rule holds for any interleaving of kills and delays: a call took effect at some moment between its
begin and its answer, or, if it was not answered, at any later moment or never.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.fire.ledger import Entry
from benchmarks.fire.plans import Plan, fingerprint, plan_of

Document = dict[str, Any]
ENDED = ("COMPLETED", "FAILED", "CANCELLED")
WRITES = ("renew", "complete", "fail", "release")
CLOCK_SLACK_S = 0.1
"""The server compares wall clocks, and the ledger has monotonic ones."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that a run left behind."""

    entries: list[Entry]
    jobs: dict[str, Document]
    pictures: dict[str, list[tuple[int, str]]]
    """By job: token and content of each row."""
    completions: dict[str, list[int]]
    """By job: tokens of the events `completed` in the audit trail."""
    submitted: set[str]
    lease_s: float


@dataclass(frozen=True, kw_only=True)
class Damage:
    """One broken promise."""

    kind: str
    job: str
    what: str


def find_damage(evidence: Evidence) -> list[Damage]:
    """All broken promises. Empty if every job kept all of them."""
    by_job: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in evidence.entries:
        by_job[entry.job].append(entry)
    found = []
    for job_id in evidence.submitted | evidence.jobs.keys():
        row = evidence.jobs.get(job_id)
        if row is None:
            found.append(Damage(kind="lost", job=job_id, what="submitted, and not in the database"))
            continue
        for rule in RULES:
            kind = rule.__name__.removeprefix("_")
            found += [
                Damage(kind=kind, job=job_id, what=what) for what in rule(row, by_job[job_id], evidence)
            ]
    return found


def _stuck(row: Document, _entries: list[Entry], _evidence: Evidence) -> Iterator[str]:
    if row["status"] not in ENDED:
        yield f"still {row['status']} at the end"


def _token_twice(_row: Document, entries: list[Entry], _evidence: Evidence) -> Iterator[str]:
    tokens = [entry.token for entry in entries if entry.event == "claimed"]
    for token in {token for token in tokens if tokens.count(token) > 1}:
        yield f"token {token} was given to {tokens.count(token)} claims"


def _claim_forgotten(row: Document, entries: list[Entry], _evidence: Evidence) -> Iterator[str]:
    last = max((entry.token for entry in entries if entry.event == "claimed"), default=0)
    if row["attempt"] < last:
        yield f"token {last} was given out, and the job remembers {row['attempt']}"


def _two_owners(_row: Document, entries: list[Entry], evidence: Evidence) -> Iterator[str]:
    """No claim before the one before it ended or ran out."""
    claims = [entry for entry in entries if entry.event == "claimed"]
    for claim in claims:
        mine = [entry for entry in entries if entry.token == claim.token and entry.worker == claim.worker]
        if any(entry.event in ("fail?", "release?") for entry in mine):
            continue
        held = [entry.begin_s for entry in mine if entry.event in ("claimed", "renew")]
        lease_ends_s = max(held) + evidence.lease_s - CLOCK_SLACK_S
        for other in claims:
            if other is not claim and claim.end_s < other.begin_s and other.end_s < lease_ends_s:
                yield f"token {other.token} was claimed while {claim.token} was held"


def _stale_write(_row: Document, entries: list[Entry], _evidence: Evidence) -> Iterator[str]:
    """No write is accepted that began after a later claim of the same job was answered."""
    claims = [entry for entry in entries if entry.event == "claimed"]
    for write in entries:
        if write.event in WRITES and any(
            claim.token > write.token and claim.end_s < write.begin_s for claim in claims
        ):
            yield f"{write.event} of token {write.token} was accepted after a later claim"


def _write_after_the_end(row: Document, entries: list[Entry], _evidence: Evidence) -> Iterator[str]:
    """A job that has ended does not change any more."""
    ends = [entry for entry in entries if entry.state in ENDED or entry.event == "complete"]
    for end in ends:
        state = end.state if end.event != "complete" else "COMPLETED"
        if row["status"] != state:
            yield f"ended {state} by {end.event} of token {end.token}, and is {row['status']}"
        for later in entries:
            if later.begin_s > end.end_s and later.event in ("claimed", "renew", "release"):
                yield f"{later.event} of token {later.token} after it ended {state}"


def _one_effect(row: Document, entries: list[Entry], evidence: Evidence) -> Iterator[str]:
    """The winner, and nobody else, was told so; its report and its picture are the ones published."""
    told = {entry.token for entry in entries if entry.event == "complete"}
    if row["status"] != "COMPLETED":
        if told:
            yield f"tokens {sorted(told)} were told that they completed it, and it is {row['status']}"
        if "result" in row or "winner" in row:
            yield f"it is {row['status']}, and has a result"
        return
    winner = row["winner"]
    if told - {winner}:
        yield f"tokens {sorted(told)} were told that they completed it, and {winner} won"
    expected = fingerprint(row["_id"], winner, row.get("worker_id"))
    if row["result"]["report_sha256"] != expected:
        yield "its report is not that of the winner"
    if [content for token, content in evidence.pictures.get(row["_id"], []) if token == winner] != [expected]:
        yield "its picture is not that of the winner"
    if not any(
        (entry.event, entry.token, entry.worker) == ("complete?", winner, row.get("worker_id"))
        for entry in entries
    ):
        yield f"token {winner} won without having tried to"
    if any(token != winner for token in evidence.completions.get(row["_id"], [])):
        yield "the audit trail names another winner"


def _cancel_ignored(row: Document, entries: list[Entry], _evidence: Evidence) -> Iterator[str]:
    """Once a cancel was acknowledged, a job is never claimed and ends CANCELLED."""
    for cancel in entries:
        if cancel.event == "cancel" and cancel.state in ("PROCESSING", "CANCELLED"):
            if row["status"] != "CANCELLED":
                yield f"cancelled while {cancel.state}, and ended {row['status']}"
            if any(entry.event == "claimed" and entry.begin_s > cancel.end_s for entry in entries):
                yield "claimed after it was cancelled"
    if row["status"] == "CANCELLED" and not row["cancel_requested"]:
        yield "CANCELLED, and nobody asked for it"


def _gave_up_early(row: Document, _entries: list[Entry], _evidence: Evidence) -> Iterator[str]:
    """FAILED is the end of hopeless jobs and of spent attempts only; a hopeless job has no other end."""
    plan = plan_of(row["_id"])
    spent = row["attempt"] - row["releases"] >= row["max_attempts"]
    if row["status"] == "FAILED" and not spent and plan is not Plan.HOPELESS:
        yield f"FAILED after {row['attempt'] - row['releases']} of {row['max_attempts']} attempts"
    if row["status"] == "COMPLETED" and plan in (Plan.DOOMED, Plan.HOPELESS):
        yield f"COMPLETED, and was {plan}"


Rule = Callable[[Document, list[Entry], Evidence], Iterator[str]]
RULES: tuple[Rule, ...] = (
    _stuck,
    _token_twice,
    _claim_forgotten,
    _two_owners,
    _stale_write,
    _write_after_the_end,
    _one_effect,
    _cancel_ignored,
    _gave_up_early,
)
