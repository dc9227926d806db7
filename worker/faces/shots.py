"""Where one shot of a video ends and the next begins."""

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.faces.crops import Image

CUT_CORRELATION = 0.5
"""Two frames whose colour histograms correlate less than this belong to different shots."""

SAMPLED_PX = (160, 90)
LOOKED_AT_PX = (640, 360)
"""Of a larger picture some rows and columns are left out, so that it costs no more."""


class ShotDetector:
    """Compares each frame with the one before."""

    def __init__(self) -> None:
        self._last: NDArray[np.float32] | None = None

    def is_new(self, image: Image) -> bool:
        """Whether a cut lies between the last picture and this one (height, width, 3; uint8; RGB)."""
        before, self._last = self._last, _histogram(image)
        return (
            before is not None and cv2.compareHist(before, self._last, cv2.HISTCMP_CORREL) < CUT_CORRELATION
        )


def _histogram(image: Image) -> NDArray[np.float32]:
    """Hue, saturation and brightness of the picture in 16 x 8 x 8 bins, normalised."""
    step = max(min(image.shape[1] // LOOKED_AT_PX[0], image.shape[0] // LOOKED_AT_PX[1]), 1)
    some = cv2.resize(image, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_NEAREST)
    small = cv2.resize(some, SAMPLED_PX, interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    histogram = cv2.calcHist([hsv], [0, 1, 2], None, [16, 8, 8], [0, 180, 0, 256, 0, 256])
    return np.asarray(histogram / np.linalg.norm(histogram), dtype=np.float32).ravel()
