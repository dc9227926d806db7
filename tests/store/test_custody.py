"""The chain of custody: whole as the program writes it, and never after somebody else's hand was in it."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from deeptrace_core.__main__ import main
from deeptrace_core.casework import VIDEO, CaseLabel, Opinion
from deeptrace_core.custody import SYSTEM, Head, case_chain
from deeptrace_core.custody_check import first_break, hash_of
from deeptrace_core.errors import EnvironmentFault
from deeptrace_core.formats.bundle_zip import BundleZip
from deeptrace_core.formats.report_html import ReportHtml
from deeptrace_core.job import Job, JobFailure, JobResult
from deeptrace_core.model import AnalysisOptions, Verdict
from deeptrace_core.settings import PROJECT_ROOT, Settings
from deeptrace_core.store import Store
from tests.formats.dossiers import judged
from tests.pages.samples import Desk
from tests.store.conftest import Submit, claimed, make_media

RawDatabase = Database[dict[str, Any]]
RESULT = JobResult(report_sha256="c" * 64, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)
Tamper = Callable[[RawDatabase, dict[str, Any]], object]


@pytest.fixture
def job(store: Store, options: AnalysisOptions) -> Job:
    """A job with a chain of eight events."""
    media = make_media()
    store.jobs.submit(media, options, by="anna", uploaded=True)
    taken = claimed(store)
    store.jobs.complete(taken, RESULT)
    store.cases.mark(taken.id, VIDEO, Opinion.AGREE, by="anna")
    store.cases.add_note(taken.id, "lips", at_s=12.0, by="ben")
    store.cases.label(taken.id, CaseLabel(name="Harbour", reference="R-1"), by="anna")
    store.audit.record("exported", job_id=taken.id, actor="anna", format="zip", size_bytes=2**40)
    return store.jobs.get(taken.id)


@pytest.fixture
def check(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command as a person does. Returns its exit code and all that it said."""
    monkeypatch.setenv("DEEPTRACE_HOME", str(settings.home))
    monkeypatch.setenv("DEEPTRACE_MONGODB_URI", settings.mongodb_uri or "")

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["custody", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_every_act_is_an_event_with_who_what_when_and_the_hash_before(store: Store, job: Job) -> None:
    """From the upload to the export, in one chain without a gap, on the clock of the database."""
    events = store.audit.of(job.id)
    assert [(event.number, event.event, event.actor) for event in events] == [
        (1, "uploaded", "anna"),
        (2, "submitted", "anna"),
        (3, "claimed", "worker-1"),
        (4, "completed", "worker-1"),
        (5, "opinion", "anna"),
        (6, "note_added", "ben"),
        (7, "case_labelled", "anna"),
        (8, "exported", "anna"),
    ]
    assert [event.previous for event in events] == ["", *[event.hash for event in events[:-1]]]
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert all(hash_of(event) == event.hash for event in events)
    assert first_break(job.id, events, store.audit.remembered(job.id)) is None


def test_whole_chain_is_said_to_be_whole_with_its_head(store: Store, job: Job, check: Any) -> None:
    """By the id of the job, and by the reference of its case."""
    head = store.audit.remembered(job.id)
    assert head is not None
    code, said = check(job.id)
    assert (code, "whole, 8 events" in said, head.hash in said) == (0, True, True)
    assert check(job.id, "--head", head.hash)[0] == 0
    assert check(job.id, "--head", "0" * 64)[0] == 2
    code, said = check("R-1")
    assert code == 0
    assert job.id in said
    assert case_chain("R-1") in said


def _swap(database: RawDatabase, row: dict[str, Any]) -> None:
    other = database.audit_events.find_one({"chain": row["chain"], "number": row["number"] + 1})
    assert other is not None
    move = database.audit_events.update_one
    move({"_id": row["_id"]}, {"$set": {"number": 1_000}})
    move({"_id": other["_id"]}, {"$set": {"number": row["number"]}})
    move({"_id": row["_id"]}, {"$set": {"number": other["number"]}})


def _alter_and_hash_again(database: RawDatabase, row: dict[str, Any], store: Store) -> None:
    database.audit_events.update_one({"_id": row["_id"]}, {"$set": {"actor": "mallory"}})
    (event,) = [one for one in store.audit.of(row["chain"]) if one.number == row["number"]]
    database.audit_events.update_one({"_id": row["_id"]}, {"$set": {"hash": hash_of(event)}})


def _set(**change: Any) -> Tamper:
    return lambda database, row: database.audit_events.update_one({"_id": row["_id"]}, {"$set": change})


@pytest.mark.parametrize("number", [1, 4, 8])
@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda database, row: database.audit_events.delete_one({"_id": row["_id"]}), "it is missing"),
        (_set(actor="mallory"), "was altered"),
        (_set(event="viewed"), "was altered"),
        (_set(**{"data.verdict": "NO_SIGNS_FOUND"}), "was altered"),
        (_set(token=77), "was altered"),
        (_set(hash="0" * 64), "was altered"),
    ],
    ids=["deleted", "actor", "event", "data", "token", "hash"],
)
def test_tampered_event_is_found_and_named(
    database: RawDatabase, job: Job, check: Any, number: int, tamper: Tamper, said: str
) -> None:
    """The first, one in the middle and the last: the command fails and names the event."""
    row = database.audit_events.find_one({"chain": job.id, "number": number})
    assert row is not None
    tamper(database, row)
    code, output = check(job.id)
    assert code == 2
    assert f"broken at event {number}: " in output
    assert said in output
    assert check("R-1")[0] == 2


