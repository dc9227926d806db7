"""Stretches of time in which a person's scores are high: what an analyst looks at one by one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deeptrace_core.model import FrameScore

BRIDGED_FRAMES = 2
"""So many lower frames between two high ones do not end a segment: a blink is no boundary."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """One person, from the first suspicious frame to the last."""

    track_id: int
    first_s: float
    last_s: float
    frames: int
    """Those at or above the threshold."""
    peak: float
    peak_s: float
    """When the highest score was."""


def segments_of(frames: Iterable[FrameScore], threshold: float) -> tuple[Segment, ...]:
    """The suspicious segments of all persons, in the order of their beginning.

    Args:
        threshold: 0 to 1; a face at or above it is suspicious.
    """
    courses: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for frame in frames:
        for face in frame.faces:
            if face.fake_probability is not None:
                courses[face.track_id].append((frame.time_s, face.fake_probability))
    found = [
        segment for track_id, course in courses.items() for segment in _segments(track_id, course, threshold)
    ]
    return tuple(sorted(found, key=lambda segment: (segment.first_s, segment.track_id)))


def _segments(track_id: int, course: Sequence[tuple[float, float]], threshold: float) -> list[Segment]:
    groups: list[list[int]] = []
    for number, (_, score) in enumerate(course):
        if score < threshold:
            continue
        if groups and number - groups[-1][-1] <= BRIDGED_FRAMES + 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    return [_segment(track_id, [course[number] for number in group]) for group in groups]


def _segment(track_id: int, high: Sequence[tuple[float, float]]) -> Segment:
    peak_s, peak = max(high, key=lambda point: (point[1], -point[0]))
    return Segment(
        track_id=track_id,
        first_s=high[0][0],
        last_s=high[-1][0],
        frames=len(high),
        peak=peak,
        peak_s=peak_s,
    )
