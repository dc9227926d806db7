"""Does a network in 8-bit integers say the same of labelled videos?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.evaluation.metrics import Ranking, auc

MAX_SHIFT = 0.02
"""How far the score of any video may move."""
MAX_AUC_LOSS = 0.01
MIN_VIDEOS = 2
"""Of each label, or there is nothing to judge by."""


@dataclass(frozen=True, kw_only=True)
class Scored:
    """The faces of one video, by the network as it is and in 8 bits."""

    name: str
    fake: bool
    fp32: NDArray[np.float32]
    """Shape (n,), 0 to 1; at least one."""
    int8: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the gate saw."""

    videos: int
    faces: int
    largest_shift: float
    """Of the mean score of a video."""
    largest_shift_in: str
    auc_fp32: float
    auc_int8: float
    objections: tuple[str, ...]
    """Why the network may not be used; none lets it through."""


def judge(videos: Sequence[Scored]) -> Judgement:
    """Compare the means of each video's faces, and how well they part the labels."""
    fake = np.array([video.fake for video in videos], np.bool_)
    means = {
        kind: np.array([getattr(video, kind).mean(dtype=np.float64) for video in videos])
        for kind in ("fp32", "int8")
    }
    shifts = np.abs(means["int8"] - means["fp32"])
    enough = min(fake.sum(), (~fake).sum()) >= MIN_VIDEOS
    areas = {kind: auc(Ranking(scores, fake).curve()) if enough else 0.0 for kind, scores in means.items()}
    objections = []
    if not enough:
        objections.append(f"fewer than {MIN_VIDEOS} videos of a label had faces to compare")
    if len(shifts) and shifts.max() > MAX_SHIFT:
        objections.append(f"the score of a video moved by more than {MAX_SHIFT:g}")
    if areas["fp32"] - areas["int8"] > MAX_AUC_LOSS:
        objections.append(f"the area under the curve fell by more than {MAX_AUC_LOSS:g}")
    worst = int(shifts.argmax()) if len(shifts) else None
    return Judgement(
        videos=len(videos),
        faces=sum(len(video.fp32) for video in videos),
        largest_shift=0.0 if worst is None else float(shifts[worst]),
        largest_shift_in="" if worst is None else videos[worst].name,
        auc_fp32=areas["fp32"],
        auc_int8=areas["int8"],
        objections=tuple(objections),
    )
