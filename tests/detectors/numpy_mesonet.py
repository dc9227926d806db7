"""MesoNet once more, in plain numpy and channels-last as Keras computes it: to check the torch modules by.

Layers are found by the number that Keras gave them when `classifiers.py` made them, not by their order in
the file, so it also checks the order that the loader relies on.
"""

import io
from collections.abc import Callable

import h5py
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Layers = dict[str, dict[str, Floats]]

SHAPES: dict[str, dict[str, tuple[int, ...]]] = {
    "meso4": {
        "conv2d_1": (3, 3, 3, 8),
        "batch_normalization_1": (8,),
        "conv2d_2": (5, 5, 8, 8),
        "batch_normalization_2": (8,),
        "conv2d_3": (5, 5, 8, 16),
        "batch_normalization_3": (16,),
        "conv2d_4": (5, 5, 16, 16),
        "batch_normalization_4": (16,),
        "flatten_1": (),
        "dense_1": (1024, 16),
        "dense_2": (16, 1),
    },
    # In the order of the published files, which is not the order of the numbers.
    "mesoinception4": {
        "conv2d_2": (1, 1, 3, 4),
        "conv2d_4": (1, 1, 3, 4),
        "conv2d_6": (1, 1, 3, 2),
        "conv2d_1": (1, 1, 3, 1),
        "conv2d_3": (3, 3, 4, 4),
        "conv2d_5": (3, 3, 4, 4),
        "conv2d_7": (3, 3, 2, 2),
        "concatenate_1": (),
        "batch_normalization_1": (11,),
        "conv2d_9": (1, 1, 11, 4),
        "conv2d_11": (1, 1, 11, 4),
        "conv2d_13": (1, 1, 11, 2),
        "conv2d_8": (1, 1, 11, 2),
        "conv2d_10": (3, 3, 4, 4),
        "conv2d_12": (3, 3, 4, 4),
        "conv2d_14": (3, 3, 2, 2),
        "concatenate_2": (),
        "batch_normalization_2": (12,),
        "conv2d_15": (5, 5, 12, 16),
        "batch_normalization_3": (16,),
        "conv2d_16": (5, 5, 16, 16),
        "batch_normalization_4": (16,),
        "flatten_1": (),
        "dense_1": (1024, 16),
        "dense_2": (16, 1),
    },
}


def random_layers(architecture: str, seed: int = 0) -> Layers:
    """Weights of the right shapes, such that scores do not saturate. Made by the test, for the test."""
    random = np.random.default_rng(seed)
    layers: Layers = {}
    for name, shape in SHAPES[architecture].items():
        if name.startswith("batch"):
            roles = ("gamma", "beta", "moving_mean", "moving_variance")
            layers[name] = {role: random.uniform(0.5, 1.5, shape) for role in roles}
        elif shape:
            fan_in = np.prod(shape[:-1])
            layers[name] = {
                "kernel": random.normal(0, 1 / np.sqrt(fan_in), shape),
                "bias": random.normal(0, 0.1, shape[-1:]),
            }
        else:
            layers[name] = {}
    return layers


def hdf5(layers: Layers) -> bytes:
    """The layers as Keras 2's `save_weights` writes them."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in layers]
        for name, arrays in layers.items():
            group = file.create_group(name)
            paths = [f"{name}/{role}:0" for role in arrays]
            group.attrs["weight_names"] = [path.encode() for path in paths]
            for path, array in zip(paths, arrays.values(), strict=True):
                group[path] = array.astype(np.float32)
    return buffer.getvalue()


def fake_probability(architecture: str, layers: Layers, pictures: NDArray[np.uint8]) -> Floats:
    """(n, 256, 256, 3) uint8 RGB -> (n,) probability of manipulation."""

    def conv(x: Floats, number: int, dilation: int = 1) -> Floats:
        kernel, bias = layers[f"conv2d_{number}"]["kernel"], layers[f"conv2d_{number}"]["bias"]
        margin, height, width = dilation * (len(kernel) // 2), x.shape[1], x.shape[2]
        padded = np.pad(x, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
        total = np.zeros((*x.shape[:3], kernel.shape[-1])) + bias
        for row in range(len(kernel)):
            for column in range(len(kernel)):
                top, left = row * dilation, column * dilation
                total += padded[:, top : top + height, left : left + width] @ kernel[row, column]
        return np.maximum(total, 0)

    def norm_pool(x: Floats, number: int, pool: int) -> Floats:
        norm = layers[f"batch_normalization_{number}"]
        x = (x - norm["moving_mean"]) / np.sqrt(norm["moving_variance"] + 1e-3)
        x = x * norm["gamma"] + norm["beta"]
        n, height, width, channels = x.shape
        tiles = x.reshape(n, height // pool, pool, width // pool, pool, channels)
        return np.asarray(tiles.max(axis=(2, 4)))

    def inception(x: Floats, first: int) -> Floats:
        branches = [conv(x, first)]
        branches += [conv(conv(x, first + 2 * d - 1), first + 2 * d, dilation=d) for d in (1, 2, 3)]
        return np.concatenate(branches, axis=-1)

    bodies: dict[str, Callable[[Floats], Floats]] = {
        "meso4": lambda x: conv(
            norm_pool(conv(norm_pool(conv(norm_pool(conv(x, 1), 1, 2), 2), 2, 2), 3), 3, 2), 4
        ),
        "mesoinception4": lambda x: conv(
            norm_pool(conv(norm_pool(inception(norm_pool(inception(x, 1), 1, 2), 8), 2, 2), 15), 3, 2), 16
        ),
    }
    features = norm_pool(bodies[architecture](pictures / 255), 4, 4)
    hidden = features.reshape(len(pictures), -1) @ layers["dense_1"]["kernel"] + layers["dense_1"]["bias"]
    hidden = np.where(hidden < 0, 0.1 * hidden, hidden)
    logits = hidden @ layers["dense_2"]["kernel"] + layers["dense_2"]["bias"]
    return np.asarray(1 - 1 / (1 + np.exp(-logits[:, 0])))
