"""Decoding a video in order, and keeping the frames that are wanted; or the one of a picture."""

from collections.abc import Callable, Iterator

import av
import numpy as np
from numpy.typing import NDArray

from deeptrace_core.errors import UnreadableMediaError
from worker.media.container import check_picture, open_video, refusal
from worker.media.interface import VideoFrame
from worker.media.limits import Limits
from worker.media.picture import format_of, read_picture


def read_frames(
    file: int,
    times_s: NDArray[np.float64],
    wanted: NDArray[np.int64],
    limits: Limits,
    *,
    on_frame: Callable[[int], None],
) -> Iterator[VideoFrame]:
    """Decode the video once, in order, and yield the frames with the wanted indices, which ascend.

    Seeking for each frame would cost fifty times as much, and is not exact in every container.

    Args:
        file: a descriptor open for reading.
        times_s: the time of each frame, from `index_video`.
        on_frame: called with the number of frames decoded, wanted or not.

    Raises:
        UnreadableMediaError: the decoder met damage, or the pictures ended early.
        MediaTooLargeError: a picture grew beyond what is allowed.
    """
    if format_of(file) is not None:
        for index in wanted.tolist():
            yield VideoFrame(index=index, time_s=float(times_s[index]), image=read_picture(file, limits))
        return
    todo = iter(wanted.tolist())
    index, following = -1, next(todo, None)
    with open_video(file, limits) as (container, stream):
        try:
            for index, frame in enumerate(container.decode(stream)):
                on_frame(index + 1)
                if index == following:
                    check_picture(frame.width, frame.height, limits)
                    yield VideoFrame(index=index, time_s=float(times_s[index]), image=_upright(frame))
                    following = next(todo, None)
                if following is None:
                    return
        except av.FFmpegError as error:
            raise refusal(error, limits, _damaged(times_s, index)) from error
    if following is not None:
        raise _damaged(times_s, index)


def _upright(frame: av.VideoFrame) -> NDArray[np.uint8]:
    image = frame.to_ndarray(format="rgb24")
    return np.ascontiguousarray(np.rot90(image, round(frame.rotation / 90)))


def _damaged(times_s: NDArray[np.float64], index: int) -> UnreadableMediaError:
    if index < 0:
        return UnreadableMediaError("The video is damaged: not one frame could be decoded.")
    time_s = times_s[min(index, len(times_s) - 1)]
    return UnreadableMediaError(f"The video could not be decoded after frame {index} ({time_s:.2f} s).")
