"""Reading untrusted media in a process of its own, which may crash, hang or lie."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import MediaInfo
from worker.media.answers import Answers
from worker.media.interface import OpenVideo, VideoFrame
from worker.media.limits import Limits
from worker.media.process import DecoderProcess
from worker.media.wire import COUNT

CHILD = "worker.media.child"
HASHED_AT_ONCE_BYTES = 4 * 2**20


class Sandbox:
    """Reads each video in a child process with limits (see `Limits`). A `MediaReader`.

    Args:
        child: the module that the process runs; tests give one that misbehaves.
    """

    def __init__(self, limits: Limits | None = None, *, child: str = CHILD) -> None:
        self._limits = limits or Limits()
        self._child = child

    @contextmanager
    def open(self, path: Path, *, on_wait: Callable[[], None]) -> Iterator[OpenVideo]:
        """See `MediaReader.open`."""
        with (
            path.open("rb") as file,
            DecoderProcess(file.fileno(), self._limits, self._child, on_wait) as process,
        ):
            # Not by the child, whose word for what it read would be worth little. Meanwhile it starts.
            sha256, size_bytes = _hash(file.fileno(), on_wait)
            answers = Answers(process, self._limits)
            answers.ready()
            index = answers.index()
            info = index.info(sha256=sha256, size_bytes=size_bytes)
            yield _SandboxedVideo(process, answers, info, index.times_s)


class _SandboxedVideo:
    """See `OpenVideo`."""

    def __init__(
        self, process: DecoderProcess, answers: Answers, info: MediaInfo, times_s: NDArray[np.float64]
    ) -> None:
        self.info = info
        self.times_s = times_s
        self._process = process
        self._answers = answers

    def frames(self, wanted: NDArray[np.int64]) -> Iterator[VideoFrame]:
        """See `OpenVideo.frames`. The child decodes ahead from now on."""
        self._process.ask(COUNT.pack(len(wanted)) + wanted.astype(np.int64).tobytes())
        return self._receive(wanted)

    def _receive(self, wanted: NDArray[np.int64]) -> Iterator[VideoFrame]:
        for index in wanted.tolist():
            image = self._answers.frame(index)
            yield VideoFrame(index=index, time_s=float(self.times_s[index]), image=image)


def _hash(file: int, on_wait: Callable[[], None]) -> tuple[str, int]:
    """SHA-256 and size in bytes, without moving the position, which the child shares."""
    digest = hashlib.sha256()
    size_bytes = 0
    while data := os.pread(file, HASHED_AT_ONCE_BYTES, size_bytes):
        digest.update(data)
        size_bytes += len(data)
        on_wait()
    return digest.hexdigest(), size_bytes
