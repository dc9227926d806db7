"""What is in a file: one pass over its packets, nothing decoded but the first frame."""

import os
from array import array
from collections.abc import Callable

import av
import numpy as np
from av.stream import Stream
from numpy.typing import NDArray

from deeptrace_core.errors import MediaTooLargeError, UnreadableMediaError
from deeptrace_core.model import MediaKind
from worker.media.container import make_ready, open_file, refusal, videos
from worker.media.index import VideoIndex
from worker.media.limits import Limits
from worker.media.picture import format_of, index_picture

LENGTH_IN_HEADER = ("mov,mp4", "matroska", "avi", "flac")
"""Containers whose header states the length, so that a cut file can be told."""

RIFF_UNKNOWN_BYTES = 0xFFFF_FF00
"""What programs write that did not know the size when they began is above this."""


def index_video(file: int, limits: Limits, *, on_packet: Callable[[int], None]) -> VideoIndex:
    """List the frames of a file. Frame rates in headers are not trusted; time stamps are.

    Args:
        file: a descriptor open for reading.
        on_packet: called with the number of packets seen.

    Raises:
        UnreadableMediaError: the file cannot be read, holds neither picture nor sound, or was cut short.
        MediaTooLargeError: the picture has too many pixels, or the video too many frames.
    """
    if format_of(file) is not None:
        return index_picture(file, limits)
    with open_file(file, limits) as container:
        streams = videos(container)
        if not streams:
            _check_riff_is_whole(file, container)
            return _index_sound(container, limits, on_packet)
        stream = streams[0]
        make_ready(stream, limits)
        times_s, end_s = _packet_times(container, stream, limits, on_packet)
        _check_not_cut(container, end_s)
        rotation_deg = _rotation_deg(container, stream, limits)
        turned = rotation_deg in (90, 270)
        width_px, height_px = stream.codec_context.width, stream.codec_context.height
        is_still = container.format.name == "gif" and len(times_s) == 1
        return VideoIndex(
            kind=MediaKind.PICTURE if is_still else MediaKind.VIDEO,
            container=container.format.name,
            video_codec="" if is_still else stream.codec_context.name,
            width_px=height_px if turned else width_px,
            height_px=width_px if turned else height_px,
            rotation_deg=rotation_deg,
            has_audio=bool(container.streams.audio),
            more_pictures=len(streams) - 1,
            times_s=times_s,
        )


def _index_sound(
    container: av.container.InputContainer, limits: Limits, on_packet: Callable[[int], None]
) -> VideoIndex:
    """A file without frames. Whether its sound can be decoded, `read_samples` finds out."""
    if not container.streams.audio:
        raise UnreadableMediaError(
            "There is neither a picture nor a sound in this file.",
            advice="Check that this is the file you mean. Faces and voices are examined, and nothing else.",
        )
    stream = container.streams.audio[0]
    _, end_s = _packet_times(container, stream, limits, on_packet)
    _check_not_cut(container, end_s)
    return VideoIndex(
        kind=MediaKind.SOUND,
        container=container.format.name,
        video_codec="",
        width_px=0,
        height_px=0,
        rotation_deg=0,
        has_audio=True,
        times_s=np.empty(0),
        sound_s=max(end_s, 0.0),
    )


def _packet_times(
    container: av.container.InputContainer,
    stream: Stream,
    limits: Limits,
    on_packet: Callable[[int], None],
) -> tuple[NDArray[np.float64], float]:
    """Times of the shown packets of a stream from 0, and the end in seconds of whichever stream ends last."""
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
            f"The file is damaged: it could not be read after {len(times_s)} packets."
        )
        raise refusal(error, limits, damaged) from error
    if not times_s:
        raise UnreadableMediaError(
            "The file names a stream of pictures or sound, but there is nothing in it."
        )
    ordered = np.sort(np.frombuffer(times_s))
    return ordered - ordered[0], end_s


def _too_long(limits: Limits) -> MediaTooLargeError:
    return MediaTooLargeError(
        f"The file is too long: at most {limits.frames / 1e6:g} million frames can be analyzed.",
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


def _check_riff_is_whole(file: int, container: av.container.InputContainer) -> None:
    """WAV states its size, which FFmpeg passes over in silence where there is less."""
    stated_bytes = int.from_bytes(os.pread(file, 4, 4), "little") + 8
    have_bytes = os.fstat(file).st_size
    if container.format.name == "wav" and have_bytes < stated_bytes < RIFF_UNKNOWN_BYTES:
        raise UnreadableMediaError(
            f"The file was cut short: it should have {stated_bytes:,} bytes, but has {have_bytes:,}."
        )


def _rotation_deg(container: av.container.InputContainer, stream: av.VideoStream, limits: Limits) -> int:
    """Clockwise quarter turns, in degrees, that bring the first frame upright."""
    try:
        container.seek(0)
        frame = next(container.decode(stream))
    except (av.FFmpegError, StopIteration) as error:
        raise refusal(error, limits, UnreadableMediaError("The first frame could not be decoded.")) from error
    return round(-frame.rotation / 90) % 4 * 90
