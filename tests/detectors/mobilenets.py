"""A MobileNetV1 made by the tests: random, but with layers that pass on what they see."""

import torch
from torch import nn

from worker.detectors.mobilenet import MobileNetV1


def random_mobilenet() -> MobileNetV1:
    """In evaluation mode, the same at each call."""
    torch.manual_seed(0)
    network = MobileNetV1()
    # One pass sets the statistics of every layer. Without them the values fade away towards the end.
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        network.train()(torch.randn(8, 3, 128, 128))
    return network.eval()
