"""What people say of a video: kept beside the machine's verdict, with every act in the audit trail."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import PyMongoError

from deeptrace_core.casework import MAX_LABEL_CHARS, MAX_NOTE_CHARS, VIDEO, CaseFile, CaseLabel, Opinion
from deeptrace_core.errors import EnvironmentFault, JobNotFoundError
from deeptrace_core.job import JobResult
from deeptrace_core.model import Verdict
from deeptrace_core.store import Store
from tests.store.conftest import Submit, claimed

RawDatabase = Database[dict[str, Any]]


def acts(store: Store, job_id: str) -> list[tuple[str, str]]:
    """What people did, and who."""
    return [
        (event.event, event.actor)
        for event in store.audit.of(job_id)
        if event.event.startswith(("opinion", "note", "case"))
    ]


def test_an_opinion_can_be_given_changed_and_taken_back(store: Store, submit: Submit) -> None:
    """The last word of a person counts; each is in the trail, with who said it."""
    job = submit()
    store.cases.mark(job.id, VIDEO, Opinion.AGREE, by="anna")
    store.cases.mark(job.id, "0-12400", Opinion.UNSURE, by="anna")
    store.cases.mark(job.id, "0-12400", Opinion.DISAGREE, by="ben")
    marks = store.cases.file(job.id).marks
    assert {subject: (mark.opinion, mark.by) for subject, mark in marks.items()} == {
        VIDEO: (Opinion.AGREE, "anna"),
        "0-12400": (Opinion.DISAGREE, "ben"),
    }
    assert marks[VIDEO].at.endswith("Z")
    store.cases.mark(job.id, VIDEO, None, by="ben")
    assert VIDEO not in store.cases.file(job.id).marks
    assert acts(store, job.id) == [("opinion", "anna"), ("opinion", "anna"), *[("opinion", "ben")] * 2]
    assert [event.data["opinion"] for event in store.audit.of(job.id) if event.event == "opinion"] == [
        "AGREE",
        "UNSURE",
        "DISAGREE",
        None,
    ]


def test_the_verdict_stays_and_stands_beside_each_act(store: Store, submit: Submit) -> None:
    """Whatever a person says, the machine's result is what it was; the trail has both."""
    submit()
    job = claimed(store)
    store.jobs.complete(
        job, JobResult(report_sha256="c" * 64, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)
    )
    before = store.jobs.get(job.id).result
    store.cases.mark(job.id, VIDEO, Opinion.DISAGREE, by="anna")
    assert store.jobs.get(job.id).result == before
    event = store.audit.of(job.id)[-1]
    assert event.data == {"subject": VIDEO, "opinion": "DISAGREE", "verdict": "INCONCLUSIVE"}


def test_notes_are_kept_in_order_and_can_be_taken_back(
    store: Store, submit: Submit, database: RawDatabase
) -> None:
    """With a moment of the video or without; strange text is text; the trail holds no text."""
    job, other = submit(), submit()
    strange = "<script>alert(1)</script> $where {'$gt': ''} 🎬 \ud800 " + "x" * 5_000
    first = store.cases.add_note(job.id, strange, at_s=12.4, by="anna")
    second = store.cases.add_note(job.id, "  lips  ", by="ben")
    notes = store.cases.file(job.id).notes
    assert [(note.id, note.at_s, note.by) for note in notes] == [(first, 12.4, "anna"), (second, None, "ben")]
    assert notes[0].text.startswith("<script>alert(1)</script> $where {'$gt': ''} 🎬 ?")
    assert len(notes[0].text) == MAX_NOTE_CHARS
    assert notes[1].text == "lips"
    store.cases.remove_note(other.id, first, by="ben")
    assert len(store.cases.file(job.id).notes) == 2
    store.cases.remove_note(job.id, first, by="ben")
    assert [note.id for note in store.cases.file(job.id).notes] == [second]
    assert acts(store, job.id) == [("note_added", "anna"), ("note_added", "ben"), ("note_removed", "ben")]
    assert "lips" not in str(list(database.audit_events.find()))


