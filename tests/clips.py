"""Videos made for tests, and the real ones beside the project where they are at hand."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.data import astronaut

MEDIA = Path(__file__).resolve().parents[2] / "shared" / "media"
WEIGHTS = Path(__file__).resolve().parents[2] / "shared" / "weights"

needs_media = pytest.mark.skipif(
    not MEDIA.is_dir(), reason="the folder of real clips, ../shared/media, is not here"
)
needs_weights = pytest.mark.skipif(
    not WEIGHTS.is_dir(), reason="the mirror of published weights, ../shared/weights, is not here"
)

Image = NDArray[np.uint8]
SIZE = (320, 240)
"""Width and height of made videos, pixels."""


def face_frame(shift_px: int = 0) -> Image:
    """The face of scikit-image's astronaut picture (NASA, public domain), about 100 px wide, moved right."""
    picture = astronaut()[0:240, 100:420]
    return np.ascontiguousarray(np.roll(picture, shift_px, axis=1))


def plain_frame(grey: int = 128) -> Image:
    """A picture with nothing in it."""
    return np.full((SIZE[1], SIZE[0], 3), grey, dtype=np.uint8)


def write_video(
    path: Path,
    images: Iterable[Image],
    *,
    rate_hz: int = 25,
    codec: str = "libx264",
    times_ms: Callable[[int], int] | None = None,
) -> Path:
    """Encode RGB pictures; `times_ms` gives the time of the n-th frame where the rate is not constant."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz)
        stream.pix_fmt = "yuv420p"
        if times_ms:
            stream.codec_context.time_base = Fraction(1, 1000)
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            if number == 0:
                stream.height, stream.width = image.shape[:2]
            if times_ms:
                frame.time_base, frame.pts = Fraction(1, 1000), times_ms(number)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_two_videos(path: Path, greys: tuple[int, int] = (60, 200)) -> Path:
    """Two video streams in one file, each of one grey."""
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("libx264", rate=5) for _ in greys]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for _ in range(5):
            for stream, grey in zip(streams, greys, strict=True):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(plain_frame(grey), format="rgb24")))
        for stream in streams:
            container.mux(stream.encode(None))
    return path


def write_sound(path: Path) -> Path:
    """A file with sound and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono"
        )
        frame.sample_rate = 44_100
        for number in range(20):
            frame.pts = number * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def face_video(path: Path, frames: int = 50) -> Path:
    """A face that moves slowly to the right."""
    return write_video(path, (face_frame(n // 2) for n in range(frames)))
