"""The waveform to draw, made while the sound streams in."""

import numpy as np

from deeptrace_core.audio import Waveform
from worker.audio.windows import RATE_HZ, Samples

MAX_COLUMNS = 1000
FIRST_COLUMN_SAMPLES = 160
"""A hundredth of a second. Doubled whenever there are too many columns."""
FULL_SCALE = 1000
TIME_DIGITS = 6


class Envelope:
    """The lowest and the highest sample of each column, at most `MAX_COLUMNS` of them however long it is."""

    def __init__(self) -> None:
        self._start_s: float | None = None
        self._column = FIRST_COLUMN_SAMPLES
        self._low: Samples = np.empty(0, np.float32)
        self._high: Samples = np.empty(0, np.float32)
        self._rest: Samples = np.empty(0, np.float32)

    def add(self, start_s: float, samples: Samples) -> None:
        """Take the next samples in."""
        if self._start_s is None:
            self._start_s = start_s
        held = np.concatenate([self._rest, samples])
        whole = len(held) // self._column * self._column
        self._take(held[:whole].reshape(-1, self._column))
        self._rest = held[whole:]
        # Joined in pairs, so an odd number waits for one more column.
        while len(self._low) > MAX_COLUMNS and len(self._low) % 2 == 0:
            self._halve()

    def waveform(self) -> Waveform | None:
        """The columns; None where no sample came."""
        if len(self._rest):
            self._take(self._rest[None])
            self._rest = self._rest[:0]
        while len(self._low) > MAX_COLUMNS:
            self._halve()
        if self._start_s is None or not len(self._low):
            return None
        return Waveform(
            start_s=round(self._start_s, TIME_DIGITS),
            column_s=self._column / RATE_HZ,
            low=_thousandths(self._low),
            high=_thousandths(self._high),
        )

    def _take(self, columns: Samples) -> None:
        if len(columns):
            self._low = np.concatenate([self._low, columns.min(axis=1)])
            self._high = np.concatenate([self._high, columns.max(axis=1)])

    def _halve(self) -> None:
        """Join columns in pairs. An odd one at the end stays alone."""
        self._low = np.minimum.reduceat(self._low, np.arange(0, len(self._low), 2))
        self._high = np.maximum.reduceat(self._high, np.arange(0, len(self._high), 2))
        self._column *= 2


def _thousandths(values: Samples) -> tuple[int, ...]:
    return tuple(np.rint(np.clip(values, -1, 1) * FULL_SCALE).astype(int).tolist())
