"""A detector and a face finder that need no weights, at the worker's own interfaces."""

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.fake_models import Brightness
from deeptrace_core.errors import ModelUnavailableError
from deeptrace_core.job import DetectorOffer
from deeptrace_core.model import AccuracyFigure, Box, DetectorInfo, Face, Landmarks
from worker.audio.interface import AudioDetector
from worker.detectors.interface import Crops, Detector
from worker.faces.crops import Image

FACE = Face(
    box=Box(x1=110, y1=60, x2=210, y2=180),
    landmarks=Landmarks((140, 100), (180, 100), (160, 120), (145, 145), (175, 145)),
    confidence=0.999,
)


class FakeDetector(Brightness):
    """Scores each crop by its brightness, and does something before."""

    def __init__(self, before_scoring: Callable[[], None] = lambda: None) -> None:
        self._before_scoring = before_scoring

    def score(self, crops: Crops) -> NDArray[np.float32]:
        self._before_scoring()
        return super().score(crops)


class FakeFaceFinder:
    """Finds the same face everywhere but in black pictures."""

    def __init__(self, *faces: Face) -> None:
        self._faces = faces or (FACE,)

    def find(self, image: Image) -> tuple[Face, ...]:
        return self._faces if image.max() > 40 else ()

    def again(self, images: Sequence[Image], faces: Sequence[Face]) -> list[Face] | None:
        """See `FaceFinder.again`."""
        return None


class FakeModels:
    """See `worker.models.Models`."""

    device = "cpu"
    runs_on = "cpu, a script"

    def __init__(
        self, *faces: Face, before_scoring: Callable[[], None] = lambda: None, missing: bool = False
    ) -> None:
        self._face_finder = FakeFaceFinder(*faces)
        self._before_scoring = before_scoring
        self._missing = missing

    def detector(self, name: str) -> FakeDetector:
        if self._missing:
            raise ModelUnavailableError("No weights here.", advice=f"Pull {name}.")
        return FakeDetector(self._before_scoring)

    def audio_detector(self) -> AudioDetector:
        """See `Models.audio_detector`."""
        raise ModelUnavailableError("No weights for voices here.", advice="Pull aasist.")

    def figures(self, info: DetectorInfo) -> tuple[AccuracyFigure, ...]:
        """See `ModelSource.figures`."""
        return ()

    def add(self, detector: Detector) -> None:
        """See `Models.add`: this one is handed out anyway."""

    def face_finder(self, *, min_face_px: int) -> FakeFaceFinder:
        return self._face_finder

    def offers(self) -> tuple[DetectorOffer, ...]:
        return (DetectorOffer(name="brightness", description="For tests.", ready=not self._missing),)


def slowly() -> None:
    """As long as a large network takes for a few faces."""
    time.sleep(0.4)
