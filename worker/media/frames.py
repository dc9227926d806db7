"""Which frames to look at, and reading them in order."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray

from deeptrace_core.errors import UnreadableMediaError
from deeptrace_core.model import AnalysisOptions
from worker.media.container import open_video
from worker.media.probe import VideoIndex


@dataclass(frozen=True, kw_only=True)
class VideoFrame:
    """One decoded frame, upright."""

    index: int
    time_s: float
    image: NDArray[np.uint8]
    """Shape (height, width, 3), uint8, RGB."""


def choose_frames(times_s: NDArray[np.float64], options: AnalysisOptions) -> NDArray[np.int64]:
    """Indices of the frames to look at: evenly spaced in time over the whole video, ascending.

    32 evenly spaced frames are the protocol of the field (DeepfakeBench preprocessing, DFDC solutions);
    longer videos get `rate_hz` frames a second, at most `max_frames`.
    """
    wanted = max(options.min_frames, math.ceil(times_s[-1] * options.rate_hz))
    count = min(wanted, options.max_frames, len(times_s))
    targets_s = np.linspace(times_s[0], times_s[-1], count)
    after = np.searchsorted(times_s, targets_s).clip(0, len(times_s) - 1)
    before = (after - 1).clip(0)
    nearer = np.where(times_s[after] - targets_s < targets_s - times_s[before], after, before)
    return np.unique(nearer)


def read_frames(video: VideoIndex, wanted: NDArray[np.int64]) -> Iterator[VideoFrame]:
    """Decode the video once, in order, and yield the frames with the wanted indices.

    Seeking for each frame would cost fifty times as much, and is not exact in every container.

    Raises:
        UnreadableMediaError: the decoder met damage, or the pictures ended early.
    """
    todo = iter(wanted.tolist())
    index, following = -1, next(todo, None)
    with open_video(video.path) as (container, stream):
        try:
            for index, frame in enumerate(container.decode(stream)):
                if following is None:
                    return
                if index == following:
                    yield VideoFrame(index=index, time_s=float(video.times_s[index]), image=_upright(frame))
                    following = next(todo, None)
        except av.FFmpegError as error:
            raise _damaged(video, index) from error
    if following is not None:
        raise _damaged(video, index)


def _upright(frame: av.VideoFrame) -> NDArray[np.uint8]:
    image = frame.to_ndarray(format="rgb24")
    return np.ascontiguousarray(np.rot90(image, round(frame.rotation / 90)))


def _damaged(video: VideoIndex, index: int) -> UnreadableMediaError:
    if index < 0:
        return UnreadableMediaError("The video is damaged: not one frame could be decoded.")
    return UnreadableMediaError(
        f"The video could not be decoded after frame {index} ({video.times_s[index]:.2f} s)."
    )
