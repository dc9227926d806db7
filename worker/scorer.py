"""Scores faces with one detector, or with several whose scores are combined."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.ensemble import combined, ensemble_info
from deeptrace_core.errors import DeepTraceError, EnvironmentFault
from deeptrace_core.model import LeftOut
from worker.detectors.interface import Crops, Detector
from worker.robustness import ProbePlan, probe_scores
from worker.sighting import FaceView

SCORE_DIGITS = 6
"""What is kept of each number: not more than was measured, and the same in the report and the database."""

Ask = Callable[[Crops], NDArray[np.float32]]
"""Shape (..., n): one or more scores for each of n crops."""


@dataclass(frozen=True, kw_only=True)
class FaceToScore:
    """What is scored, and whose it is."""

    view: FaceView
    track_id: int


class MemberFailedError(Exception):
    """A detector of an ensemble failed while others are left. All that was scored with it is void."""

    def __init__(self, left_out: LeftOut) -> None:
        self.left_out = left_out
        super().__init__(left_out.explanation)


class FaceScorer:
    """Scores the faces of one video.

    Args:
        detectors: at least one.
        left_out: detectors that were asked for too, and cannot be had.
    """

    def __init__(self, detectors: Sequence[Detector], left_out: Sequence[LeftOut] = ()) -> None:
        self.detectors = tuple(detectors)
        infos = [detector.info for detector in detectors]
        self._is_ensemble = len(infos) + len(left_out) > 1
        self.info = ensemble_info(infos, left_out) if self._is_ensemble else infos[0]
        self._plan = ProbePlan()

    def score(self, faces: Sequence[FaceToScore]) -> list[dict[str, Any]]:
        """The measured fields of `FaceScore` for each face, in order.

        Raises:
            MemberFailedError: one of several detectors failed.
            DeepTraceError: the only one failed.
        """
        if not faces:
            return []
        probed = [number for number, one in enumerate(faces) if self._plan.wants(one.track_id)]
        plain, worse = [], []
        for number, detector in enumerate(self.detectors):
            own = np.stack([one.view.crops[number] for one in faces])
            plain.append(self._asked(detector, detector.score, own))
            worse.append(self._asked(detector, partial(probe_scores, detector), own[probed]))
        fields = [
            self._combined(scores) | {"sharpness": round(one.view.sharpness, SCORE_DIGITS)}
            for one, scores in zip(faces, np.stack(plain, axis=-1), strict=True)
        ]
        for number, (compressed, half_size) in zip(
            probed, np.stack(worse, axis=-1).swapaxes(0, 1), strict=True
        ):
            fields[number] |= {
                "compressed_probability": _one(compressed),
                "half_size_probability": _one(half_size),
            }
        return fields

    def _asked(self, detector: Detector, ask: Ask, crops: Crops) -> NDArray[np.float32]:
        """What a detector answers, if those are numbers."""
        try:
            scores = ask(crops)
            if not np.isfinite(scores).all():
                raise EnvironmentFault(f"{detector.info.name} gave a result that is not a number.")
        except Exception as error:
            # Whatever a network does, the others may still be heard.
            if len(self.detectors) == 1:
                raise
            raise MemberFailedError(_left_out(detector, error)) from error
        return scores

    def _combined(self, scores: NDArray[np.float32]) -> dict[str, Any]:
        """The fields of one face, from its score by each detector."""
        fields: dict[str, Any] = {"fake_probability": _one(scores)}
        if self._is_ensemble:
            fields["member_probabilities"] = tuple(round(score, SCORE_DIGITS) for score in scores.tolist())
        return fields


def _one(scores: NDArray[np.float32]) -> float:
    values = scores.tolist()
    return round(combined(values) if len(values) > 1 else values[0], SCORE_DIGITS)


def _left_out(detector: Detector, error: Exception) -> LeftOut:
    if isinstance(error, DeepTraceError):
        return LeftOut(name=detector.info.name, explanation=error.what, advice=error.advice)
    return LeftOut(
        name=detector.info.name,
        explanation=f"{detector.info.name} failed while it scored faces ({type(error).__name__}).",
        advice=DeepTraceError.default_advice,
    )
