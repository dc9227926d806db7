"""PyTorch: on a GPU, and wherever nothing faster can be had."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from deeptrace_core.errors import EnvironmentFault
from worker.detectors.interface import Crops


class TorchRuntime:
    """See `Runtime`.

    Args:
        network: (n, size, size, 3) uint8 -> (n, 1 or 2) logits, on the device.
    """

    name = "PyTorch"

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        self._network, self._device = network, device

    def logits(self, crops: Crops) -> NDArray[np.float32]:
        """See `Runtime.logits`."""
        # TF32, on by default on recent GPUs, moves scores in the third decimal: a report must be repeatable.
        repeatable = torch.backends.cudnn.flags(
            enabled=True, benchmark=False, deterministic=True, allow_tf32=False
        )
        try:
            with torch.inference_mode(), repeatable:
                pictures = torch.tensor(np.ascontiguousarray(crops), device=self._device)
                logits: NDArray[np.float32] = self._network(pictures).cpu().numpy()
        except torch.OutOfMemoryError as error:
            raise EnvironmentFault(
                f"The memory of {self._device} was too small for {len(crops)} faces at once.",
                advice="Use a smaller batch size, or end other programs that use the GPU.",
            ) from error
        return logits
