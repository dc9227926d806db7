"""The course of the scores of a video as a line no larger than a word."""

from collections.abc import Sequence
from itertools import groupby
from urllib.parse import quote

from deeptrace_core.overview import OverviewPoint

WIDTH_PX, HEIGHT_PX = 96, 24
MAX_POINTS = 96


def html(points: Sequence[OverviewPoint]) -> str:
    """An image for `st.html`; empty for a single frame, or where nothing was scored. It is always 0 to 1."""
    if len(points) < 2 or all(point.highest is None for point in points):
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
    shape = quote(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 {WIDTH_PX + 4} {HEIGHT_PX + 4}" '
        f'fill="none" stroke="black" stroke-width="1.5">{lines}</svg>'
    )
    # Streamlit takes SVG out of HTML; as a mask it also has the colour of the text around it.
    return (
        f'<span class="dt-spark" role="img" aria-label="Scores over time, the highest {peak:.2f}" '
        f'style="mask-image:url(data:image/svg+xml,{shape})"></span>'
    )


def _line(points: Sequence[tuple[float, float]]) -> str:
    path = " ".join(f"{x_px:.1f},{(1 - score) * HEIGHT_PX:.1f}" for x_px, score in points)
    if len(points) == 1:  # a line of one point would not be seen
        path = f"{path} {path}"
    return f'<polyline points="{path}"/>'
