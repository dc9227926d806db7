"""The analyst's own hand: what a person says of a report, beside the machine's verdict, never instead of it.

Standard library only, and frozen, as `model`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from deeptrace_core.segments import Segment

MAX_LABEL_CHARS = 200
MAX_NOTE_CHARS = 4_000

VIDEO = "video"
"""The subject of a mark on the whole video."""


class Opinion(StrEnum):
    """What a person thinks of what the machine found."""

    AGREE = "AGREE"
    DISAGREE = "DISAGREE"
    UNSURE = "UNSURE"


def subject_of(segment: Segment) -> str:
    """Which segment a mark is on. A report never changes, so person and beginning name a segment for good."""
    return f"{segment.track_id}-{round(segment.first_s * 1000)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseLabel:
    """To which case of its users a video belongs, in their own words; both empty if they say nothing."""

    name: str = ""
    reference: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """An opinion on one segment or on the whole video."""

    opinion: Opinion
    by: str
    at: str
    """When, RFC 3339."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """What a person wrote down."""

    id: str
    text: str
    at_s: float | None
    """The moment of the video that it is about, or None."""
    by: str
    at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFile:
    """All that people said of one video."""

    marks: Mapping[str, Mark] = field(default_factory=dict)
    """By subject: `VIDEO`, or a segment as `subject_of` names it."""
    notes: tuple[Note, ...] = ()
    """In the order in which they were written."""
