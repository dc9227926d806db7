"""What somebody does here: allowed by the table of `permissions`, done, and noted under their name.

Pages and HTTP routes reach jobs through this alone; `tests/test_architecture.py` holds them to it.
"""

import logging
from collections.abc import Collection
from typing import NoReturn

from deeptrace_core.anchor import Anchor, ChainPlace
from deeptrace_core.casework import CaseFile, CaseLabel, Note, Opinion
from deeptrace_core.custody import case_key
from deeptrace_core.errors import JobNotFoundError, NotAllowedError, RequestInvalidError
from deeptrace_core.job import Job, JobState, StoredMedia
from deeptrace_core.listing import Page, Place, Search
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.permissions import MAX_NAME_CHARS, Act, Person, Reach, Scope, reach
from deeptrace_core.store import Store, Submission

log = logging.getLogger(__name__)


class Acting:
    """The store as one person may use it.

    What takes the id of a job raises JobNotFoundError where there is none that this person may see, and
    NotAllowedError where they may see it and not do this.
    """

    def __init__(self, store: Store, person: Person) -> None:
        self.person = person
        self._store = store

    # --- asking ---------------------------------------------------------------------------------------

    def may(self, act: Act, job: Job | None = None) -> bool:
        """Whether this would be allowed: without a job, with any job at all."""
        allowed = reach(self.person, act)
        if job is None or allowed in (Reach.NONE, Reach.ALL) or job.owner == self.person.name:
            return allowed is not Reach.NONE
        return allowed is Reach.SHARED and self._is_shared(job)

    def require(self, act: Act, job: Job | None = None) -> None:
        """
        Raises:
            NotAllowedError: it would not be allowed.
        """
        if not self.may(act, job):
            _refuse(self.person, act, job)

    # --- reading --------------------------------------------------------------------------------------

    def job(self, job_id: str, act: Act = Act.SEE) -> Job:
        """A job, if this person may do this with it."""
        job = self._store.jobs.get(job_id)
        if not self.may(Act.SEE, job):
            log.warning("REFUSED: %s may not see job %s.", self.person.name, job.id)
            raise JobNotFoundError
        self.require(act, job)
        return job

    def page(
        self, search: Search, size: int, *, older_than: Place | None = None, newer_than: Place | None = None
    ) -> Page:
        """See `Listing.page`."""
        return self._store.listing.page(
            search, size, older_than=older_than, newer_than=newer_than, scope=self._scope()
        )

    def history(
        self,
        *,
        limit: int,
        skip: int = 0,
        name_contains: str | None = None,
        states: Collection[JobState] | None = None,
    ) -> tuple[Job, ...]:
        """See `Jobs.history`."""
        return self._store.jobs.history(
            limit=limit, skip=skip, name_contains=name_contains, states=states, scope=self._scope()
        )

    def of_media(self, sha256: str) -> Job | None:
        """See `Jobs.of_media`."""
        return self._store.jobs.of_media(sha256, scope=self._scope())

    def case_file(self, job_id: str) -> CaseFile:
        """See `Cases.file`."""
        return self._store.cases.file(self.job(job_id).id)

    def shared_with(self, job: Job) -> tuple[str, ...]:
        """Who else sees the jobs of this job's owner in its case."""
        key = case_key(job.case)
        return self._store.sharing.people(job.owner, key) if key else ()

    # --- doing ----------------------------------------------------------------------------------------

    def submit(self, media: StoredMedia, options: AnalysisOptions, *, uploaded: bool = False) -> Submission:
        """See `Jobs.submit`. The job is this person's."""
        self.require(Act.SUBMIT)
        return self._store.jobs.submit(media, options, by=self.person.name, uploaded=uploaded)

    def cancel(self, job_id: str) -> JobState:
        """See `Jobs.cancel`."""
        return self._store.jobs.cancel(self.job(job_id, Act.CANCEL).id, by=self.person.name)

    def delete(self, job_id: str) -> None:
        """See `Jobs.delete`."""
        self._store.jobs.delete(self.job(job_id, Act.DELETE).id, actor=self.person.name)

    def mark(self, job_id: str, subject: str, opinion: Opinion | None) -> None:
        """See `Cases.mark`."""
        job = self.job(job_id, Act.JUDGE)
        self._store.cases.mark(job.id, subject, opinion, by=self.person.name)

    def add_note(self, job_id: str, text: str, *, at_s: float | None = None) -> str:
        """See `Cases.add_note`."""
        job = self.job(job_id, Act.JUDGE)
        return self._store.cases.add_note(job.id, text, at_s=at_s, by=self.person.name)

    def may_remove(self, job: Job, note: Note) -> bool:
        """Whether this person may remove this note: their own, or any where they may take back others'."""
        return self.may(Act.JUDGE, job) and (note.by == self.person.name or self.may(Act.TAKE_BACK, job))

    def remove_note(self, job_id: str, note_id: str) -> None:
        """See `Cases.remove_note`."""
        job = self.job(job_id, Act.JUDGE)
        if not all(self.may_remove(job, note) for note in self.case_file(job_id).notes if note.id == note_id):
            _refuse(self.person, Act.TAKE_BACK, job)
        self._store.cases.remove_note(job.id, note_id, by=self.person.name)

    def label(self, job_id: str, label: CaseLabel) -> None:
        """See `Cases.label`."""
        self._store.cases.label(self.job(job_id, Act.LABEL).id, label, by=self.person.name)

    def share(self, job_id: str, person: str) -> None:
        """Let a person see all jobs of this job's owner in its case, those to come too.

        Raises:
            RequestInvalidError: it belongs to no case, or this is no name.
        """
        job = self.job(job_id, Act.SHARE)
        key, name = case_key(job.case), person.strip()
        if not key:
            raise RequestInvalidError("This file belongs to no case.", advice="Name its case first.")
        if not 0 < len(name) <= MAX_NAME_CHARS or not name.isprintable():
            raise RequestInvalidError("This is not a name.", advice="Use the name that they log in with.")
        self._store.sharing.add(job.owner, key, name, by=self.person.name)

    def unshare(self, job_id: str, person: str) -> None:
        """Take it back."""
        job = self.job(job_id, Act.SHARE)
        self._store.sharing.remove(job.owner, case_key(job.case), person, by=self.person.name)

    def anchor(self, job_id: str, digest: str, place: ChainPlace) -> Anchor:
        """See `Anchors.request`.

        Raises:
            JobNotFoundError: this is not the report of that job.
        """
        job = self.job(job_id, Act.ANCHOR)
        if job.result is None or job.result.report_sha256 != digest:
            raise JobNotFoundError("The job has no report with this SHA-256.")
        return self._store.anchors.request(digest, place, job_id=job.id, by=self.person.name)

    def note_view(self, job: Job) -> None:
        """Write down that this person looks at it. The caller does so once for a session."""
        self._store.audit.record("viewed", job_id=job.id, actor=self.person.name)

    def note_export(self, job: Job, format_name: str) -> None:
        """Write down that this person took it away."""
        self._store.audit.record("exported", job_id=job.id, actor=self.person.name, format=format_name)

    def _is_shared(self, job: Job) -> bool:
        key = case_key(job.case)
        return bool(key) and self._store.sharing.is_shared(job.owner, key, self.person.name)

    def _scope(self) -> Scope | None:
        if reach(self.person, Act.SEE) is Reach.ALL:
            return None
        return Scope(name=self.person.name, shares=self._store.sharing.with_person(self.person.name))


def require(person: Person, act: Act) -> None:
    """Likewise, where no job is at hand and no database is needed.

    Raises:
        NotAllowedError: this person may do that with no job at all.
    """
    if reach(person, act) is Reach.NONE:
        _refuse(person, act, None)


def _refuse(person: Person, act: Act, job: Job | None) -> NoReturn:
    named = f": job {job.id}" if job else ""
    log.warning("REFUSED: %s (%s) may not %s%s.", person.name, person.role, act.value, named)
    raise NotAllowedError(f"{person.role.capitalize()}s may not {act.value} here.")
