"""Jobs and workers: one video to analyze, where it is in its life, and who works on it.

Standard library only, and frozen, as `model`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from deeptrace_core.casework import CaseLabel
from deeptrace_core.model import AnalysisOptions, Reason, Verdict
from deeptrace_core.overview import OverviewPoint


class JobState(StrEnum):
    """Where a job is in its life."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


ACTIVE_STATES = frozenset({JobState.PENDING, JobState.PROCESSING})
"""A job in one of these will change without anybody asking."""


class Stage(StrEnum):
    """What the worker is doing with a job."""

    STARTING = "STARTING"
    READING = "READING"
    SCORING = "SCORING"
    LISTENING = "LISTENING"
    COPYING = "COPYING"
    """Making the copy that browsers play."""
    REPORTING = "REPORTING"


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far the worker is. `total` is 0 while the amount of work is not known."""

    stage: Stage
    done: int = 0
    total: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class JobFailure:
    """Why a job ended without a report."""

    code: str
    what: str
    advice: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewingCopy:
    """A smaller copy of the video that every browser plays, in the blob store. For watching only."""

    sha256: str
    frames: int


@dataclass(frozen=True, kw_only=True, slots=True)
class JobResult:
    """Where the report of a job is, and its outcome for lists."""

    report_sha256: str
    verdict: Verdict
    reason: Reason | None
    score: float | None
    overview: tuple[OverviewPoint, ...] = ()
    """The course of the frame scores."""
    viewing_copy: ViewingCopy | None = None
    """None where none could be made, which takes nothing from the report."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredMedia:
    """A file in the blob store."""

    sha256: str
    size_bytes: int
    name: str
    """What the person called it. Shown, never used as a path."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One video to analyze, and what became of it."""

    id: str
    state: JobState
    media: StoredMedia
    options: AnalysisOptions
    attempt: int
    max_attempts: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    worker_id: str | None
    cancel_requested: bool
    progress: Progress | None
    result: JobResult | None
    failure: JobFailure | None
    case: CaseLabel = field(default_factory=CaseLabel)
    """To which case of its users it belongs."""
    owner: str = ""
    """Who submitted it; "" where that was not written down."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueFigures:
    """How many jobs there are."""

    counts: Mapping[JobState, int]
    oldest_waiting_since: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectorOffer:
    """A detector that a worker can run."""

    name: str
    description: str
    ready: bool
    """Whether its weights are on that worker's machine."""
    error_rates: str | None = None
    """How often it is wrong, as measured there, in words; None where nobody measured it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerInfo:
    """A worker process that was heard of lately. Information only: leases decide who owns a job."""

    id: str
    host: str
    pid: int
    version: str
    device: str
    detectors: tuple[DetectorOffer, ...]
    default_detector: str
    started_at: str
