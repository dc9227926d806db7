"""Do two pipelines see the same faces, and score them alike?"""

import statistics
from collections.abc import Sequence
from typing import Any

SAME_FACE = 0.5
"""Intersection over union."""

BoxXyxy = Sequence[float]


def agreement(usual: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """Recall of the usual pipeline's faces, median overlap of their boxes, and both video scores.

    Args:
        usual, ours: "scores", with an entry for each face that is scored, and "boxes", in which there may
            be smaller ones, too: each a list a frame.
    """
    best = [
        max((overlap(box, other) for other in others), default=0.0)
        for boxes, others in zip(usual["boxes"], ours["boxes"], strict=True)
        for box in boxes
    ]
    matched = [value for value in best if value > SAME_FACE]
    scores = [_video_score(run["scores"]) for run in (usual, ours)]
    return {
        "faces": [sum(map(len, run["scores"])) for run in (usual, ours)],
        "recall": len(matched) / len(best) if best else None,
        "median_iou": statistics.median(matched) if matched else None,
        "video_scores": scores,
    }


def overlap(one: BoxXyxy, other: BoxXyxy) -> float:
    """Intersection over union."""
    width_px = min(one[2], other[2]) - max(one[0], other[0])
    height_px = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width_px, 0) * max(height_px, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return shared / (sum(areas) - shared)


def _video_score(scores: Sequence[Sequence[float]]) -> float | None:
    """The mean of each frame's worst face."""
    worst = [max(faces) for faces in scores if faces]
    return statistics.mean(worst) if worst else None
