"""What people say of videos: marks, notes, and to which case a video belongs.

Every act is one transaction: the change, its entry in the audit trail, and a count on the job. The count
makes acts on one job follow each other, and lets none outlive the job: a deletion at the same time conflicts.
"""

import re
import uuid
from collections.abc import Callable

from pymongo.client_session import ClientSession
from pymongo.database import Database

from deeptrace_core.casework import (
    MAX_LABEL_CHARS,
    MAX_NOTE_CHARS,
    VIDEO,
    CaseFile,
    CaseLabel,
    Mark,
    Note,
    Opinion,
)
from deeptrace_core.custody import case_chain, case_key
from deeptrace_core.errors import JobNotFoundError
from deeptrace_core.store.audit import Audit
from deeptrace_core.store.connection import Document, translating_errors
from deeptrace_core.store.job_document import clean_text, label_from, rfc3339
from deeptrace_core.store.transaction import in_transaction

SUBJECT = re.compile(rf"{VIDEO}|\d+-\d+")


class Cases:
    """All case files. Each method raises StoreUnavailableError while the database cannot be reached.

    Acts raise JobNotFoundError if the job is gone.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._jobs = database["jobs"]
        self._marks = database["case_marks"]
        self._notes = database["case_notes"]
        self._audit = Audit(database)

    def file(self, job_id: str) -> CaseFile:
        """What was said of this video so far."""
        with translating_errors():
            marks = self._marks.find({"job": job_id}, sort=[("_id", 1)])
            notes = self._notes.find({"job": job_id}, sort=[("at", 1), ("_id", 1)])
            return CaseFile(
                marks={row["subject"]: _mark_from(row) for row in marks}, notes=tuple(map(_note_from, notes))
            )

    def mark(self, job_id: str, subject: str, opinion: Opinion | None, *, by: str) -> None:
        """Say what one thinks of a segment or of the whole video; None takes it back."""
        if not SUBJECT.fullmatch(subject):
            raise ValueError(f"{subject!r} is no subject of a mark.")
        key = {"_id": f"{job_id} {subject}"}

        def change(session: ClientSession) -> None:
            if opinion is None:
                self._marks.delete_one(key, session=session)
                return
            row = {"job": job_id, "subject": subject, "opinion": opinion.value, "by": by}
            self._marks.update_one(key, _stamped(row), upsert=True, session=session)

        said = {"subject": subject, "opinion": opinion.value if opinion else None}
        self._act(job_id, "opinion", by, said, change)

    def add_note(self, job_id: str, text: str, *, at_s: float | None = None, by: str) -> str:
        """Write something down, about a moment of the video or none. Returns the id of the note."""
        note_id = uuid.uuid4().hex
        row = {"job": job_id, "text": clean_text(text.strip(), MAX_NOTE_CHARS), "at_s": at_s, "by": by}

        def change(session: ClientSession) -> None:
            self._notes.update_one({"_id": note_id}, _stamped(row), upsert=True, session=session)

        # Not the text: the trail outlives the job, and a note may name the persons in the video.
        self._act(job_id, "note_added", by, {"note": note_id, "at_s": at_s}, change)
        return note_id

    def remove_note(self, job_id: str, note_id: str, *, by: str) -> None:
        """Take a note back. That there was one stays in the audit trail."""

        def change(session: ClientSession) -> None:
            self._notes.delete_one({"_id": note_id, "job": job_id}, session=session)

        self._act(job_id, "note_removed", by, {"note": note_id}, change)

    def label(self, job_id: str, label: CaseLabel, *, by: str) -> None:
        """Say to which case the video belongs."""
        texts = {
            "case.name": clean_text(label.name.strip(), MAX_LABEL_CHARS),
            "case.reference": clean_text(label.reference.strip(), MAX_LABEL_CHARS),
        }

        case = case_key(CaseLabel(name=texts["case.name"], reference=texts["case.reference"]))
        now = case_chain(case) if case else None

        def change(session: ClientSession) -> None:
            job = self._jobs.find_one_and_update({"_id": job_id}, {"$set": texts}, session=session) or {}
            old = case_key(label_from(job.get("case", {})))
            before = case_chain(old) if old else None
            for chain, event in ((before, "job_removed"), (now, "job_added")):
                if chain is not None and before != now:
                    data = {"job": job_id}
                    self._audit.write(event, chain=chain, actor=by, data=data, session=session)

        self._act(job_id, "case_labelled", by, {"case": now}, change)

    def jobs_of(self, key: str) -> tuple[str, ...]:
        """Ids of the jobs of a case, by its reference or, where it has none, its name."""
        named = {"case.name": key, "case.reference": {"$in": [None, ""]}}
        with translating_errors():
            found = self._jobs.find({"$or": [{"case.reference": key}, named]}, {"_id": 1})
            return tuple(row["_id"] for row in found)

    def _act(
        self, job_id: str, event: str, by: str, said: Document, change: Callable[[ClientSession], None]
    ) -> None:
        def step(session: ClientSession) -> None:
            job = self._jobs.find_one_and_update(
                {"_id": job_id}, {"$inc": {"case.acts": 1}}, {"result.verdict": 1}, session=session
            )
            if job is None:
                raise JobNotFoundError
            change(session)
            # What the machine had said at that time stands beside what the person said.
            data = {**said, "verdict": job.get("result", {}).get("verdict")}
            self._audit.write(event, job_id=job_id, actor=by, data=data, session=session)

        with translating_errors():
            in_transaction(self._database, step)


def _stamped(row: Document) -> list[Document]:
    return [{"$replaceWith": {"$mergeObjects": [{"_id": "$_id", "at": "$$NOW"}, {"$literal": row}]}}]


def _mark_from(row: Document) -> Mark:
    return Mark(opinion=Opinion(row["opinion"]), by=row["by"], at=rfc3339(row["at"]))


def _note_from(row: Document) -> Note:
    return Note(id=row["_id"], text=row["text"], at_s=row["at_s"], by=row["by"], at=rfc3339(row["at"]))
