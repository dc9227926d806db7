"""How often the likely range of a person covers the truth, beside a bootstrap of blocks of frames.

`python -m benchmarks.ranges`. Scores are drawn from a first-order autoregressive series with a known mean,
as neighbouring frames resemble each other. A range that is right covers the mean in 95 % of the trials.
"""

import json
import math
import sys

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.scoring import CONFIDENCE, mean_range

TRIALS = 1_000
RESAMPLES = 500
MEAN, SPREAD = 0.5, 0.1
WARM_UP = 200
"""Draws that are thrown away, so that the first score depends on the one before as all others do."""

Series = NDArray[np.float64]


def series(rng: np.random.Generator, count: int, correlation: float) -> Series:
    """Shape (count,): scores of one person."""
    noise = rng.normal(size=count + WARM_UP) * math.sqrt(1 - correlation**2)
    values = np.zeros(count + WARM_UP)
    for n in range(1, len(values)):
        values[n] = correlation * values[n - 1] + noise[n]
    return MEAN + SPREAD * values[WARM_UP:]


def block_bootstrap(rng: np.random.Generator, values: Series) -> tuple[float, float]:
    """The moving-block bootstrap (Künsch, Annals of Statistics 1989), with blocks of n^(1/3) frames."""
    count = len(values)
    block = max(1, round(count ** (1 / 3)))
    starts = rng.integers(0, count - block + 1, (RESAMPLES, math.ceil(count / block)))
    drawn = (starts[..., None] + np.arange(block)).reshape(RESAMPLES, -1)[:, :count]
    low, high = np.quantile(values[drawn].mean(axis=1), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def main() -> None:
    """Print, for each length and correlation, the share of trials in which each range covers the mean."""
    rng = np.random.default_rng(1)
    rows = []
    for count in (4, 8, 16, 32, 64, 256):
        for correlation in (0.0, 0.5, 0.8):
            ours = blocks = 0
            for _ in range(TRIALS):
                values = series(rng, count, correlation)
                own = mean_range(values.tolist())
                low, high = block_bootstrap(rng, values)
                ours += own.low <= MEAN <= own.high
                blocks += low <= MEAN <= high
            rows.append(
                {
                    "frames": count,
                    "correlation": correlation,
                    "ours": ours / TRIALS,
                    "block_bootstrap": blocks / TRIALS,
                }
            )
    json.dump(rows, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
