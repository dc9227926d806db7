"""The sound of a copy to watch, written beside its pictures: mono, 16 kHz, as the detector hears it."""

import logging
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from worker.audio.windows import RATE_HZ, Samples

if TYPE_CHECKING:
    import av

log = logging.getLogger(__name__)

AHEAD_S = 1.0
"""How far the sound is written before the pictures, so that a player has both at once."""
JUMP_S = 0.05
"""Time stamps that jump by more than this are followed, so that lips and voice stay together."""
PIECE = 1024
"""Samples that AAC encodes at once."""
BITS_PER_S = 48_000

Blocks = Iterator[tuple[float, Samples]]


class CopySound:
    """Encodes blocks of sound as they are due.

    Args:
        container: to write to; the header must not be written yet.
        blocks: see `OpenSound.blocks`.
        end_s: how long the pictures last: a player shows the longer of both.
    """

    def __init__(self, container: "av.container.OutputContainer", blocks: Blocks, end_s: float) -> None:
        self._container = container
        self._blocks: Blocks | None = blocks
        self._end = round(end_s * RATE_HZ)
        self._stream: av.AudioStream = container.add_stream("aac", rate=RATE_HZ)
        self._stream.layout = "mono"
        self._stream.bit_rate = BITS_PER_S
        self._held: Samples = np.empty(0, np.float32)
        self._taken = self._encoded = 0

    def write_up_to(self, time_s: float) -> None:
        """Write all sound until a little after this time."""
        due = min(round((time_s + AHEAD_S) * RATE_HZ), self._end)
        while self._taken < due and self._blocks is not None:
            try:
                start_s, samples = next(self._blocks)
            except StopIteration:
                self._blocks = None
                return
            except Exception as error:
                # Whatever it is, the pictures are worth as much without it.
                log.warning("The copy to watch is silent from %.1f s on: %s", self._taken / RATE_HZ, error)
                self._blocks = None
                return
            self._take(start_s, samples)

    def finish(self) -> None:
        """Write the rest, and what the encoder still holds."""
        self.write_up_to(self._end / RATE_HZ)
        if len(self._held):
            self._encode(self._held)
        self._container.mux(self._stream.encode(None))

    def _take(self, start_s: float, samples: Samples) -> None:
        late = round(min(start_s, self._end / RATE_HZ) * RATE_HZ) - self._taken
        if late < -JUMP_S * RATE_HZ:
            samples = samples[-late:]
        while late > JUMP_S * RATE_HZ:
            silence = np.zeros(min(late, RATE_HZ), np.float32)
            self._add(silence)
            late -= len(silence)
        self._add(samples[: max(self._end - self._taken, 0)])

    def _add(self, samples: Samples) -> None:
        self._taken += len(samples)
        self._held = np.concatenate([self._held, samples])
        while len(self._held) >= PIECE:
            self._encode(self._held[:PIECE])
            self._held = self._held[PIECE:]

    def _encode(self, samples: Samples) -> None:
        import av

        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self._encoded, Fraction(1, RATE_HZ)
        self._encoded += len(samples)
        self._container.mux(self._stream.encode(frame))
