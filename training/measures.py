"""Areas under the curve, with their uncertainty."""

import numpy as np
from numpy.typing import NDArray

from worker.evaluation import metrics

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def auc(scores: Floats, fake: Bools) -> float:
    """How often a manipulated one scores above a real one; ties count half."""
    return metrics.auc(metrics.Ranking(scores, fake).curve())


def auc_range(scores: Floats, fake: Bools, *, draws: int = 2000) -> tuple[float, float]:
    """The 95 % bootstrap interval of the AUC; each class is drawn anew with its own size."""
    random = np.random.default_rng(0)
    fakes, reals = scores[fake], scores[~fake]
    labels = np.repeat([True, False], [len(fakes), len(reals)])
    values = [
        auc(np.concatenate([random.choice(fakes, len(fakes)), random.choice(reals, len(reals))]), labels)
        for _ in range(draws)
    ]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def rate_range(hits: int, tries: int) -> tuple[float, float]:
    """The 95 % interval of a rate; there is at least one try."""
    found = metrics.rate(hits, tries)
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


def by_group(scores: Floats, fake: Bools, group: NDArray[np.str_]) -> tuple[Floats, Bools]:
    """Mean score and label of each group: frames -> videos."""
    _, place = np.unique(group, return_inverse=True)
    count = np.bincount(place)
    means = np.bincount(place, weights=scores) / count
    return means, np.bincount(place, weights=fake) / count > 0.5
