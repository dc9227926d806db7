"""The numbers of the model card: areas, intervals, videos out of frames."""

import numpy as np
import pytest

from training.measures import auc, auc_range, by_group, rate_range


def test_the_area_counts_pairs_in_the_right_order() -> None:
    """Of four pairs three are right; ties count half; a perfect and a useless score are 1 and one half."""
    fake = np.array([False, False, True, True])
    assert auc(np.array([0.1, 0.4, 0.35, 0.8]), fake) == 0.75
    assert auc(np.array([0.1, 0.4, 0.4, 0.8]), fake) == 0.875
    assert auc(np.array([0.0, 0.1, 0.2, 0.3]), fake) == 1.0
    assert auc(np.zeros(4), fake) == 0.5


def test_the_range_of_an_area_holds_it_and_narrows_with_more_data() -> None:
    """Ten times the faces, a narrower interval."""
    random = np.random.default_rng(1)
    widths = []
    for count in (20, 200):
        fake = np.repeat([True, False], count)
        scores = random.normal(size=2 * count) + fake
        low, high = auc_range(scores, fake, draws=300)
        assert 0 < low < auc(scores, fake) < high < 1
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_a_rate_of_none_is_not_certain() -> None:
    """Wilson's interval: 0 of 34 may be a tenth; 5 of 10 lies between a quarter and three quarters."""
    assert rate_range(0, 34) == pytest.approx((0, 0.1015), abs=1e-4)
    assert rate_range(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)


def test_videos_are_the_means_of_their_frames() -> None:
    """In the order of their names."""
    scores, fake = by_group(
        np.array([0.2, 0.9, 0.4]), np.array([False, True, False]), np.array(["a", "b", "a"])
    )
    assert scores.tolist() == pytest.approx([0.3, 0.9])
    assert fake.tolist() == [False, True]
