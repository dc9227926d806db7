"""The same reading without a sandbox: what the child does, done here."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import MediaInfo
from worker.media.frames import read_frames
from worker.media.interface import OpenVideo, VideoFrame
from worker.media.limits import Limits
from worker.media.probe import index_video


def ignore(_count: int = 0) -> None:
    """Nobody is told how far it is."""


class InProcess:
    """See `worker.media.interface.MediaReader`."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    @contextmanager
    def open(self, path: Path, *, on_wait: Callable[[], None]) -> Iterator[OpenVideo]:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            index = index_video(file.fileno(), self._limits, on_packet=ignore)
            info = index.info(sha256=sha256, size_bytes=path.stat().st_size)
            yield _Video(info=info, times_s=index.times_s, file=file.fileno(), limits=self._limits)


@dataclass(frozen=True, kw_only=True)
class _Video:
    info: MediaInfo
    times_s: NDArray[np.float64]
    file: int
    limits: Limits

    def frames(self, wanted: NDArray[np.int64]) -> Iterator[VideoFrame]:
        return read_frames(self.file, self.times_s, wanted, self.limits, on_frame=ignore)
