"""The networks that can be trained: how each is made, and where it starts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import timm
import torch
from torch import Tensor, nn

from worker.detectors.mobilenet import MobileNetV1

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALVES = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@dataclass(frozen=True, kw_only=True)
class Net:
    """A network to train; (n, 3, 128, 128) float32, normalised -> (n, 1) logits of manipulation."""

    build: Callable[[list[Path]], nn.Module]
    """Given the files with its start, or none."""
    normalisation: tuple[tuple[float, float, float], tuple[float, float, float]]
    """Mean and standard deviation of RGB values from 0 to 1."""


def averaged(paths: list[Path]) -> dict[str, Tensor]:
    """The mean of checkpoints of one training run, or of runs that share most of their way."""
    states = [torch.load(path, weights_only=True) for path in paths]
    return {
        key: torch.stack([state[key].double() for state in states]).mean(dim=0).to(first.dtype)
        for key, first in states[0].items()
    }


def _light(start: list[Path]) -> nn.Module:
    network = MobileNetV1()
    if not start:
        return network
    weights = torch.load(start[0], map_location="cpu", weights_only=True)
    if "state_dict" not in weights:  # epochN.pt files of an earlier run
        network.load_state_dict(averaged(start))
        return network
    imagenet = {key.removeprefix("module."): value for key, value in weights["state_dict"].items()}
    body = {key: value for key, value in imagenet.items() if not key.startswith("fc.")}
    found = network.load_state_dict(body, strict=False)
    assert (set(found.missing_keys), found.unexpected_keys) == ({"fc.weight", "fc.bias"}, [])
    return network


def _xception(start: list[Path]) -> nn.Module:
    assert not start, "no ImageNet Xception may be passed on: it starts from nothing"
    network: nn.Module = timm.create_model("legacy_xception", num_classes=1)
    return network


NETS = {
    "light": Net(build=_light, normalisation=IMAGENET),
    "xception": Net(build=_xception, normalisation=HALVES),
}