@pytest.mark.parametrize("number", [1, 4, 7])
def test_reordered_events_are_found(database: RawDatabase, job: Job, check: Any, number: int) -> None:
    """Two events that change places are both not what they were."""
    row = database.audit_events.find_one({"chain": job.id, "number": number})
    assert row is not None
    _swap(database, row)
    code, output = check(job.id)
    assert (code, f"broken at event {number}: " in output) == (2, True)


@pytest.mark.parametrize("number", [1, 4, 8])
def test_event_that_was_altered_and_hashed_again_breaks_the_next_link(
    store: Store, database: RawDatabase, job: Job, check: Any, number: int
) -> None:
    """Who knows how hashes are made must change all later ones, and what was seen of them outside."""
    row = database.audit_events.find_one({"chain": job.id, "number": number})
    assert row is not None
    _alter_and_hash_again(database, row, store)
    code, output = check(job.id)
    assert (code, f"broken at event {min(number + 1, 8)}: " in output) == (2, True)


def test_whole_chain_that_vanished_is_missed(database: RawDatabase, job: Job, check: Any) -> None:
    """By the note of its end, by its case, and by the job itself."""
    database.audit_events.delete_many({"job": job.id})
    assert check(job.id)[0] == 2
    assert check("R-1")[0] == 2
    database.custody_heads.delete_one({"_id": job.id})
    code, output = check(job.id)
    assert (code, "not one event" in output) == (2, True)


def test_another_report_in_the_job_is_found(database: RawDatabase, job: Job, check: Any) -> None:
    """The chain says which report the worker stored."""
    database.jobs.update_one({"_id": job.id}, {"$set": {"result.report_sha256": "d" * 64}})
    code, output = check(job.id)
    assert (code, "c" * 64 in output) == (2, True)


def test_deleted_job_leaves_its_chain(store: Store, database: RawDatabase, job: Job, check: Any) -> None:
    """It ends with who deleted it, is checked as before, and its case still knows the job."""
    store.jobs.delete(job.id, actor="anna")
    assert store.audit.of(job.id)[-1].event == "deleted"
    assert check(job.id)[0] == 0
    code, said = check("R-1")
    assert (code, job.id in said) == (0, True)
    assert "lips" not in str(list(database.audit_events.find()))
    assert "Harbour" not in str(list(database.audit_events.find()))
    database.audit_events.delete_one({"job": job.id, "event": "deleted"})
    database.custody_heads.delete_one({"_id": job.id})
    code, output = check(job.id)
    assert (code, "no event says who deleted it" in output) == (2, True)


def test_unknown_job_or_case_is_said_to_be_unknown(store: Store, check: Any) -> None:
    """Nothing to check is not whole."""
    assert check("0" * 32)[0] == 2
    assert check("no such case")[0] == 2


def test_events_from_before_there_were_chains_stay_readable(
    store: Store, submit: Submit, database: RawDatabase, check: Any
) -> None:
    """They come first, are no part of the chain, and the command says so."""
    job = submit()
    for row in list(database.audit_events.find({"job": job.id})):
        old = {name: row[name] for name in ("at", "event", "actor", "data", "job")}
        database.audit_events.replace_one({"_id": row["_id"]}, old)
    database.custody_heads.delete_many({})
    store.cases.mark(job.id, VIDEO, Opinion.AGREE, by="anna")
    assert [(event.event, event.number) for event in store.audit.of(job.id)] == [
        ("submitted", None),
        ("opinion", 1),
    ]
    code, said = check(job.id)
    assert (code, "1 events have no place" in said) == (0, True)


def test_processes_that_add_at_once_make_one_chain(store: Store, settings: Settings, submit: Submit) -> None:
    """Six processes and, between them, transactions: every event is there once, and no chain forks."""
    job = submit()
    command = [sys.executable, "-m", "tests.store.appender", settings.mongodb_uri or "", job.id]
    others = [subprocess.Popen([*command, f"p{n}", "25"], cwd=PROJECT_ROOT) for n in range(6)]
    for n in range(25):
        store.cases.mark(job.id, f"0-{n}", Opinion.UNSURE, by="anna")
    assert [other.wait(120) for other in others] == [0] * 6
    events = store.audit.of(job.id)
    assert [event.number for event in events] == list(range(1, 1 + 6 * 25 + 25 + 1))
    assert first_break(job.id, events, store.audit.remembered(job.id)) is None
    added = sorted((event.actor, event.data["n"]) for event in events if event.event == "viewed")
    assert added == sorted((f"p{n}", number) for n in range(6) for number in range(25))


