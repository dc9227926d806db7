"""What traces in a container may mean. `docs/provenance.md` has the source of each; none is a finding."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from deeptrace_core.provenance import Hint, HintKind, Tag

MARKS: dict[HintKind, tuple[str, ...]] = {
    HintKind.PLATFORM: ("twitter-vork muxer", "iso media file produced by google"),
    HintKind.EDITOR: (
        *("premiere", "after effects", "davinci resolve", "blackmagic", "final cut", "imovie"),
        *("capcut", "avidemux", "kdenlive", "shotcut", "openshot", "filmora", "clipchamp", "kinemaster"),
        *("photoshop", "lightroom", "gimp", "affinity photo", "snapseed", "pixelmator", "picsart"),
        *("facetune", "audacity", "adobe audition", "garageband"),
    ),
    HintKind.RE_ENCODED: ("lavc", "x264", "x265", "handbrake", "mainconcept"),
    HintKind.REMUXED: ("lavf", "l-smash", "gpac", "mkvmerge"),
}
"""Parts of tags, in lower case."""

STREAM_MARKS = (b"x264 - core", b"x265 (build")
"""What these encoders write into the first picture, unless told not to."""

EXIF_DAY = re.compile(r"^(\d{4}):(\d\d):(\d\d)\b")
"""A day as cameras write it: "2026:05:04 10:00:00"."""

CLOCK_MARGIN = timedelta(days=1)
"""Cameras know no time zones, and some write the local time as UTC."""


def hints_of(
    tags: Sequence[Tag], first_packet: bytes, hidden_frames: int, *, now: datetime
) -> tuple[Hint, ...]:
    """Every trace once, in the order of `HintKind`.

    Args:
        first_packet: the beginning of the coded first picture.
        hidden_frames: see `ContainerFacts.hidden_frames`.
    """
    found = [
        *_in_tags(tags),
        *(
            Hint(kind=HintKind.RE_ENCODED, seen=f"first picture: {mark.decode()}")
            for mark in STREAM_MARKS
            if mark in first_packet
        ),
        *(
            [Hint(kind=HintKind.CUT, seen=f"frames that are not shown: {hidden_frames}")]
            if hidden_frames
            else []
        ),
        *_ahead_of(tags, now),
    ]
    return tuple(hint for kind in HintKind for hint in dict.fromkeys(found) if hint.kind is kind)


def _in_tags(tags: Sequence[Tag]) -> Iterator[Hint]:
    for tag in tags:
        value = tag.value.lower()
        for kind, marks in MARKS.items():
            if any(mark in value for mark in marks):
                yield Hint(kind=kind, seen=f"{tag.name}: {tag.value}")


def _ahead_of(tags: Sequence[Tag], now: datetime) -> Iterator[Hint]:
    for tag in tags:
        try:
            time = datetime.fromisoformat(EXIF_DAY.sub(r"\1-\2-\3", tag.value))
        except ValueError:
            continue
        # A time without a zone is read as UTC; the margin covers what that gets wrong.
        aware = time if time.tzinfo else time.replace(tzinfo=UTC)
        if aware > now + CLOCK_MARGIN:
            yield Hint(kind=HintKind.CLOCK, seen=f"{tag.name}: {tag.value}")
