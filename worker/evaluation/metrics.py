"""The figures of an evaluation. Pure: scores and labels in, numbers out; "positive" is manipulated."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Z = NormalDist().inv_cdf(0.975)
"""Half the width of a 95 % interval, in standard errors."""
RESAMPLES = 1000
MIN_CASES = 10
"""With fewer cases of a label than this, drawing them again says nothing about others like them."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; no interval where there was too little to make one from."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """A share of cases with its 95 % Wilson interval. `value` is None where there were no cases."""

    count: int
    of: int
    value: float | None
    low: float | None
    high: float | None


def rate(count: int, of: int) -> Rate:
    """The share `count` / `of` with the score interval of Wilson, JASA 22 (1927) 209.

    It stays within 0 to 1 and is honest about small numbers: 0 of 4 is 0 to 0.49.
    """
    if not of:
        return Rate(count=0, of=0, value=None, low=None, high=None)
    share = count / of
    center = (share + Z**2 / (2 * of)) / (1 + Z**2 / of)
    half = Z * math.sqrt(share * (1 - share) / of + Z**2 / (4 * of**2)) / (1 + Z**2 / of)
    # What rounding leaves at the ends is not part of the formula.
    low, high = (0.0 if count == 0 else center - half), (1.0 if count == of else center + half)
    return Rate(count=count, of=of, value=share, low=low, high=high)


class Ranking:
    """Scored items from the highest to the lowest, ready to be weighed again and again."""

    def __init__(self, scores: Floats, positive: NDArray[np.bool_]) -> None:
        """Sort once. Shapes (n,); needs at least one positive and one negative item."""
        self._order = np.argsort(-scores, kind="stable")
        self._positive = positive[self._order]
        ranked = scores[self._order]
        # Items of one score cannot be told apart by any threshold: only the last of them is a point.
        self._ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))

    def curve(self, weights: Floats | None = None) -> "Curve":
        """The operating points, each item counting as often as its weight says (1 without weights)."""
        ranked = np.ones(len(self._order)) if weights is None else weights[self._order]
        positives = np.cumsum(np.where(self._positive, ranked, 0.0))[self._ends]
        negatives = np.cumsum(np.where(self._positive, 0.0, ranked))[self._ends]
        return Curve(np.append(0.0, positives), np.append(0.0, negatives))


@dataclass(frozen=True, slots=True)
class Curve:
    """How many items lie at or above each threshold, from the strictest to the loosest.

    Shape (thresholds + 1,) each, beginning with 0, for an infinite threshold.
    """

    positives: Floats
    negatives: Floats

    @property
    def hit_rate(self) -> Floats:
        return np.asarray(self.positives / self.positives[-1])

    @property
    def false_alarm_rate(self) -> Floats:
        return np.asarray(self.negatives / self.negatives[-1])


def auc(curve: Curve) -> float:
    """The area under the ROC curve: how often a positive item scores above a negative one, ties half."""
    return float(np.trapezoid(curve.hit_rate, curve.false_alarm_rate))


def equal_error_rate(curve: Curve) -> float:
    """Where false alarms and misses are equally frequent, on the straight lines between the points."""
    excess = curve.false_alarm_rate - (1 - curve.hit_rate)  # rises from -1 to 1
    after = int(np.argmax(excess >= 0))
    before = after - 1
    share = -excess[before] / (excess[after] - excess[before])
    rates = curve.false_alarm_rate
    return float(rates[before] + share * (rates[after] - rates[before]))


def average_precision(curve: Curve) -> float:
    """The precision at each threshold, weighed by the hits it adds (not interpolated). Depends on the mix."""
    found = curve.positives + curve.negatives
    precision = np.divide(curve.positives, found, out=np.zeros_like(found), where=found > 0)
    return float(np.sum(np.diff(curve.hit_rate) * precision[1:]))


def auc_interval(value: float, positives: int, negatives: int) -> tuple[float, float]:
    """The 95 % interval of an AUC from independent cases: Newcombe, Stat. Med. 25 (2006) 559, method 5.

    The variance is that of Hanley and McNeil (1982) at the limit itself, so that, as with Wilson's, few
    cases give a wide interval even where the AUC is 0 or 1. (DeLong's has no width there.)
    """
    mean_cases = (positives + negatives) / 2

    def distance(limit: float) -> float:
        spread = (
            1 + (mean_cases - 1) * (1 - limit) / (2 - limit) + (mean_cases - 1) * limit / (1 + limit)
        ) / (positives * negatives)
        return abs(value - limit) - Z * math.sqrt(limit * (1 - limit) * spread)

    return _root(distance, outside=0.0, inside=value), _root(distance, outside=1.0, inside=value)


def _root(distance: Callable[[float], float], *, outside: float, inside: float) -> float:
    """Where `distance` is 0, by halving; it is positive or 0 at `outside`, negative or 0 at `inside`."""
    for _ in range(60):
        middle = (outside + inside) / 2
        if distance(middle) > 0:
            outside = middle
        else:
            inside = middle
    return inside


def bootstrapped(
    figures: Sequence[Callable[[Curve], float]],
    scores: Floats,
    positive: NDArray[np.bool_],
    case: NDArray[np.int64],
) -> tuple[Estimate, ...]:
    """Each figure with the percentile interval of drawing whole cases again, within each label.

    Items of one case, such as the frames of one video, repeat each other: only cases are independent.

    Args:
        scores, positive, case: shape (n,); `case` numbers the case of each item from 0, and all items of a
            case have one label.
    """
    ranking = Ranking(scores, positive)
    values = [figure(ranking.curve()) for figure in figures]
    label_of_case = np.zeros(case.max() + 1, dtype=bool)
    label_of_case[case] = positive
    groups = [np.flatnonzero(label_of_case == label) for label in (False, True)]
    if min(map(len, groups)) < MIN_CASES:
        return tuple(Estimate(value=value) for value in values)
    random = np.random.default_rng(0)  # the same list gives the same interval
    drawn = np.empty((RESAMPLES, len(figures)))
    for row in drawn:
        times = np.zeros(len(label_of_case))
        for group in groups:
            times[group] = np.bincount(random.integers(len(group), size=len(group)), minlength=len(group))
        curve = ranking.curve(times[case])
        row[:] = [figure(curve) for figure in figures]
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return tuple(
        Estimate(value=value, low=float(low[n]), high=float(high[n])) for n, value in enumerate(values)
    )