def test_a_case_has_a_name_and_a_reference(store: Store, submit: Submit) -> None:
    """They belong to the job, for lists; what is too long is cut, not refused."""
    job = submit()
    assert job.case == CaseLabel()
    store.cases.label(job.id, CaseLabel(name=" Harbour $case ", reference="R" * 500), by="anna")
    assert store.jobs.get(job.id).case == CaseLabel(name="Harbour $case", reference="R" * MAX_LABEL_CHARS)
    assert acts(store, job.id) == [("case_labelled", "anna")]


def test_concurrent_editors_do_not_lose_each_others_marks(store: Store, submit: Submit) -> None:
    """Eight people at once: every mark and every note is there, and every act in the trail."""
    job = submit()

    def edit(number: int) -> None:
        store.cases.mark(job.id, f"0-{number}", Opinion.AGREE, by=f"person {number}")
        store.cases.add_note(job.id, f"note {number}", by=f"person {number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(edit, range(24)))
    file = store.cases.file(job.id)
    assert set(file.marks) == {f"0-{number}" for number in range(24)}
    assert {note.text for note in file.notes} == {f"note {number}" for number in range(24)}
    assert len(acts(store, job.id)) == 48


def test_an_act_that_cannot_be_recorded_does_not_happen(
    store: Store, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change and its entry in the trail are one: without the one there is not the other."""
    job = submit()

    def broken(*_: Any, **__: Any) -> None:
        raise PyMongoError("no room")

    monkeypatch.setattr(store.cases._audit, "write", broken)
    with pytest.raises(EnvironmentFault):
        store.cases.mark(job.id, VIDEO, Opinion.AGREE, by="anna")
    assert store.cases.file(job.id) == CaseFile()


def test_a_deleted_job_takes_its_case_file_with_it(
    store: Store, submit: Submit, database: RawDatabase
) -> None:
    """Nothing that people wrote remains, and nothing can be written any more; the trail remains."""
    job, other = submit(), submit()
    for one in (job, other):
        store.cases.mark(one.id, VIDEO, Opinion.AGREE, by="anna")
        store.cases.add_note(one.id, "private", by="anna")
        store.cases.label(one.id, CaseLabel(name="private"), by="anna")
    store.jobs.delete(job.id, actor="anna")
    assert store.cases.file(job.id) == CaseFile()
    assert len(store.cases.file(other.id).notes) == 1
    assert len(acts(store, job.id)) == 3
    for act in (
        lambda: store.cases.mark(job.id, VIDEO, Opinion.AGREE, by="anna"),
        lambda: store.cases.add_note(job.id, "late", by="anna"),
        lambda: store.cases.label(job.id, CaseLabel(name="late"), by="anna"),
    ):
        with pytest.raises(JobNotFoundError):
            act()
    assert database.case_notes.count_documents({"job": job.id}) == 0


def test_acts_during_a_deletion_leave_nothing_behind(
    store: Store, submit: Submit, database: RawDatabase
) -> None:
    """Whoever comes first, afterwards there is no job and nothing of its case file."""
    for _ in range(10):
        job = submit()

        def write(number: int, job_id: str = job.id) -> None:
            with suppress(JobNotFoundError):
                store.cases.add_note(job_id, f"note {number}", by="anna")

        with ThreadPoolExecutor(4) as pool:
            futures = [pool.submit(write, number) for number in range(3)]
            futures.append(pool.submit(store.jobs.delete, job.id))
            for future in futures:
                future.result()
        assert database.case_notes.count_documents({"job": job.id}) == 0


@pytest.mark.parametrize("subject", ["", "$set", "a.b", "0", "video "])
def test_a_mark_is_on_the_video_or_on_a_segment(store: Store, submit: Submit, subject: str) -> None:
    """Anything else is a mistake in the program that asks."""
    with pytest.raises(ValueError, match="subject"):
        store.cases.mark(submit().id, subject, Opinion.AGREE, by="anna")
