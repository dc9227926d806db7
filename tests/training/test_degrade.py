"""What wears a training picture down: repeatable, and blind to the class."""

import inspect

import numpy as np
import pytest

from training.degrade import CHANGES, SIZE_PX, training_view

PICTURE = np.random.default_rng(0).integers(0, 256, (176, 176, 3), dtype=np.uint8)


def test_the_same_seed_gives_the_same_view_and_another_one_another() -> None:
    """Training can be repeated."""
    views = [training_view(PICTURE, 1.0, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert views[0].shape == (SIZE_PX, SIZE_PX, 3)
    assert views[0].dtype == np.uint8
    assert (views[0] == views[1]).all()
    assert (views[0] != views[2]).any()


@pytest.mark.parametrize("change", [change for _, change in CHANGES], ids=lambda change: change.__name__)
def test_every_change_keeps_the_shape_and_changes_something(change) -> None:  # type: ignore[no-untyped-def]
    """Whatever the class: no change is told it."""
    view = training_view(PICTURE, 1.0, np.random.default_rng(0))
    changed = change(view, np.random.default_rng(3))
    assert (changed.shape, changed.dtype) == (view.shape, view.dtype)
    assert (changed != view).any()
    assert list(inspect.signature(change).parameters) == ["view", "random"]
