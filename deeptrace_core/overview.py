"""The course of the frame scores in at most a thousand points: enough for any screen, whatever the length."""

from collections.abc import Sequence
from dataclasses import dataclass

from deeptrace_core.model import FrameScore

MAX_POINTS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class OverviewPoint:
    """Some frames in a row. The lowest and the highest are kept, since a mean would hide a short spike."""

    time_s: float
    """Of the first of them."""
    lowest: float | None
    """None where none of them was scored, like `highest`."""
    highest: float | None


def overview_of(frames: Sequence[FrameScore]) -> tuple[OverviewPoint, ...]:
    """Frames in order, as many to a point as keeps the points few."""
    each = max(1, -(-len(frames) // MAX_POINTS))
    return tuple(_point(frames[start : start + each]) for start in range(0, len(frames), each))


def _point(frames: Sequence[FrameScore]) -> OverviewPoint:
    scores = [frame.fake_probability for frame in frames]
    known = [score for score in scores if score is not None]
    return OverviewPoint(
        time_s=frames[0].time_s, lowest=min(known, default=None), highest=max(known, default=None)
    )
