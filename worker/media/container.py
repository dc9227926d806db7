"""Opening an untrusted file of video or sound with FFmpeg (PyAV)."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from deeptrace_core.errors import DecoderFailedError, InputError, MediaTooLargeError, UnreadableMediaError
from worker.media.limits import GIB, MILLION, Limits

FORMATS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mxf,h264,hevc,ivf,gif,mp3,aac,wav,w64,flac"
"""FFmpeg reads playlists (HLS, DASH, concat) too, which name other files and addresses to be opened. A
file from a stranger must not be able to do that, so only self-contained formats are allowed."""


@contextmanager
def open_file(file: int, limits: Limits) -> Iterator[InputContainer]:
    """Open a file, whatever streams are in it.

    Args:
        file: a descriptor open for reading. FFmpeg never sees a name, which it might take for an
            address; what the file is, its bytes alone decide.

    Raises:
        UnreadableMediaError: no allowed format, or a broken header.
    """
    if os.fstat(file).st_size == 0:
        raise UnreadableMediaError("The file is empty.")
    os.lseek(file, 0, os.SEEK_SET)
    try:
        container = av.open(
            "fd:",
            metadata_errors="replace",
            options={"fd": str(file), "format_whitelist": FORMATS, "protocol_whitelist": "fd"},
        )
    except (av.FFmpegError, ValueError) as error:
        raise refusal(
            error,
            limits,
            UnreadableMediaError("The file is no video or sound that can be read, or it was cut short."),
        ) from error
    with container:
        yield container


@contextmanager
def open_video(file: int, limits: Limits) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open the first video stream of a file that is no cover.

    Args:
        file: see `open_file`.

    Raises:
        UnreadableMediaError: no allowed format, no video stream, or a broken header.
        MediaTooLargeError: the picture has more than `limits.picture_px` pixels.
    """
    with open_file(file, limits) as container:
        streams = videos(container)
        if not streams:
            raise UnreadableMediaError("There is no picture in this file.")
        make_ready(streams[0], limits)
        yield container, streams[0]


def videos(container: InputContainer) -> list[VideoStream]:
    """The video streams, without the pictures that sound files carry as a cover."""
    return [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]


def make_ready(stream: VideoStream, limits: Limits) -> None:
    """Have a stream decoded strictly, in several threads.

    Raises:
        UnreadableMediaError, MediaTooLargeError: see `open_video`.
    """
    if stream.codec_context is None:
        raise UnreadableMediaError(
            "The pictures are coded in a way that is unknown here.",
            advice="If the file plays elsewhere, convert it to MP4 with H.264, and submit the copy.",
        )
    check_picture(stream.codec_context.width, stream.codec_context.height, limits)
    # A decoder that hides damage would hand invented pixels to the detector.
    stream.codec_context.options = {"err_detect": "explode"}
    stream.codec_context.thread_count = min(len(os.sched_getaffinity(0)) + 1, limits.threads)
    stream.thread_type = "AUTO"


def check_picture(width_px: int, height_px: int, limits: Limits) -> None:
    """Refuse a picture that is too large.

    Raises:
        MediaTooLargeError: it has more than `limits.picture_px` pixels.
        UnreadableMediaError: no size was found at all.
    """
    if width_px * height_px > limits.picture_px:
        raise MediaTooLargeError(
            f"The picture has {width_px} x {height_px} pixels; "
            f"at most {limits.picture_px // MILLION} million can be analyzed."
        )
    if not width_px or not height_px:
        raise UnreadableMediaError("The picture is damaged, or too large to be decoded.")


def refusal(error: Exception, limits: Limits, otherwise: InputError) -> InputError:
    """What to say of an error of FFmpeg: that memory ran out, or else what the caller has to say."""
    if isinstance(error, av.FFmpegError) and error.errno == errno.ENOMEM:
        return out_of_memory(limits)
    return otherwise


def out_of_memory(limits: Limits) -> DecoderFailedError:
    """The decoder asked for more than it may have."""
    return DecoderFailedError(
        "The decoder ran out of the memory it is allowed "
        f"({limits.address_space_bytes / GIB:g} GiB) while reading this file. No result was produced."
    )
