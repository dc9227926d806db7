"""What every runtime is: face crops in, logits out."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from worker.detectors.interface import Crops


class Runtime(Protocol):
    """A network, ready to run somewhere."""

    @property
    def name(self) -> str:
        """As reports say it: "PyTorch", "OpenVINO"."""

    @property
    def device(self) -> str:
        """As torch names it."""

    def logits(self, crops: Crops) -> NDArray[np.float32]:
        """Run the network on at least one crop, in batches that fit into memory.

        Returns:
            Shape (n, outputs), float32.

        Raises:
            EnvironmentFault: there is not enough memory for even one.
        """
