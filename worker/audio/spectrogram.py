"""The spectrogram to draw, made while the sound streams in."""

import base64

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.audio import Spectrogram
from worker.audio.columns import Columns
from worker.audio.windows import RATE_HZ, Samples

MAX_COLUMNS = 512
BASE_SAMPLES = 512
"""A thirtieth of a second: the narrowest column."""
FFT_SAMPLES = 1024
"""The look at each base column, with half a look in common with the next: no sound falls between them."""
BANDS = 64
FLOOR_DB = -100
"""0 dB is a sine of full scale."""
LEVELS = 255
TIME_DIGITS = 6
MARGIN = (FFT_SAMPLES - BASE_SAMPLES) // 2
HANN = np.hanning(FFT_SAMPLES + 1)[:-1]
UNIT = FFT_SAMPLES * (HANN**2).sum() / 4
"""The power of a sine of full scale: that of all its bins together (Parseval)."""
_TOP = np.log1p(RATE_HZ / 2 / 700)
EDGES_HZ: NDArray[np.int64] = np.rint(700 * np.expm1(np.linspace(0, _TOP, BANDS + 1))).astype(np.int64)
"""Evenly spread over the mel scale, on which steps sound alike (O'Shaughnessy's formula)."""
FIRST_BINS = np.ceil(EDGES_HZ[:-1] * FFT_SAMPLES / RATE_HZ).astype(np.int64)
# The bin of 0 Hz is left out: an offset of the samples is no sound.
FIRST_BINS[0] = 1


class Spectrograph:
    """The power in each band and column, at most `MAX_COLUMNS` of these however long the sound is.

    Where columns become one, the higher level of each band is kept: nothing short gets lost.
    """

    def __init__(self) -> None:
        self._start_s: float | None = None
        self._count = 0
        # Before its start there is silence, so that the middle of the first look is in the first column.
        self._held: Samples = np.zeros(MARGIN, np.float32)
        self._columns = Columns(MAX_COLUMNS, np.maximum, np.empty((0, BANDS), np.uint8))

    def add(self, start_s: float, samples: Samples) -> None:
        """Take the next samples in."""
        if self._start_s is None:
            self._start_s = start_s
        self._count += len(samples)
        self._look(samples)

    def spectrogram(self) -> Spectrogram | None:
        """The columns; None where no sample came. To be asked for once, at the end."""
        if self._start_s is None or not self._count:
            return None
        self._look(np.zeros(MARGIN + -self._count % BASE_SAMPLES, np.float32))
        return Spectrogram(
            start_s=round(self._start_s, TIME_DIGITS),
            column_s=self._columns.every * BASE_SAMPLES / RATE_HZ,
            edges_hz=tuple(EDGES_HZ.tolist()),
            floor_db=FLOOR_DB,
            levels=base64.b64encode(self._columns.joined().tobytes()).decode("ascii"),
        )

    def _look(self, samples: Samples) -> None:
        """Make base columns of what is held and of these samples."""
        held = np.concatenate([self._held, samples])
        count = max((len(held) - FFT_SAMPLES) // BASE_SAMPLES + 1, 0)
        self._held = held[count * BASE_SAMPLES :]
        if count:
            pieces = np.lib.stride_tricks.sliding_window_view(held, FFT_SAMPLES)
            self._columns.add(_levels(pieces[: count * BASE_SAMPLES : BASE_SAMPLES]))


def _levels(pieces: Samples) -> NDArray[np.uint8]:
    """The level of each band: 0 is `FLOOR_DB` or less, `LEVELS` is 0 dB or more.

    Args:
        pieces: (n, FFT_SAMPLES).
    """
    # In double precision, so that the square of no sample is too large.
    bins = np.fft.rfft(pieces * HANN)[:, :-1]
    bands = np.add.reduceat(bins.real**2 + bins.imag**2, FIRST_BINS, axis=1) / UNIT
    decibels = 10 * np.log10(np.maximum(bands, 10 ** (FLOOR_DB / 10)))
    levels: NDArray[np.uint8] = np.rint(np.clip(1 - decibels / FLOOR_DB, 0, 1) * LEVELS).astype(np.uint8)
    return levels
