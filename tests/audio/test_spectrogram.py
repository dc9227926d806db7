"""The spectrogram: each sound at its pitch, its time and its level, however the track comes in."""

import base64
import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray

from deeptrace_core.audio import Spectrogram
from tests.sounds import silence, tone
from worker.audio.spectrogram import BANDS, BASE_SAMPLES, FFT_SAMPLES, FLOOR_DB, MAX_COLUMNS, Spectrograph
from worker.audio.windows import RATE_HZ, Samples


def drawn(samples: Samples, block: int = 16_000, start_s: float = 0.0) -> Spectrogram:
    spectrograph = Spectrograph()
    for start in range(0, len(samples), block):
        spectrograph.add(start_s + start / RATE_HZ, samples[start : start + block])
    spectrogram = spectrograph.spectrogram()
    assert spectrogram is not None
    return spectrogram


def levels_db(spectrogram: Spectrogram) -> NDArray[np.float64]:
    """Shape (columns, bands)."""
    levels = np.frombuffer(base64.b64decode(spectrogram.levels), np.uint8).reshape(-1, BANDS)
    return spectrogram.floor_db * (1 - levels / 255)


@pytest.mark.parametrize("pitch_hz", [100, 440, 1_000, 3_000, 7_500])
def test_a_tone_is_in_its_band_at_its_time_and_level(pitch_hz: float) -> None:
    """A second of it after two of silence; 0.3 of full scale is 10.5 dB below a full sine."""
    sound = np.concatenate([silence(2)[0], tone(1, pitch_hz=pitch_hz)[0], silence(1)[0]])
    spectrogram = drawn(sound, start_s=5)
    found = levels_db(spectrogram)
    edges_hz = np.array(spectrogram.edges_hz)
    own = np.searchsorted(edges_hz, pitch_hz, side="right") - 1
    starts_s = np.arange(len(found)) * spectrogram.column_s
    inside = (starts_s > 2.05) & (starts_s + spectrogram.column_s < 2.95)
    near = slice(max(own - 1, 0), own + 2)
    # At the edge of a band a tone is in both.
    power = (10 ** (found[inside][:, near] / 10)).sum(axis=1)
    assert 10 * np.log10(power) == pytest.approx(20 * np.log10(0.3), abs=0.5)
    assert set(np.abs(found[inside].argmax(axis=1) - own)) <= {0, 1}
    far = np.abs(np.arange(BANDS) - own) > 4
    assert (found[inside][:, far] < -60).all()
    silent = (starts_s + spectrogram.column_s < 1.95) | (starts_s > 3.05)
    assert (found[silent] == FLOOR_DB).all()
    assert spectrogram.start_s == 5


def test_bands_follow_each_other_up_to_the_highest_tone() -> None:
    edges_hz = drawn(silence(1)[0]).edges_hz
    assert (edges_hz[0], edges_hz[-1], len(edges_hz)) == (0, RATE_HZ // 2, BANDS + 1)
    assert (np.diff(edges_hz) > RATE_HZ / FFT_SAMPLES).all(), "a band without a bin would look silent"


def noise(count: int) -> Samples:
    return np.random.default_rng(0).uniform(-1, 1, count).astype(np.float32)


@pytest.mark.parametrize("count", [1, 511, 513, 16_000, 512 * MAX_COLUMNS + 1])
def test_it_is_the_same_however_the_track_comes_in(count: int) -> None:
    assert drawn(noise(count), 999) == drawn(noise(count), 100_000) == drawn(noise(count), 999)


def test_columns_that_become_one_keep_the_louder_level() -> None:
    """Three times as many as there may be: four become one."""
    sound = noise(BASE_SAMPLES * MAX_COLUMNS * 3)
    joined = drawn(sound)
    assert joined.column_s == pytest.approx(4 * BASE_SAMPLES / RATE_HZ)
    # The start alone is short enough to have all its columns; the last of them sees that it ends there.
    single = levels_db(drawn(sound[: BASE_SAMPLES * MAX_COLUMNS]))
    fours = single[:-4].reshape(-1, 4, BANDS).max(axis=1)
    np.testing.assert_array_equal(levels_db(joined)[: len(fours)], fours)


def test_a_click_in_ten_quiet_minutes_is_not_lost() -> None:
    """However long a track is, no more than its columns is held, and the report stays small."""
    click = np.zeros(RATE_HZ, np.float32)
    click[100] = 1
    spectrograph = Spectrograph()
    tracemalloc.start()
    for second in range(600):
        spectrograph.add(second, click if second == 300 else np.zeros(RATE_HZ, np.float32))
    spectrogram = spectrograph.spectrogram()
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spectrogram is not None
    found = levels_db(spectrogram)
    assert peak_bytes < 4e6
    assert MAX_COLUMNS / 2 <= len(found) <= MAX_COLUMNS
    heard_s = np.nonzero((found > FLOOR_DB).any(axis=1))[0] * spectrogram.column_s
    assert heard_s == pytest.approx(300, abs=1.5 * spectrogram.column_s)
    assert len(spectrogram.levels) < 60_000


@pytest.mark.parametrize("level", [3.4e38, -3.4e38])
def test_the_largest_numbers_are_loud_and_no_fault(level: float) -> None:
    found = levels_db(drawn(np.full(20_000, level, np.float32)))
    assert found.max() == 0


def test_nothing_has_no_spectrogram() -> None:
    spectrograph = Spectrograph()
    assert spectrograph.spectrogram() is None
    spectrograph.add(1.0, silence(0)[0])
    assert spectrograph.spectrogram() is None
