"""Looking for jobs among many: what is asked for, and one page of the answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from deeptrace_core.job import Job, JobState
from deeptrace_core.model import Verdict

Outcome = Verdict | JobState


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """Which jobs. What is not given narrows nothing."""

    text: str = ""
    """Part of the file's name, of the case or of its reference; or the beginning of the job's id, or of the
    SHA-256 of the video or of the report."""
    outcomes: frozenset[Outcome] = frozenset()
    """Any of these."""
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where in the list a job stands. It keeps its meaning while jobs come and go around it."""

    created_at: str
    id: str

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls(created_at=job.created_at, id=job.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Some jobs in a row, the newest first."""

    jobs: tuple[Job, ...]
    has_newer: bool
    has_older: bool
