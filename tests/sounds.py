"""Sounds made for tests, and videos with them."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from tests.clips import Image, plain_frame

Sound = NDArray[np.float32]
"""Shape (channels, samples), float32, full scale -1 to 1."""

FORMANTS = ((600, 80, 0.4), (1300, 90, 0.3), (2500, 120, 0.1), (3500, 200, 0.05))
"""Middle and width, in Hz, of the resonances of a mouth, and by what share they wander while it moves."""
STEP = 80
"""Samples for which the mouth stands still."""


def silence(length_s: float, rate_hz: int = 16_000, channels: int = 1) -> Sound:
    return np.zeros((channels, round(length_s * rate_hz)), np.float32)


def tone(length_s: float, rate_hz: int = 16_000, channels: int = 1, pitch_hz: float = 440) -> Sound:
    time_s = np.arange(round(length_s * rate_hz)) / rate_hz
    return np.tile(0.3 * np.sin(2 * np.pi * pitch_hz * time_s), (channels, 1)).astype(np.float32)


def voice(length_s: float, rate_hz: int = 16_000, channels: int = 1) -> Sound:
    """Pulses of a changing pitch through a moving mouth, in syllables: speech to Silero's detector."""
    time_s = np.arange(round(length_s * 16_000)) / 16_000
    pitch_hz = 120 * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * time_s))
    sound = np.diff(np.floor(np.cumsum(pitch_hz) / 16_000), prepend=0.0)
    for middle_hz, width_hz, wander in FORMANTS:
        radius = np.exp(-np.pi * width_hz / 16_000)
        state = np.zeros(2)
        resonant = np.empty_like(sound)
        for start in range(0, len(sound), STEP):
            now_hz = middle_hz * (1 + wander * np.sin(2 * np.pi * 1.7 * time_s[start] + middle_hz))
            feedback = [1, -2 * radius * np.cos(2 * np.pi * now_hz / 16_000), radius**2]
            piece = slice(start, start + STEP)
            resonant[piece], state = lfilter([1], feedback, sound[piece], zi=state)
        sound = resonant
    syllables = np.convolve(np.sin(2 * np.pi * 3 * time_s) > -0.3, np.hanning(800) / 400, "same")
    sound = sound * syllables
    sound = 0.5 * sound / np.abs(sound).max()
    wanted_s = np.arange(round(length_s * rate_hz)) / rate_hz
    return np.tile(np.interp(wanted_s, time_s, sound), (channels, 1)).astype(np.float32)


def write_with_sound(
    path: Path,
    sound: Sound,
    *,
    rate_hz: int = 16_000,
    layout: str = "mono",
    codec: str = "aac",
    images: Iterable[Image] = (),
    picture_hz: int = 5,
    starts_s: float = 0.0,
) -> Path:
    """Encode a file with a sound track, and with pictures if there are any.

    Args:
        starts_s: when the sound begins, with pictures before it.
    """
    with av.open(str(path), "w") as container:
        pictures = None
        stream = container.add_stream(codec, rate=rate_hz)
        stream.layout = layout
        shown = list(images)
        if shown:
            pictures = container.add_stream("libx264", rate=picture_hz)
            pictures.pix_fmt = "yuv420p"
            pictures.height, pictures.width = shown[0].shape[:2]
        for image in shown:
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        for start in range(0, sound.shape[1], 1024):
            piece = np.ascontiguousarray(sound[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout=layout)
            frame.sample_rate, frame.pts = rate_hz, start + round(starts_s * rate_hz)
            frame.time_base = Fraction(1, rate_hz)
            for fitting in _fitting(frame, stream):
                container.mux(stream.encode(fitting))
        if pictures is not None:
            container.mux(pictures.encode(None))
        container.mux(stream.encode(None))
    return path


def _fitting(frame: av.AudioFrame, stream: av.AudioStream) -> Iterable[av.AudioFrame]:
    """In the format that the encoder takes."""
    wanted = stream.codec_context.format.name
    if frame.format.name == wanted:
        return [frame]
    return av.AudioResampler(format=wanted, layout=frame.layout.name, rate=frame.sample_rate).resample(frame)


def pictures(length_s: float, picture_hz: int = 5) -> list[Image]:
    """Plain pictures that last so long."""
    return [plain_frame()] * round(length_s * picture_hz)
