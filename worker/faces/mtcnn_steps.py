"""What drivers of MTCNN have in common (Zhang et al. 2016, arXiv:1604.02878), as facenet-pytorch has it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import Face, Landmarks
from worker.faces.boxes import PLACE_DIGITS, box_of
from worker.faces.interface import FACTOR, MIN_CONFIDENCE

THRESHOLDS = (0.6, 0.7, 0.7)
"""Of the probability of a face, after each of the three networks."""

CELL_PX, STRIDE_PX = 12, 2
"""What PNet looks at, and in which steps."""

RNET_PX, ONET_PX = 24, 48
"""The sides of the crops that the other two look at."""

Array = NDArray[np.float32]


def scales(smallest_px: float, shorter_px: int) -> Iterator[float]:
    """The sizes at which PNet looks at a picture, relative to its own.

    Args:
        smallest_px: the smallest face that is looked for.
        shorter_px: the shorter side of the picture.
    """
    scale = CELL_PX / smallest_px
    shorter = shorter_px * scale
    while shorter >= CELL_PX:
        yield scale
        scale *= FACTOR
        shorter *= FACTOR


def suppressed_by_smaller(boxes: Array, scores: Array, overlap: float) -> list[int]:
    """The indices that remain if of two boxes that share this much of the smaller one the better is kept."""
    sides = boxes[:, 2:4] - boxes[:, :2] + 1
    areas = sides.prod(axis=1)
    left = np.argsort(scores)[::-1]
    kept = []
    while left.size:
        best, left = int(left[0]), left[1:]
        kept.append(best)
        corner = np.maximum(boxes[best, :2], boxes[left, :2])
        shared = np.maximum(np.minimum(boxes[best, 2:4], boxes[left, 2:4]) - corner + 1, 0).prod(axis=1)
        left = left[shared / np.minimum(areas[best], areas[left]) <= overlap]
    return kept


def sure_faces(boxes: Array, scores: Array, points: Array) -> tuple[Face, ...]:
    """Those that are surely faces, the surest first.

    Args:
        boxes: (n, 4): left, top, right, bottom.
        scores: (n,).
        points: (n, 5, 2): eyes, nose, corners of the mouth.
    """
    faces = [_face(*one) for one in zip(boxes, scores, points, strict=True) if one[1] >= MIN_CONFIDENCE]
    return tuple(sorted(faces, key=lambda face: -face.confidence))


def _face(box: Array, score: np.float32, points: Array) -> Face:
    return Face(
        box=box_of(box),
        landmarks=Landmarks(*((x, y) for x, y in points.astype(float).round(PLACE_DIGITS).tolist())),
        confidence=rounded(score),
    )


def rounded(score: np.float32) -> float:
    """A probability, as far as programs agree on it."""
    return round(float(score), 4)
