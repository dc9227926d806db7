"""The figures, against values worked out by hand, identities and other people's code."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from worker.evaluation.metrics import (
    MIN_CASES,
    Curve,
    Ranking,
    auc,
    auc_interval,
    average_precision,
    bootstrapped,
    equal_error_rate,
    rate,
)


def curve(fake: list[float], real: list[float]) -> Curve:
    return Ranking(*arrays(fake, real)).curve()


def arrays(fake: list[float], real: list[float]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return np.array(fake + real, dtype=np.float64), np.array([True] * len(fake) + [False] * len(real))


@pytest.mark.parametrize(
    ("fake", "real", "area", "errors", "precision"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0, 0.0, 1.0),
        ([0.1, 0.2], [0.9, 0.8], 0.0, 1.0, (1 / 3 + 2 / 4) / 2),
        # Pairs won: 0.9 over both, 0.4 over 0.1: 3 of 4. Precision at the hits: 1/1 and 2/3.
        ([0.9, 0.4], [0.6, 0.1], 0.75, 0.5, (1 + 2 / 3) / 2),
        # One pair of two is a tie: half. At 0.5 all are found, with precision 2/3.
        ([0.9, 0.5], [0.5], 0.75, 1 / 3, (1 + 2 / 3) / 2),
        # Nothing but one tie: chance, on the diagonal, precision is the share of fakes.
        ([0.5, 0.5, 0.5], [0.5], 0.5, 0.5, 0.75),
    ],
)
def test_figures_worked_out_by_hand(
    fake: list[float], real: list[float], area: float, errors: float, precision: float
) -> None:
    """Perfect, reversed, mixed, a tie, and nothing but ties."""
    found = curve(fake, real)
    assert auc(found) == pytest.approx(area)
    assert equal_error_rate(found) == pytest.approx(errors)
    assert average_precision(found) == pytest.approx(precision)


def random_scores(seed: int) -> tuple[list[float], list[float]]:
    """With many ties."""
    random = np.random.default_rng(seed)
    return (
        np.round(random.beta(3, 2, 60), 2).tolist(),
        np.round(random.beta(2, 3, 90), 2).tolist(),
    )


@pytest.mark.parametrize("seed", range(5))
def test_auc_is_the_mann_whitney_statistic(seed: int) -> None:
    """The share of pairs in which the fake one scores higher, ties half."""
    fake, real = random_scores(seed)
    expected = stats.mannwhitneyu(fake, real).statistic / (len(fake) * len(real))
    assert auc(curve(fake, real)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_figures_depend_on_order_alone(seed: int) -> None:
    """A rising map of the scores changes nothing; swapping scores and labels keeps AUC and EER."""
    fake, real = random_scores(seed)
    found, bent = curve(fake, real), curve([x**3 for x in fake], [x**3 for x in real])
    for figure in (auc, equal_error_rate, average_precision):
        assert figure(bent) == pytest.approx(figure(found))
    swapped = curve([1 - x for x in real], [1 - x for x in fake])
    assert auc(swapped) == pytest.approx(auc(found))
    assert equal_error_rate(swapped) == pytest.approx(equal_error_rate(found))
    assert auc(curve(real, fake)) == pytest.approx(1 - auc(found))


def test_an_item_of_weight_two_is_two_items() -> None:
    """So weights may stand for cases drawn more than once, or not at all."""
    scores, labels = arrays([0.9, 0.4, 0.3], [0.6, 0.1])
    weighed = Ranking(scores, labels).curve(np.array([1.0, 2.0, 0.0, 1.0, 3.0]))
    copied = curve([0.9, 0.4, 0.4], [0.6, 0.1, 0.1, 0.1])
    for figure in (auc, equal_error_rate, average_precision):
        assert figure(weighed) == pytest.approx(figure(copied))


@pytest.mark.parametrize(("count", "of"), [(0, 4), (1, 9), (5, 10), (40, 40), (3, 1000)])
def test_rates_have_wilson_intervals(count: int, of: int) -> None:
    """As SciPy computes them."""
    expected = stats.binomtest(count, of).proportion_ci(0.95, method="wilson")
    found = rate(count, of)
    assert found.value == count / of
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_nothing_to_count_has_no_rate() -> None:
    """Never 0 %: there was nothing."""
    found = rate(0, 0)
    assert (found.value, found.low, found.high) == (None, None, None)


def test_the_interval_of_an_auc_is_where_hanley_and_mcneil_put_it() -> None:
    """Each limit is 1.96 of the standard errors there away from the value."""
    low, high = auc_interval(0.7, 20, 30)
    for limit in (low, high):
        q1, q2 = limit / (2 - limit), 2 * limit**2 / (1 + limit)
        spread = (limit * (1 - limit) + 24 * (q1 - limit**2) + 24 * (q2 - limit**2)) / (20 * 30)
        assert abs(limit - 0.7) == pytest.approx(1.959964 * math.sqrt(spread), abs=1e-6)
    assert low < 0.7 < high


def test_the_interval_of_a_perfect_auc_says_how_few_cases_there_were() -> None:
    """DeLong's would be 1 to 1, whatever the number of cases."""
    few, many = auc_interval(1.0, 4, 4), auc_interval(1.0, 400, 400)
    assert few[1] == many[1] == 1.0
    assert few[0] < 0.7
    assert many[0] > 0.99
    assert auc_interval(0.0, 4, 4) == pytest.approx((0.0, 1 - few[0]))


def test_auc_intervals_cover_as_often_as_they_say() -> None:
    """Of 400 small samples with a known AUC, about 95 % have it in their interval."""
    random = np.random.default_rng(1)
    truth = stats.norm.cdf(1 / math.sqrt(2))
    covered = 0
    for _ in range(400):
        value = auc(curve(random.normal(1, 1, 12).tolist(), random.normal(0, 1, 15).tolist()))
        low, high = auc_interval(value, 12, 15)
        covered += low <= truth <= high
    assert 0.92 <= covered / 400 <= 0.99


def frames_of_videos(videos: int, frames: int) -> tuple[NDArray[np.float64], ...]:
    """Videos of both labels, all frames of one nearly alike."""
    random = np.random.default_rng(2)
    level = np.append(random.normal(0.6, 0.15, videos), random.normal(0.4, 0.15, videos))
    case = np.repeat(np.arange(2 * videos), frames)
    return level[case] + random.normal(0, 0.01, len(case)), case < videos, case


def test_frames_of_one_video_are_not_counted_as_evidence_anew() -> None:
    """Ten times the frames of the same videos leave the interval as wide as it was."""
    widths = []
    for frames in (5, 50):
        scores, fake, case = frames_of_videos(40, frames)
        (found,) = bootstrapped((auc,), scores, fake, case)
        assert found.low is not None
        assert found.high is not None
        assert found.low < found.value < found.high
        widths.append(found.high - found.low)
    assert widths[1] == pytest.approx(widths[0], rel=0.1)
    low, high = auc_interval(0.8, 40, 40)
    assert widths[0] == pytest.approx(high - low, rel=0.3)


def test_a_few_videos_have_no_bootstrap_interval() -> None:
    """However many frames they have."""
    scores, fake, case = frames_of_videos(MIN_CASES - 1, 100)
    (found,) = bootstrapped((auc,), scores, fake, case)
    assert (found.low, found.high) == (None, None)


def test_the_same_list_gives_the_same_interval() -> None:
    """Nothing in an evaluation depends on luck."""
    scores, fake, case = frames_of_videos(12, 4)
    assert bootstrapped((auc,), scores, fake, case) == bootstrapped((auc,), scores, fake, case)
