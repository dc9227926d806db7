"""Which frames to look at."""

import math

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import AnalysisOptions


def choose_frames(times_s: NDArray[np.float64], options: AnalysisOptions) -> NDArray[np.int64]:
    """Indices of the frames to look at: evenly spaced in time over the whole video, ascending.

    32 evenly spaced frames are the protocol of the field (DeepfakeBench preprocessing, DFDC solutions);
    longer videos get `rate_hz` frames a second, at most `max_frames`.
    """
    wanted = max(options.min_frames, math.ceil(times_s[-1] * options.rate_hz))
    count = min(wanted, options.max_frames, len(times_s))
    targets_s = np.linspace(times_s[0], times_s[-1], count)
    after = np.searchsorted(times_s, targets_s).clip(0, len(times_s) - 1)
    before = (after - 1).clip(0)
    nearer = np.where(times_s[after] - targets_s < targets_s - times_s[before], after, before)
    return np.unique(nearer)
