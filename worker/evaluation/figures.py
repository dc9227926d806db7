"""What an evaluation says, as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from deeptrace_core.model import AnalysisOptions, DetectorInfo, Software
from worker.evaluation.metrics import Estimate, Rate

SCHEMA = "deeptrace.evaluation/1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bin:
    """One column of a reliability diagram: items whose score is from `low` up to `high`."""

    low: float
    high: float
    mean_score: float | None
    fake: Rate
    """The share that is labelled fake."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Separation:
    """How well the scores tell the labels apart, whatever the threshold."""

    auc: Estimate
    equal_error_rate: Estimate
    average_precision: Estimate


@dataclass(frozen=True, kw_only=True, slots=True)
class VideoFigures:
    """What the verdicts and video scores were worth."""

    real: int
    fake: int
    """Videos with a score, by label. All other figures are about these alone."""
    without_score: Rate
    """Of all videos: not assessed, or not readable."""
    inconclusive: Rate
    false_alarms: Rate
    """Real ones in which signs were found."""
    misses: Rate
    """Fake ones in which signs were not found: no signs, or inconclusive."""
    fake_without_signs: Rate
    """Of the misses, those that read as no signs found, as a share of all fake ones."""
    separation: Separation | None
    """None unless there are both labels."""
    reliability: tuple[Bin, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameFigures:
    """What the frame scores were worth."""

    real: int
    fake: int
    separation: Separation | None
    false_alarms: Rate | None
    misses: Rate | None
    """At `threshold_high`; None where there are videos, whose frames are no separate cases."""
    reliability: tuple[Bin, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Speed:
    """What the scoring took, also where outcomes were kept from an earlier run."""

    seconds: float
    frames: int
    frames_per_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """All figures of one detector on one labelled list."""

    schema: str
    set_name: str
    labels_sha256: str
    made_at: str
    detector: DetectorInfo
    options: AnalysisOptions
    software: Software
    recipe_sha256: str
    rows_left_out: int
    """Rows of the list whose label is neither real nor fake."""
    duplicates: int
    """Cases with the very bytes of another one, left out."""
    outcomes: Mapping[str, Mapping[str, int]]
    """By label, how many cases ended how: a verdict, or why there is no score."""
    videos: VideoFigures | None
    """None where the list names no videos."""
    frames: FrameFigures
    speed: Speed
