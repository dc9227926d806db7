"""The four verdicts, and how sure a score is. Standard library only."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What may be said about a video. None of these is proof."""

    SIGNS_FOUND = "SIGNS_FOUND"
    INCONCLUSIVE = "INCONCLUSIVE"
    NO_SIGNS_FOUND = "NO_SIGNS_FOUND"
    NOT_ASSESSED = "NOT_ASSESSED"


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreRange:
    """A mean and the range in which it likely lies, each 0 to 1."""

    mean: float
    low: float
    high: float
