"""The waveform to draw, made while the sound streams in."""

import numpy as np

from deeptrace_core.audio import Waveform
from worker.audio.columns import Columns
from worker.audio.windows import RATE_HZ, Samples

MAX_COLUMNS = 1000
BASE_SAMPLES = 160
"""A hundredth of a second: the narrowest column."""
FULL_SCALE = 1000
TIME_DIGITS = 6


class Envelope:
    """The lowest and the highest sample of each column, at most `MAX_COLUMNS` of them however long it is."""

    def __init__(self) -> None:
        self._start_s: float | None = None
        self._rest: Samples = np.empty(0, np.float32)
        self._low = Columns(MAX_COLUMNS, np.minimum, self._rest)
        self._high = Columns(MAX_COLUMNS, np.maximum, self._rest)

    def add(self, start_s: float, samples: Samples) -> None:
        """Take the next samples in."""
        if self._start_s is None:
            self._start_s = start_s
        held = np.concatenate([self._rest, samples])
        whole = len(held) // BASE_SAMPLES * BASE_SAMPLES
        self._rest = held[whole:]
        self._take(held[:whole].reshape(-1, BASE_SAMPLES))

    def waveform(self) -> Waveform | None:
        """The columns; None where no sample came."""
        if len(self._rest):
            self._take(self._rest[None])
            self._rest = self._rest[:0]
        if self._start_s is None or not len(self._low):
            return None
        return Waveform(
            start_s=round(self._start_s, TIME_DIGITS),
            column_s=self._low.every * BASE_SAMPLES / RATE_HZ,
            low=_thousandths(self._low.joined()),
            high=_thousandths(self._high.joined()),
        )

    def _take(self, base: Samples) -> None:
        self._low.add(base.min(axis=1))
        self._high.add(base.max(axis=1))


def _thousandths(values: Samples) -> tuple[int, ...]:
    return tuple(np.rint(np.clip(values, -1, 1) * FULL_SCALE).astype(int).tolist())
