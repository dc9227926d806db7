"""Videos made for measuring: something that moves, of any size, length and kind."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image
from skimage.data import astronaut

Picture = NDArray[np.uint8]


def moving_pictures(width_px: int, height_px: int, count: int, *, seed: int = 0) -> Iterator[Picture]:
    """A textured picture that slides: shape (height_px, width_px, 3), uint8, RGB."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (height_px // 8 + 1, width_px // 8 + 1, 3), dtype=np.uint8)
    still = np.kron(coarse, np.ones((8, 8, 1), dtype=np.uint8))[:height_px, :width_px]
    for number in range(count):
        yield np.ascontiguousarray(np.roll(still, 3 * number, axis=1))


def moving_face(width_px: int, height_px: int, count: int) -> Iterator[Picture]:
    """The astronaut of scikit-image (NASA, public domain), who slides to and fro; shapes as above."""
    still = np.zeros((height_px, width_px, 3), dtype=np.uint8)
    still[:, :height_px] = np.asarray(Image.fromarray(astronaut()).resize((height_px, height_px)))
    for number in range(count):
        yield np.ascontiguousarray(np.roll(still, abs(number % 100 - 50), axis=1))


def write_clip(
    path: Path, pictures: Iterator[Picture], *, codec: str, sound: bool = False, **options: str
) -> Path:
    """Encode pictures at 25 a second, with a tone if `sound`; `options` are the muxer's."""
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=25)
        assert isinstance(stream, VideoStream)
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        tone: AudioStream | None = container.add_stream("aac", rate=44_100, layout="mono") if sound else None
        for number, picture in enumerate(pictures):
            if number == 0:
                stream.height, stream.width = picture.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            if tone:
                beep = np.sin(np.arange(1764) / 10, dtype=np.float32)[None]
                samples = av.AudioFrame.from_ndarray(beep, format="fltp", layout="mono")
                samples.sample_rate, samples.pts = 44_100, 1764 * number
                container.mux(tone.encode(samples))
        container.mux(stream.encode(None))
        if tone:
            container.mux(tone.encode(None))
    return path


def write_gif(path: Path, pictures: Iterator[Picture]) -> Path:
    """An animated picture, at 25 a second."""
    first, *others = (Image.fromarray(picture) for picture in pictures)
    first.save(path, save_all=True, append_images=others, duration=40)
    return path
