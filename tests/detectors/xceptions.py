"""Xceptions made by the tests: random, but with layers that pass on what they see, as trained ones do."""

import io

import timm
import torch
from torch import nn


def random_xception(outputs: int) -> nn.Module:
    """timm's network in evaluation mode, the same at each call."""
    torch.manual_seed(outputs)
    network: nn.Module = timm.create_model("legacy_xception", num_classes=outputs)
    # One pass sets the statistics of every layer. Without them the values fade away towards the end: all
    # pictures would score the same, and slowly, since a CPU is slow with numbers next to zero.
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        network.train()(torch.rand(4, 3, 96, 96) * 2 - 1)
    return network.eval()


def saved(checkpoint: object, *, zipped: bool = True) -> bytes:
    """As torch.save writes it; not zipped is the format before torch 1.6."""
    buffer = io.BytesIO()
    torch.save(checkpoint, buffer, _use_new_zipfile_serialization=zipped)
    return buffer.getvalue()
