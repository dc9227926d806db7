"""Cutting a track into windows, and its waveform, while it streams in."""

import numpy as np
import pytest

from worker.audio.envelope import MAX_COLUMNS, Envelope
from worker.audio.windows import HOP_SAMPLES, RATE_HZ, WINDOW_SAMPLES, Samples, Window, WindowCutter


def ramp(count: int) -> Samples:
    return np.arange(count, dtype=np.float32)


def cut(samples: Samples, block: int, start_s: float = 0.0) -> list[Window]:
    cutter = WindowCutter()
    windows: list[Window] = []
    for start in range(0, len(samples), block):
        windows += cutter.add(start_s + start / RATE_HZ, samples[start : start + block])
    return [*windows, *cutter.last()]


@pytest.mark.parametrize("block", [1_600, 16_000, 200_000])
@pytest.mark.parametrize("count", [64_600, 64_601, 96_900, 96_901, 160_000, 161_500])
def test_windows_overlap_by_half_and_reach_the_end(count: int, block: int) -> None:
    """However the track comes in, every sample is in a window, at its place and time."""
    windows = cut(ramp(count), block, start_s=2.0)
    firsts = [int(window.samples[0]) for window in windows]
    whole = list(range(0, count - WINDOW_SAMPLES + 1, HOP_SAMPLES))
    last = count - WINDOW_SAMPLES
    assert firsts == (whole if whole[-1] == last else [*whole, last])
    for window, first in zip(windows, firsts, strict=True):
        np.testing.assert_array_equal(window.samples, ramp(count)[first : first + WINDOW_SAMPLES])
        assert window.start_s == pytest.approx(2 + first / RATE_HZ)


def test_a_short_track_is_repeated_until_it_fills_a_window() -> None:
    """As the authors of AASIST do: from its start again, and cut off."""
    [window] = cut(ramp(20_000), 16_000)
    np.testing.assert_array_equal(window.samples, np.tile(ramp(20_000), 4)[:WINDOW_SAMPLES])


def test_an_empty_track_has_no_window() -> None:
    assert cut(ramp(0), 1) == []


def test_times_follow_the_stamps_where_they_jump() -> None:
    """A gap in the track moves what comes after it."""
    cutter = WindowCutter()
    assert list(cutter.add(0.0, ramp(WINDOW_SAMPLES))) == []
    [first] = cutter.add(100.0, ramp(HOP_SAMPLES))
    assert first.start_s == pytest.approx(100 - WINDOW_SAMPLES / RATE_HZ)


@pytest.mark.parametrize("count", [1, 159, 161, 160 * 1000, 160 * 1001, 3_456_789])
@pytest.mark.parametrize("first", [160, 1_000, 16_000])
@pytest.mark.parametrize("block", [1_000, 16_000])
def test_the_waveform_is_of_bounded_size_and_keeps_every_peak(count: int, block: int, first: int) -> None:
    """At most a thousand columns, each as long as it says, with the lowest and the highest sample of each."""
    noise = np.random.default_rng(0).uniform(-1, 1, count).astype(np.float32)
    envelope = Envelope()
    envelope.add(5, noise[:first])
    for start in range(first, count, block):
        envelope.add(5 + start / RATE_HZ, noise[start : start + block])
        assert len(envelope._low) <= MAX_COLUMNS, "a long track must not be held"
    waveform = envelope.waveform()
    assert waveform is not None
    column = round(waveform.column_s * RATE_HZ)
    assert len(waveform.low) == -(-count // column) <= MAX_COLUMNS
    starts = np.arange(0, count, column)
    assert waveform.high == tuple(np.rint(1000 * np.maximum.reduceat(noise, starts)).astype(int).tolist())
    assert waveform.low == tuple(np.rint(1000 * np.minimum.reduceat(noise, starts)).astype(int).tolist())
    assert waveform.start_s == 5


def test_nothing_has_no_waveform() -> None:
    assert Envelope().waveform() is None
