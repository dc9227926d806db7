"""Boxes of faces as numbers, and how much two of them share."""

from typing import Any

from numpy.typing import NDArray

from deeptrace_core.model import Box

PLACE_DIGITS = 2
"""Of pixels: what programs agree on."""


def edges_of(box: Box) -> tuple[float, float, float, float]:
    """Left, top, right and bottom."""
    return box.x1, box.y1, box.x2, box.y2


def box_of(edges: NDArray[Any]) -> Box:
    """The box with these edges (left, top, right, bottom), rounded."""
    x1, y1, x2, y2 = edges.astype(float).round(PLACE_DIGITS).tolist()
    return Box(x1=x1, y1=y1, x2=x2, y2=y2)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width_px = min(one.x2, other.x2) - max(one.x1, other.x1)
    height_px = min(one.y2, other.y2) - max(one.y1, other.y1)
    if width_px <= 0 or height_px <= 0:
        return 0.0
    shared = width_px * height_px
    both = one.width_px * one.height_px + other.width_px * other.height_px
    return shared / (both - shared)
