"""Where a network looked. Needs PyTorch's gradients, whatever runs the network otherwise."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from worker.detectors.interface import Crops
from worker.detectors.probability import log_odds
from worker.weights.registry import LabelOrder


class ActivationMaps:
    """Grad-CAM (Selvaraju et al., arXiv:1610.02391) of the log-odds of manipulation.

    Where the last features are averaged and weighed, as in Xception and MobileNet, it is the class
    activation map (Zhou et al., arXiv:1512.04150).

    Args:
        load: gives the network, (n, size, size, 3) uint8 -> (n, outputs) logits; called when it is needed.
        last_map: the part of it that gives the last features which still have a place in the picture,
            (n, channels, rows, columns).
        device: as torch names it.
    """

    def __init__(self, load: Callable[[], nn.Module], last_map: str, device: str) -> None:
        self._load, self._last_map, self._device = load, last_map, device

    def __call__(self, crops: Crops, label_order: LabelOrder) -> NDArray[np.float32]:
        """See `Detector.activation_maps`."""
        if not len(crops):
            return np.empty((0, 1, 1), np.float32)
        network = self._load().eval().requires_grad_(False).to(self._device)
        return np.concatenate([self._map(network, crops[n : n + 1], label_order) for n in range(len(crops))])

    def _map(self, network: nn.Module, crop: Crops, label_order: LabelOrder) -> NDArray[np.float32]:
        kept: list[Tensor] = []

        def keep(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
            kept.append(output.detach().requires_grad_())
            return kept[0]

        handle = network.get_submodule(self._last_map).register_forward_hook(keep)
        try:
            with torch.enable_grad():
                logits = network(torch.tensor(np.ascontiguousarray(crop), device=self._device))
                [gradient] = torch.autograd.grad(log_odds(logits, label_order).sum(), kept)
        finally:
            handle.remove()
        features = (gradient.mean(dim=(2, 3), keepdim=True) * kept[0].detach()).sum(dim=1).relu()
        peak = features.amax(dim=(1, 2), keepdim=True)
        scaled: NDArray[np.float32] = torch.where(peak > 0, features / peak, 0.0).float().cpu().numpy()
        return scaled
