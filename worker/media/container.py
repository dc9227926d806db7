"""Opening an untrusted video file with FFmpeg (PyAV)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from deeptrace_core.errors import MediaTooLargeError, UnreadableMediaError

MAX_PICTURE_PX = 50_000_000
"""Pixels of one picture: 8K video has 33 million. A decoded picture takes 3 bytes for each."""

FORMATS = (
    "mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mxf,h264,hevc,ivf,gif,"
    "png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe"
)
"""FFmpeg reads playlists (HLS, DASH, concat) too, which name other files and addresses to be opened. A
file from a stranger must not be able to do that, so only self-contained formats are allowed."""


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open the first video stream of a file.

    Raises:
        UnreadableMediaError: no allowed format, no video stream, or a broken header.
        MediaTooLargeError: the picture has more than `MAX_PICTURE_PX` pixels.
    """
    if path.stat().st_size == 0:
        raise UnreadableMediaError("The file is empty.")
    try:
        container = av.open(
            f"file:{path}",
            metadata_errors="replace",
            options={"format_whitelist": FORMATS, "protocol_whitelist": "file"},
        )
    except (av.FFmpegError, ValueError) as error:
        raise UnreadableMediaError(
            "The file is not a video that can be read, or it was cut short."
        ) from error
    with container:
        if not container.streams.video:
            raise UnreadableMediaError(
                "The file has no picture: there is no video stream in it.",
                advice="Only faces are examined. A file with sound alone cannot be analyzed.",
            )
        stream = container.streams.video[0]
        _check_size(stream)
        # A decoder that hides damage would hand invented pixels to the detector.
        stream.codec_context.options = {"err_detect": "explode"}
        stream.thread_type = "AUTO"
        yield container, stream


def _check_size(stream: VideoStream) -> None:
    width_px, height_px = stream.codec_context.width, stream.codec_context.height
    if width_px * height_px > MAX_PICTURE_PX:
        raise MediaTooLargeError(
            f"The picture has {width_px} x {height_px} pixels; "
            f"at most {MAX_PICTURE_PX // 1_000_000} million can be analyzed."
        )
    if not width_px or not height_px:
        raise UnreadableMediaError("The picture is damaged, or too large to be decoded.")
