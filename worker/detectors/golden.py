"""A crop that is the same for ever, to see whether a network still computes what it did when registered."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.detectors.interface import Crops

TOLERANCE = 1e-4
"""Of each logit. Other code for the same network (Keras, numpy) was seen to differ by a hundredth of it."""


def golden_crop(size_px: int) -> Crops:
    """Shape (1, size, size, 3), uint8: waves in three directions, by arithmetic that stays the same."""
    y, x = np.mgrid[:size_px, :size_px]
    waves = (x * 3, y * 5, (x + y) * 2)
    return np.stack([np.abs(wave % 510 - 255) for wave in waves], axis=-1)[None].astype(np.uint8)


def known_crops(size_px: int) -> Crops:
    """The golden crop and two of noise, to compare two ways to run a network: shape (3, size, size, 3)."""
    noise = np.random.default_rng(1).integers(0, 256, (2, size_px, size_px, 3)).astype(np.uint8)
    return np.concatenate([golden_crop(size_px), noise])


def largest_shift(found: NDArray[Any], expected: NDArray[Any]) -> float:
    """The most by which a number moved, relative to those beyond 1.

    Of large logits, which noise may give, the rounding is larger, and says nothing.
    """
    return float((np.abs(found - expected) / np.maximum(np.abs(expected), 1)).max())
