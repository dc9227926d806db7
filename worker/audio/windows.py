"""The pieces of a sound track that are listened to, each for itself."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
"""What the detectors were trained on."""
WINDOW_SAMPLES = 64_600
"""About four seconds, as AASIST takes them."""
HOP_SAMPLES = WINDOW_SAMPLES // 2
MAX_WINDOWS = 400
"""Every window up to 13 minutes. Of a longer track every second one, every fourth, and so on."""

Samples = NDArray[np.float32]
"""Mono sound at `RATE_HZ`: shape (n,), float32, full scale -1 to 1."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """A piece of the sound."""

    start_s: float
    samples: Samples
    """Shape (WINDOW_SAMPLES,)."""


class WindowCutter:
    """Cuts a track into windows while it streams in. Never holds much more than one window of it."""

    def __init__(self) -> None:
        self._held: Samples = np.empty(0, np.float32)
        self._held_start_s = 0.0

    def add(self, start_s: float, samples: Samples) -> Iterator[Window]:
        """The windows that these samples complete.

        Args:
            start_s: the time of the first of `samples`: time stamps of files may jump.
        """
        self._held_start_s = start_s - len(self._held) / RATE_HZ
        self._held = np.concatenate([self._held, samples])
        while len(self._held) >= WINDOW_SAMPLES + HOP_SAMPLES:
            yield Window(start_s=self._held_start_s, samples=self._held[:WINDOW_SAMPLES])
            self._held = self._held[HOP_SAMPLES:]
            self._held_start_s += HOP_SAMPLES / RATE_HZ

    def last(self) -> Iterator[Window]:
        """What is left at the end of the track: one window, and one more up to the very end.

        A track shorter than a window is repeated until it fills one, as the authors of AASIST do.
        """
        count = len(self._held)
        if count >= WINDOW_SAMPLES:
            yield Window(start_s=self._held_start_s, samples=self._held[:WINDOW_SAMPLES])
        if count > WINDOW_SAMPLES:
            start_s = self._held_start_s + (count - WINDOW_SAMPLES) / RATE_HZ
            yield Window(start_s=start_s, samples=self._held[-WINDOW_SAMPLES:])
        elif 0 < count < WINDOW_SAMPLES:
            yield Window(start_s=self._held_start_s, samples=np.resize(self._held, WINDOW_SAMPLES))
