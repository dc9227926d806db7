"""Tests for training.train: what is trained on."""

import pytest

from training.train import SETS, mix


@pytest.mark.parametrize("without", [(), ("mesonet",), ("dfdc", "landmarks")])
def test_half_of_the_views_of_each_set_are_manipulated(without: tuple[str, ...]) -> None:
    shares = mix(0.07, without)
    sets = {source.removeprefix("blended-") for source, _ in shares}
    assert sets == set(SETS) - set(without)
    assert sum(shares.values()) == pytest.approx(1)
    assert sum(share for (_, fake), share in shares.items() if fake) == pytest.approx(0.5)


def test_the_other_sets_keep_their_proportion() -> None:
    whole, without = mix(0.07), mix(0.07, ["mesonet"])
    ratios = {key: without[key] / whole[key] for key in without}
    assert max(ratios.values()) == pytest.approx(min(ratios.values()))
