"""The networks that can be trained: how each is made, and where it starts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import timm
import torch
from torch import nn

from worker.detectors.mobilenet import MobileNetV1

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALVES = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@dataclass(frozen=True, kw_only=True)
class Net:
    """A network to train; (n, 3, 128, 128) float32, normalised -> (n, 1) logits of manipulation."""

    build: Callable[[Path | None], nn.Module]
    """Given the file with its start, or None."""
    normalisation: tuple[tuple[float, float, float], tuple[float, float, float]]
    """Mean and standard deviation of RGB values from 0 to 1."""


def _light(start: Path | None) -> nn.Module:
    network = MobileNetV1()
    if start is None:
        return network
    weights = torch.load(start, map_location="cpu", weights_only=True)
    if "state_dict" not in weights:  # an epochN.pt of an earlier run
        network.load_state_dict(weights)
        return network
    imagenet = {key.removeprefix("module."): value for key, value in weights["state_dict"].items()}
    body = {key: value for key, value in imagenet.items() if not key.startswith("fc.")}
    found = network.load_state_dict(body, strict=False)
    assert (set(found.missing_keys), found.unexpected_keys) == ({"fc.weight", "fc.bias"}, [])
    return network


def _xception(start: Path | None) -> nn.Module:
    assert start is None, "no ImageNet Xception may be passed on: it starts from nothing"
    network: nn.Module = timm.create_model("legacy_xception", num_classes=1)
    return network


NETS = {
    "light": Net(build=_light, normalisation=IMAGENET),
    "xception": Net(build=_xception, normalisation=HALVES),
}
