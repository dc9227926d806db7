"""What listening needs: somebody who opens sound, somebody who hears speech, a network that scores voices."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.audio import Audio, AudioDetectorInfo, AudioNotAssessed, AudioReason, AudioTrack
from worker.audio.windows import Samples

CONVERT = "If it plays elsewhere, convert its sound to AAC or WAV, and submit the copy."


class NotHeardError(Exception):
    """There is no sound that could be listened to, and `finding` says why."""

    def __init__(self, reason: AudioReason, explanation: str, advice: str = CONVERT) -> None:
        super().__init__(explanation)
        self.finding = AudioNotAssessed(reason=reason, explanation=explanation, advice=advice)


class OpenSound(Protocol):
    """A sound track that can be listened to."""

    @property
    def track(self) -> AudioTrack:
        """What it is."""

    def blocks(self) -> Iterator[tuple[float, Samples]]:
        """All of it, once: pieces that follow each other, each with the time of its first sample in seconds.

        Raises:
            NotHeardError: it is damaged.
            InputError: the decoder failed.
        """


class OpensSound(Protocol):
    """Opens the sound of files."""

    def open(self, path: Path, *, on_wait: Callable[[], None]) -> AbstractContextManager[OpenSound]:
        """Open the first sound track.

        Args:
            on_wait: called about every second while the file is waited for; what it raises ends the reading.

        Raises:
            NotHeardError: there is no track, or it cannot be decoded.
            InputError: the decoder failed, or the file cannot be read.
            DecoderUnavailableError: no decoder could be started on this machine.
        """


class SpeechFinder(Protocol):
    """Tells speech from other sounds."""

    def speech_s(self, samples: Samples) -> float:
        """For how many seconds of these samples somebody speaks."""


class AudioDetector(Protocol):
    """A network with its trained weights, ready to score voices."""

    @property
    def info(self) -> AudioDetectorInfo:
        """Name, weights and thresholds, as they go into the report."""

    def score(self, windows: Samples) -> NDArray[np.float32]:
        """The likelihood that the voice in each window was made or changed by a program.

        Args:
            windows: (n, WINDOW_SAMPLES) float32.

        Returns:
            (n,) float32, 0 to 1.

        Raises:
            EnvironmentFault: the network gave something that is not a number.
        """


class Listens(Protocol):
    """Says what there is to say of the voices in a file."""

    def __call__(self, path: Path, *, on_wait: Callable[[], None]) -> Audio:
        """Listen. What cannot be heard is said to be so; only what `on_wait` raises comes out of this."""
