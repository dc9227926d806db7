"""A face finder and a detector that need no network, where what is measured is everything around them."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import AccuracyFigure, Box, DetectorInfo, Face, Landmarks
from worker.detectors.interface import Crops
from worker.faces.crops import PRESETS, Image, Preset


class CentreFace:
    """Finds one face, in the middle of every picture, and takes its time."""

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s

    def find(self, image: Image) -> tuple[Face, ...]:
        """See `FaceFinder.find`."""
        time.sleep(self._pause_s)
        height_px, width_px = image.shape[:2]
        side_px = min(height_px, width_px) / 2
        x, y = width_px / 2, height_px / 2
        box = Box(x1=x - side_px / 2, y1=y - side_px / 2, x2=x + side_px / 2, y2=y + side_px / 2)
        eye_px = side_px / 5
        landmarks = Landmarks(
            (x - eye_px, y - eye_px),
            (x + eye_px, y - eye_px),
            (x, y),
            (x - eye_px, y + eye_px),
            (x + eye_px, y + eye_px),
        )
        return (Face(box=box, landmarks=landmarks, confidence=0.999),)

    def again(self, images: Sequence[Image], faces: Sequence[Face]) -> list[Face] | None:
        """See `FaceFinder.again`."""
        return None


class Brightness:
    """Scores each crop by its brightness."""

    preset: Preset = PRESETS["meso256"]
    device = "cpu"
    info = DetectorInfo(
        name="brightness",
        architecture="none",
        weights_sha256="0" * 64,
        licence="none",
        preset="meso256",
        preset_sha256=PRESETS["meso256"].sha256,
        threshold_low=0.2,
        threshold_high=0.8,
        accuracy=(),
    )

    def score(self, crops: Crops) -> NDArray[np.float32]:
        """See `Detector.score`."""
        scores: NDArray[np.float32] = crops.reshape(len(crops), -1).mean(axis=1).astype(np.float32) / 255
        return scores

    def activation_maps(self, crops: Crops) -> NDArray[np.float32]:
        """See `Detector.activation_maps`: the brightness of 8 x 8 places."""
        size = self.preset.size_px // 8
        maps: NDArray[np.float32] = (
            crops.reshape(len(crops), 8, size, 8, size, 3).mean(axis=(2, 4, 5)).astype(np.float32) / 255
        )
        return maps


class FakeModels:
    """See `worker.pipeline.ModelSource`.

    Args:
        frame_s: how long finding faces in one frame shall take, as networks do.
    """

    def __init__(self, *, frame_s: float = 0.0) -> None:
        self._frame_s = frame_s

    def detector(self, name: str) -> Brightness:
        """See `ModelSource.detector`."""
        return Brightness()

    def figures(self, info: DetectorInfo) -> tuple[AccuracyFigure, ...]:
        """See `ModelSource.figures`."""
        return ()

    def face_finder(self, *, min_face_px: int) -> CentreFace:
        """See `ModelSource.face_finder`."""
        return CentreFace(self._frame_s)
