"""A sound that is the same for ever, to see whether a network still computes what it did when registered."""

import numpy as np

from worker.audio.windows import WINDOW_SAMPLES, Samples


def golden_window() -> Samples:
    """Shape (1, WINDOW_SAMPLES), float32: triangle waves that swell, by arithmetic that stays the same."""
    time = np.arange(WINDOW_SAMPLES, dtype=np.int64)
    waves = sum(np.abs(time * step % 510 - 255) for step in (7, 29, 101)) - 382
    swell = np.abs(time % 16_000 - 8_000)
    return (waves * swell / (383 * 8_000)).astype(np.float32)[None]
