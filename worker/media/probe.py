"""What is in a video file: one pass over its packets, nothing decoded but the first frame."""

from array import array
from collections.abc import Callable

import av
import numpy as np
from numpy.typing import NDArray

from deeptrace_core.errors import MediaTooLargeError, UnreadableMediaError
from worker.media.container import open_video, refusal
from worker.media.index import VideoIndex
from worker.media.limits import Limits

LENGTH_IN_HEADER = ("mov,mp4", "matroska", "avi")
"""Containers whose header states the length, so that a cut file can be told."""


def index_video(file: int, limits: Limits, *, on_packet: Callable[[int], None]) -> VideoIndex:
    """List the frames of a file. Frame rates in headers are not trusted; time stamps are.

    Args:
        file: a descriptor open for reading.
        on_packet: called with the number of packets seen.

    Raises:
        UnreadableMediaError: the file is no video, holds no frame, or was cut short.
        MediaTooLargeError: the picture has too many pixels, or the video too many frames.
    """
    with open_video(file, limits) as (container, stream):
        times_s, end_s = _packet_times(container, stream, limits, on_packet)
        _check_not_cut(container, end_s)
        rotation_deg = _rotation_deg(container, stream, limits)
        turned = rotation_deg in (90, 270)
        width_px, height_px = stream.codec_context.width, stream.codec_context.height
        return VideoIndex(
            container=container.format.name,
            video_codec=stream.codec_context.name,
            width_px=height_px if turned else width_px,
            height_px=width_px if turned else height_px,
            rotation_deg=rotation_deg,
            has_audio=bool(container.streams.audio),
            times_s=times_s,
        )


def _packet_times(
    container: av.container.InputContainer,
    stream: av.VideoStream,
    limits: Limits,
    on_packet: Callable[[int], None],
) -> tuple[NDArray[np.float64], float]:
    """Times of the shown frames from 0, and the end in seconds of whichever stream ends last."""
    times_s = array("d")
    end_s = 0.0
    try:
        for number, packet in enumerate(container.demux(), start=1):
            on_packet(number)
            stamp = packet.pts if packet.pts is not None else packet.dts
            if packet.size == 0 or packet.is_discard:
                continue
            time_s = float(stamp * packet.time_base) if stamp is not None and packet.time_base else None
            if time_s is not None:
                end_s = max(end_s, time_s + float((packet.duration or 0) * packet.time_base))
            if packet.stream is stream:
                times_s.append(_next_time_s(times_s) if time_s is None else time_s)
            if len(times_s) > limits.frames or number > limits.packets:
                raise _too_long(limits)
    except av.FFmpegError as error:
        damaged = UnreadableMediaError(
            f"The file is damaged: it could not be read after {len(times_s)} frames."
        )
        raise refusal(error, limits, damaged) from error
    if not times_s:
        raise UnreadableMediaError("The file names a video stream, but there is no frame in it.")
    ordered = np.sort(np.frombuffer(times_s))
    return ordered - ordered[0], end_s


def _too_long(limits: Limits) -> MediaTooLargeError:
    return MediaTooLargeError(
        f"The video is too long: at most {limits.frames / 1e6:g} million frames can be analyzed.",
        advice="Cut out the part that matters, and keep the original: the report will name the cut.",
    )


def _next_time_s(times_s: "array[float]") -> float:
    """A stand-in where the container carries no time stamps (raw streams): 25 frames a second."""
    return times_s[-1] + 1 / 25 if times_s else 0.0


def _check_not_cut(container: av.container.InputContainer, end_s: float) -> None:
    if not container.duration or not container.format.name.startswith(LENGTH_IN_HEADER):
        return
    stated_s = (container.duration + (container.start_time or 0)) / av.time_base
    if end_s < stated_s - max(1.0, 0.05 * stated_s):
        raise UnreadableMediaError(
            f"The file was cut short: it should last {stated_s:.1f} s, but ends after {end_s:.1f} s."
        )


def _rotation_deg(container: av.container.InputContainer, stream: av.VideoStream, limits: Limits) -> int:
    """Clockwise quarter turns, in degrees, that bring the first frame upright."""
    try:
        container.seek(0)
        frame = next(container.decode(stream))
    except (av.FFmpegError, StopIteration) as error:
        raise refusal(error, limits, UnreadableMediaError("The first frame could not be decoded.")) from error
    return round(-frame.rotation / 90) % 4 * 90
