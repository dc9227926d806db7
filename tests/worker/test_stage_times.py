"""Shares of the work."""

import contextlib
import time

import pytest

from worker.stage_times import StageTimes


def test_shares_add_up_and_are_told_in_order() -> None:
    """A stage that is left by an error counts, too."""
    times = StageTimes()
    with times.of("decoding"):
        time.sleep(0.02)
    for _ in range(2):
        with contextlib.suppress(ValueError), times.of("scoring"):
            time.sleep(0.03)
            raise ValueError
    assert sum(times.shares().values()) == pytest.approx(1)
    assert times.shares()["scoring"] == pytest.approx(0.75, abs=0.1)
    assert str(times).endswith(" % scoring")
    assert " % decoding, " in str(times)


def test_nothing_took_nothing() -> None:
    """A report without an analysis."""
    assert str(StageTimes()) == "nothing to do"
