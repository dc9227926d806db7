"""A sound track, an ear for speech and a detector at the interfaces of `worker.audio`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.audio import AudioDetectorInfo, AudioTrack
from worker.audio.interface import OpenSound
from worker.audio.windows import RATE_HZ, Samples

TRACK = AudioTrack(codec="aac", channels=2, rate_hz=48_000, more_tracks=0)
INFO = AudioDetectorInfo(
    name="loudness",
    architecture="none",
    weights_sha256="ab" * 32,
    licence="MIT",
    trained_on="nothing",
    threshold_low=0.2,
    threshold_high=0.8,
)
BLOCK = 16_000


class FakeSound:
    """See `OpensSound` and `OpenSound`: gives these samples, and ends with an error if there is one."""

    track = TRACK

    def __init__(self, samples: Samples, *, repeated: int = 1, error: Exception | None = None) -> None:
        self._samples, self._repeated, self._error = samples, repeated, error

    @contextmanager
    def open(self, path: Path, *, on_wait: Callable[[], None]) -> Iterator[OpenSound]:
        on_wait()
        yield self

    def blocks(self) -> Iterator[tuple[float, Samples]]:
        done = 0
        for _ in range(self._repeated):
            for start in range(0, len(self._samples), BLOCK):
                yield done / RATE_HZ, self._samples[start : start + BLOCK]
                done += len(self._samples[start : start + BLOCK])
        if self._error is not None:
            raise self._error


class FakeSpeech:
    """Hears speech wherever it is not quiet."""

    def speech_s(self, samples: Samples) -> float:
        return float((np.abs(samples) > 0.01).sum()) / RATE_HZ


class Loudness:
    """Scores each window by its loudest sample."""

    info = INFO

    def score(self, windows: Samples) -> NDArray[np.float32]:
        return np.abs(windows).max(axis=1)
