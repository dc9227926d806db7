"""What is in a video file: one pass over its packets, nothing decoded but the first frame."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from deeptrace_core.errors import UnreadableMediaError
from deeptrace_core.model import MediaInfo
from worker.media.container import open_video

LENGTH_IN_HEADER = ("mov,mp4", "matroska", "avi")
"""Containers whose header states the length, so that a cut file can be told."""


@dataclass(frozen=True, kw_only=True)
class VideoIndex:
    """A video and the time of each of its frames."""

    path: Path
    info: MediaInfo
    times_s: NDArray[np.float64]
    """Shape (frame_count,): presentation times in seconds from the first frame, ascending."""


def index_video(path: Path) -> VideoIndex:
    """Hash a file and list its frames. Frame rates in headers are not trusted; time stamps are.

    Raises:
        UnreadableMediaError: the file is no video, holds no frame, or was cut short.
        MediaTooLargeError: the picture has too many pixels.
    """
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    with open_video(path) as (container, stream):
        times_s, end_s = _packet_times(container, stream)
        _check_not_cut(container, end_s)
        rotation_deg = _rotation_deg(container, stream)
        turned = rotation_deg in (90, 270)
        width_px, height_px = stream.codec_context.width, stream.codec_context.height
        info = MediaInfo(
            sha256=sha256,
            size_bytes=path.stat().st_size,
            container=container.format.name,
            video_codec=stream.codec_context.name,
            width_px=height_px if turned else width_px,
            height_px=width_px if turned else height_px,
            rotation_deg=rotation_deg,
            duration_s=float(times_s[-1] + _frame_duration_s(times_s)),
            frame_count=len(times_s),
            has_audio=bool(container.streams.audio),
        )
    return VideoIndex(path=path, info=info, times_s=times_s)


def _packet_times(
    container: av.container.InputContainer, stream: av.VideoStream
) -> tuple[NDArray[np.float64], float]:
    """Times of the shown frames from 0, and the end in seconds of whichever stream ends last."""
    times_s: list[float] = []
    end_s = 0.0
    try:
        for packet in container.demux():
            stamp = packet.pts if packet.pts is not None else packet.dts
            if packet.size == 0 or packet.is_discard:
                continue
            time_s = float(stamp * packet.time_base) if stamp is not None and packet.time_base else None
            if time_s is not None:
                end_s = max(end_s, time_s + float((packet.duration or 0) * packet.time_base))
            if packet.stream is stream:
                times_s.append(_next_time_s(times_s) if time_s is None else time_s)
    except av.FFmpegError as error:
        raise UnreadableMediaError(
            f"The file is damaged: it could not be read after {len(times_s)} frames."
        ) from error
    if not times_s:
        raise UnreadableMediaError("The file names a video stream, but there is no frame in it.")
    ordered = np.sort(np.array(times_s))
    return ordered - ordered[0], end_s


def _next_time_s(times_s: list[float]) -> float:
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


def _rotation_deg(container: av.container.InputContainer, stream: av.VideoStream) -> int:
    """Clockwise quarter turns, in degrees, that bring the first frame upright."""
    try:
        container.seek(0)
        frame = next(container.decode(stream))
    except (av.FFmpegError, StopIteration) as error:
        raise UnreadableMediaError("The first frame could not be decoded.") from error
    return round(-frame.rotation / 90) % 4 * 90


def _frame_duration_s(times_s: NDArray[np.float64]) -> float:
    return float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
