"""A network together with the normalisation of its preset: what is given to a runtime."""

import torch
from torch import Tensor, nn

from worker.faces.crops import Preset


class Normalised(nn.Module):
    """(n, size, size, 3) uint8 RGB -> (n, 1 or 2) logits."""

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
