"""Do two pipelines see the same faces, and score them alike?"""

import statistics
from collections.abc import Sequence
from typing import Any

from deeptrace_core.model import Box
from worker.faces.boxes import overlap

SAME_FACE = 0.5
"""Intersection over union."""


def agreement(usual: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """Recall of the usual pipeline's faces, median overlap of their boxes, and both video scores.

    Args:
        usual, ours: "scores", with an entry for each face that is scored, and "boxes", in which there may
            be smaller ones, too: each a list a frame.
    """
    best = [
        max((overlap(_box(box), _box(other)) for other in others), default=0.0)
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


def _box(edges: Sequence[float]) -> Box:
    x1, y1, x2, y2 = edges
    return Box(x1=x1, y1=y1, x2=x2, y2=y2)


def _video_score(scores: Sequence[Sequence[float]]) -> float | None:
    """The mean of each frame's worst face."""
    worst = [max(faces) for faces in scores if faces]
    return statistics.mean(worst) if worst else None
