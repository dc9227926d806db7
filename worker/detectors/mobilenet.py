"""MobileNetV1 at a quarter of its width: 0.2 million weights, hundreds of faces a second on a CPU.

Howard et al., arXiv:1704.04861; leaky rectifiers, and stages as in github.com/biubug6/Pytorch_Retinaface,
whose ImageNet weights (MIT) are where training starts. Input: RGB, normalised as for ImageNet.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from deeptrace_core.errors import WeightsRejectedError
from worker.weights.checkpoint import read_checkpoint

LEAKY_SLOPE = 0.1
FEATURES = 256


def _convolution(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    """3x3, batch norm, rectifier."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(LEAKY_SLOPE, inplace=True),
    )


def _separable(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    """3x3 within each channel, then 1x1 across channels; batch norm and rectifier after each."""
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        nn.LeakyReLU(LEAKY_SLOPE, inplace=True),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(LEAKY_SLOPE, inplace=True),
    )


LAST_MAP = "stage3"


class MobileNetV1(nn.Module):
    """(n, 3, size, size) float32, normalised -> (n, 1) logits of manipulation; any size from 64 px up."""

    def __init__(self) -> None:
        super().__init__()
        self.stage1 = nn.Sequential(
            _convolution(3, 8, 2),
            _separable(8, 16, 1),
            _separable(16, 32, 2),
            _separable(32, 32, 1),
            _separable(32, 64, 2),
            _separable(64, 64, 1),
        )
        self.stage2 = nn.Sequential(_separable(64, 128, 2), *(_separable(128, 128, 1) for _ in range(5)))
        self.stage3 = nn.Sequential(_separable(128, FEATURES, 2), _separable(FEATURES, FEATURES, 1))
        self.fc = nn.Linear(FEATURES, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        features = self.stage3(self.stage2(self.stage1(pictures))).mean(dim=(2, 3))
        logits: Tensor = self.fc(features)
        return logits


def load_network(architecture: str, data: bytes) -> nn.Module:
    """The network with the weights of a safetensors file, ready to score.

    Args:
        architecture: "mobilenetv1-025".
        data: as `training/export.py` writes it.

    Raises:
        WeightsRejectedError: the file was not made for this network.
    """
    weights = read_checkpoint(data)
    if not isinstance(weights, dict):
        raise _refused()
    # On the meta device there are no numbers: none can stay random, all must come from the file.
    with torch.device("meta"):
        network = MobileNetV1()
    # Scoring does not count batches, so the file need not.
    counters = {key: torch.tensor(0) for key in network.state_dict() if key.endswith("num_batches_tracked")}
    try:
        network.load_state_dict(counters | weights, strict=True, assign=True)
    except (RuntimeError, TypeError) as error:
        raise _refused() from error
    return _fused(network.float().eval())


def _refused() -> WeightsRejectedError:
    return WeightsRejectedError(
        "The layers are not those of this MobileNetV1.", advice="Use the weights that come with the project."
    )


def _fused(network: nn.Module) -> nn.Module:
    """Batch norm folded into the convolution before it: the same function, twice as fast."""
    for block in network.modules():
        if isinstance(block, nn.Sequential):
            for position, (conv, norm) in enumerate(pairwise(block)):
                if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                    block[position] = fuse_conv_bn_eval(conv, norm)
                    block[position + 1] = nn.Identity()
    return network
