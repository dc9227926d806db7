"""The three networks of MTCNN in PyTorch, with the weights that come with the facenet-pytorch package."""

import numpy as np
from facenet_pytorch.models.mtcnn import ONet, PNet, RNet

from worker.runtimes.network import Built

NETWORKS = {"pnet": (PNet, 48, -1), "rnet": (RNet, 24, 24), "onet": (ONet, 48, 48)}
"""Name -> class, side of the pictures it is tried with, side of those it takes (-1: any)."""


def build(arguments: tuple[str, ...], data: bytes) -> Built:
    """See `worker.runtimes.conversion.Builder`. The argument: a key of `NETWORKS`; no bytes are needed."""
    make, side_px, taken_px = NETWORKS[arguments[0]]
    pictures = np.random.default_rng(1).uniform(-1, 1, (2, 3, side_px, side_px)).astype(np.float32)
    return Built(network=make(), inputs=pictures, shape=(-1, 3, taken_px, taken_px))