@pytest.mark.parametrize("act", ["submit", "complete", "fail", "release", "cancel"])
def test_act_that_cannot_be_written_down_does_not_happen(
    store: Store, submit: Submit, database: RawDatabase, act: str
) -> None:
    """The state of the job and its custody are one: without the one there is not the other."""
    submit()
    job = claimed(store)
    before = list(database.jobs.find())
    database.command("collMod", "audit_events", validator={"event": "nothing else"})
    failure = JobFailure(code="ANY", what="", advice="")
    doings: dict[str, Callable[[], object]] = {
        "submit": lambda: store.jobs.submit(make_media(), AnalysisOptions(detector="test")),
        "complete": lambda: store.jobs.complete(job, RESULT),
        "fail": lambda: store.jobs.fail(job, failure, retry=False),
        "release": lambda: store.jobs.release(job),
        "cancel": lambda: store.jobs.cancel(job.id),
    }
    with pytest.raises(EnvironmentFault):
        doings[act]()
    assert list(database.jobs.find()) == before


def test_two_threads_that_begin_a_chain_make_one(store: Store) -> None:
    """The first event, too, has one place only."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.audit.record("viewed", chain="fresh", n=n), range(32)))
    events = store.audit.of("fresh")
    assert sorted(event.data["n"] for event in events) == list(range(32))
    assert first_break("fresh", events, store.audit.remembered("fresh")) is None


def test_database_refuses_a_fork(store: Store, database: RawDatabase, job: Job) -> None:
    """Whatever a program does wrong: no second event with a number that is there."""
    row = database.audit_events.find_one({"chain": job.id, "number": 3})
    assert row is not None
    with pytest.raises(Exception, match="E11000"):
        database.audit_events.insert_one({name: row[name] for name in row if name != "_id"})


def test_acts_of_workers_are_events(store: Store, submit: Submit) -> None:
    """Each attempt, by which worker, and how it ended."""
    job = submit()
    first = claimed(store)
    store.jobs.release(first)
    failure = JobFailure(code="ANY", what="private", advice="")
    store.jobs.fail(claimed(store, "worker-2"), failure, retry=False)
    assert [(event.event, event.actor, event.token) for event in store.audit.of(job.id)] == [
        ("submitted", "", None),
        ("claimed", "worker-1", 1),
        ("released", "worker-1", 1),
        ("claimed", "worker-2", 2),
        ("failed", "worker-2", 2),
    ]


def test_exports_carry_the_head(store: Store, settings: Settings, check: Any, tmp_path: Path) -> None:
    """The bundle can be checked by itself; the page to read names the same hash."""
    from deeptrace_core.blobs import Blobs

    dossier = judged(Desk(store=store, blobs=Blobs(settings.blobs_url)))
    head = store.audit.remembered(dossier.job.id)
    assert head is not None
    with io.BytesIO() as page:
        ReportHtml().write(dossier, page)
        assert head.hash in page.getvalue().decode()
    path = tmp_path / "case.zip"
    with path.open("wb") as out:
        BundleZip().write(dossier, out)
    with zipfile.ZipFile(path) as bundle:
        manifest = json.loads(bundle.read("manifest.json"))
        custody = json.loads(bundle.read("custody.json"))
    assert manifest["custody"] == {"number": head.number, "hash": head.hash}
    assert check(str(path))[0] == 0
    custody["events"].pop()
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(broken, "w") as bundle:
        bundle.writestr("manifest.json", json.dumps(manifest))
        bundle.writestr("custody.json", json.dumps(custody))
    code, output = check(str(broken))
    assert (code, f"broken at event {head.number}" in output) == (2, True)
    (tmp_path / "no.zip").write_bytes(b"no")
    assert check(str(tmp_path / "no.zip"))[0] == 2


def test_what_concerns_no_job_has_a_chain_too(store: Store) -> None:
    """The system's."""
    store.audit.record("anchor_submitted", actor="notary", value="a")
    (event,) = store.audit.of(SYSTEM)
    assert (event.chain, event.number) == (SYSTEM, 1)


def test_remembered_head_must_be_in_the_chain(store: Store, job: Job) -> None:
    """A chain that was rewritten as a whole is not the one that was seen."""
    events = store.audit.of(job.id)
    assert first_break(job.id, events, Head(number=5, hash=events[4].hash or "")) is None
    broken = first_break(job.id, events, Head(number=5, hash="0" * 64))
    assert broken is not None
    assert broken.number == 5
    assert first_break("other", events) is not None
