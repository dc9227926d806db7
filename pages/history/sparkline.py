"""The course of the scores of a video as a line no larger than a word."""

from collections.abc import Sequence
from itertools import groupby

from deeptrace_core.overview import OverviewPoint

WIDTH_PX, HEIGHT_PX = 96, 24
MAX_POINTS = 96


def svg(points: Sequence[OverviewPoint]) -> str:
    """An image for `st.html`; empty where nothing was scored. The scale is always 0 to 1."""
    if all(point.highest is None for point in points):
        return ""
    each = -(-len(points) // MAX_POINTS)
    scores = [point.highest for point in points]
    highest = [
        max((score for score in scores[start : start + each] if score is not None), default=None)
        for start in range(0, len(points), each)
    ]
    step_px = WIDTH_PX / max(len(highest) - 1, 1)
    runs = groupby(enumerate(highest), key=lambda item: item[1] is None)
    lines = "".join(
        _line([(number * step_px, score) for number, score in run if score is not None])
        for is_gap, run in runs
        if not is_gap
    )
    peak = max(score for score in highest if score is not None)
    return (
        f'<svg class="dt-spark" width="{WIDTH_PX}" height="{HEIGHT_PX}" role="img" '
        f'viewBox="-2 -2 {WIDTH_PX + 4} {HEIGHT_PX + 4}" '
        f'aria-label="Scores over time, the highest {peak:.2f}">{lines}</svg>'
    )


def _line(points: Sequence[tuple[float, float]]) -> str:
    path = " ".join(f"{x_px:.1f},{(1 - score) * HEIGHT_PX:.1f}" for x_px, score in points)
    if len(points) == 1:  # a line of one point would not be seen
        path = f"{path} {path}"
    return f'<polyline points="{path}"/>'
