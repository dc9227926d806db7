"""Do the scores hold when the picture gets a little worse, as each platform makes it?"""

from collections import Counter

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.detectors.interface import Crops, Detector
from worker.faces.crops import Image

JPEG_QUALITY = 70


class ProbePlan:
    """Chooses the faces that are scored once more, made worse.

    The 2nd, 4th, 8th, ... scored face of a person: they cover the whole video, however long it is, and
    cost little. A verdict that changes with them is none, see `deeptrace_core.doubts`.
    """

    def __init__(self) -> None:
        self._scored: Counter[int] = Counter()

    def wants(self, track_id: int) -> bool:
        """Count another scored face of this person; whether it is to be tried."""
        self._scored[track_id] += 1
        count = self._scored[track_id]
        return count > 1 and count & (count - 1) == 0


def probe_scores(detector: Detector, crops: Crops) -> NDArray[np.float32]:
    """The scores of crops after JPEG at quality 70, and at half the size: shape (2, n), float32, 0 to 1."""
    if not len(crops):
        return np.empty((2, 0), np.float32)
    worse = (np.stack([spoil(crop) for crop in crops]) for spoil in (_compressed, _half_size))
    return np.stack([detector.score(spoiled) for spoiled in worse])


def _compressed(crop: Image) -> Image:
    encoded, data = cv2.imencode(
        ".jpg", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    )
    assert encoded
    worse = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert worse is not None
    return np.asarray(cv2.cvtColor(worse, cv2.COLOR_BGR2RGB), np.uint8)


def _half_size(crop: Image) -> Image:
    size_px = crop.shape[0]
    small = cv2.resize(crop, (size_px // 2, size_px // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (size_px, size_px), interpolation=cv2.INTER_LINEAR), np.uint8)
