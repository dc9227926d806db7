"""What the pipeline needs from whoever reads video files."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import MediaInfo
from deeptrace_core.provenance import Provenance


@dataclass(frozen=True, kw_only=True)
class VideoFrame:
    """One decoded frame, upright."""

    index: int
    time_s: float
    image: NDArray[np.uint8]
    """Shape (height, width, 3), uint8, RGB."""


class OpenVideo(Protocol):
    """A video whose frames can be read."""

    @property
    def info(self) -> MediaInfo:
        """What is in the file."""

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Shape (frame_count,): presentation times in seconds from the first frame, ascending."""

    def frames(self, wanted: NDArray[np.int64]) -> Iterator[VideoFrame]:
        """Decode the video, once, and give the frames with these indices, which ascend.

        Raises:
            InputError: the decoder met damage or failed, or the pictures ended early.
        """


class MediaReader(Protocol):
    """Opens video files."""

    def open(self, path: Path, *, on_wait: Callable[[], None]) -> AbstractContextManager[OpenVideo]:
        """Hash a file and list its frames. Frame rates in headers are not trusted; time stamps are.

        Args:
            on_wait: called at least every second or so while a file is being read, also later, while
                frames are waited for; what it raises ends the reading.

        Raises:
            UnreadableMediaError: the file is no video, holds no frame, or was cut short.
            MediaTooLargeError: the picture has too many pixels, or the video too many frames.
            DecoderFailedError: the decoder crashed, hung, or broke its limits.
            DecoderUnavailableError: no decoder could be started on this machine.
        """


class ReadProvenance(Protocol):
    """Says where a file comes from, as far as the file tells."""

    def __call__(self, path: Path, *, on_wait: Callable[[], None]) -> Provenance:
        """Read it. What cannot be read is said to be so; only what `on_wait` raises comes out of this."""
