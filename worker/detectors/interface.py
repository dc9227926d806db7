"""What every detector is: face crops in, probabilities out."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import DetectorInfo
from worker.faces.crops import Preset

Crops = NDArray[np.uint8]
"""Face crops as the preset cuts them: shape (n, size, size, 3), uint8, RGB."""


class Detector(Protocol):
    """A network with its trained weights, ready to score."""

    @property
    def info(self) -> DetectorInfo:
        """Name, weights and thresholds, as they go into the report."""

    @property
    def preset(self) -> Preset:
        """How a face must be cut and normalised for these weights. Never infer it: weights do not say."""

    @property
    def device(self) -> str:
        """Where and by what it runs: "cpu, OpenVINO", "cuda:0, PyTorch"."""

    def score(self, crops: Crops) -> NDArray[np.float32]:
        """The probability that each crop was manipulated: shape (n,), float32, 0 to 1."""

    def activation_maps(self, crops: Crops) -> NDArray[np.float32]:
        """Where the network looked: what raised the probability of each crop, brightest 1, nothing 0.

        Returns:
            Shape (n, rows, columns), float32, 0 to 1, each scaled for itself; coarse, and no evidence.
        """
