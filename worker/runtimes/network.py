"""Networks as they are given to a runtime."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from worker.faces.crops import Preset


class Normalised(nn.Module):
    """A network with the normalisation of its preset: (n, size, size, 3) uint8 RGB -> (n, 1 or 2) logits."""

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, preset: Preset) -> None:
        """Put the normalisation of `preset` before `network`: (n, 3, size, size) float32 -> logits."""
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(preset.mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(preset.std).view(1, 3, 1, 1))

    def forward(self, crops: Tensor) -> Tensor:
        pictures = crops.permute(0, 3, 1, 2).float().div(255)
        logits: Tensor = self.network(pictures.sub(self.mean).div(self.std))
        return logits


@dataclass(frozen=True, kw_only=True)
class Built:
    """A network, and what it is converted and tried with."""

    network: nn.Module
    inputs: NDArray[np.generic]
    """Two or more at once."""
    shape: tuple[int, ...]
    """Of its inputs; -1 stands for any length."""
