"""The waveform to draw, made while the sound streams in."""

import numpy as np

from deeptrace_core.audio import Waveform
from worker.audio.windows import RATE_HZ, Samples

MAX_COLUMNS = 1000
BASE_SAMPLES = 160
"""A hundredth of a second: the narrowest column."""
FULL_SCALE = 1000
TIME_DIGITS = 6


class Envelope:
    """The lowest and the highest sample of each column, at most `MAX_COLUMNS` of them however long it is.

    Samples become base columns, and `every` of these a column; with too many columns, pairs become one.
    """

    def __init__(self) -> None:
        self._start_s: float | None = None
        self._every = 1
        nothing: Samples = np.empty(0, np.float32)
        self._rest = self._low = self._high = self._pending_low = self._pending_high = nothing

    def add(self, start_s: float, samples: Samples) -> None:
        """Take the next samples in."""
        if self._start_s is None:
            self._start_s = start_s
        held = np.concatenate([self._rest, samples])
        whole = len(held) // BASE_SAMPLES * BASE_SAMPLES
        self._rest = held[whole:]
        self._pend(held[:whole].reshape(-1, BASE_SAMPLES))
        while len(self._low) > MAX_COLUMNS:
            self._halve()

    def waveform(self) -> Waveform | None:
        """The columns; None where no sample came."""
        if len(self._rest):
            self._pend(self._rest[None])
            self._rest = self._rest[:0]
        while len(self._low) + bool(len(self._pending_low)) > MAX_COLUMNS:
            self._halve()
        low, high = self._low, self._high
        if len(self._pending_low):
            low = np.append(low, self._pending_low.min())
            high = np.append(high, self._pending_high.max())
        if self._start_s is None or not len(low):
            return None
        return Waveform(
            start_s=round(self._start_s, TIME_DIGITS),
            column_s=self._every * BASE_SAMPLES / RATE_HZ,
            low=_thousandths(low),
            high=_thousandths(high),
        )

    def _pend(self, base: Samples) -> None:
        """Take base columns in, and make columns of those that fill some."""
        self._pending_low = np.concatenate([self._pending_low, base.min(axis=1)])
        self._pending_high = np.concatenate([self._pending_high, base.max(axis=1)])
        whole = len(self._pending_low) // self._every * self._every
        lows, highs = self._pending_low[:whole], self._pending_high[:whole]
        self._low = np.concatenate([self._low, lows.reshape(-1, self._every).min(axis=1)])
        self._high = np.concatenate([self._high, highs.reshape(-1, self._every).max(axis=1)])
        self._pending_low, self._pending_high = self._pending_low[whole:], self._pending_high[whole:]

    def _halve(self) -> None:
        """Join columns in pairs."""
        if len(self._low) % 2:
            # The last one has no partner yet, and waits for it.
            again = np.ones(self._every, np.float32)
            self._pending_low = np.concatenate([self._low[-1] * again, self._pending_low])
            self._pending_high = np.concatenate([self._high[-1] * again, self._pending_high])
            self._low, self._high = self._low[:-1], self._high[:-1]
        self._low = self._low.reshape(-1, 2).min(axis=1)
        self._high = self._high.reshape(-1, 2).max(axis=1)
        self._every *= 2


def _thousandths(values: Samples) -> tuple[int, ...]:
    return tuple(np.rint(np.clip(values, -1, 1) * FULL_SCALE).astype(int).tolist())
