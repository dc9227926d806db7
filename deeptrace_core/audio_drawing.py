"""The waveform, the spectrogram and the scores of the voices, each as wide as the video is long."""

import base64
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from deeptrace_core import spectrogram_picture
from deeptrace_core.audio import Audio, Spectrogram, Waveform
from deeptrace_core.phrases import video_time

WIDTH, HEIGHT = 900, 64
TICKS = 4
QUIETEST = 20
"""Thousandths of full scale. The waveform is scaled to its loudest sample, but silence is not blown up."""


LONGER = 1.01
"""Codecs end a sound a moment after the pictures: only what lasts longer than that makes a drawing longer."""
MARKS_HZ = (0, 1_000, 4_000, 8_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class SpectrogramDrawing:
    """A picture, and where it lies in its box: shares of it, 0 to 1."""

    png: str
    """In base64."""
    left: float
    width: float
    marks: tuple[tuple[str, float], ...]
    """Names of frequencies, and how far below the upper edge they are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioDrawing:
    """Shapes as SVG writes them, in a box of `WIDTH` x `HEIGHT` each."""

    end_s: float
    """The moment at the right edge."""

    wave: str
    """The points of a polygon; "" where there is no waveform."""
    spectrogram: SpectrogramDrawing | None
    lines: tuple[str, ...]
    """The points of each stretch of scores without a gap, from 0 (bottom) to 1 (top)."""
    threshold_y: float | None
    ticks: tuple[str, ...]
    """Moments evenly spread from the start to the end."""


def drawing_of(audio: Audio, duration_s: float) -> AudioDrawing | None:
    """The drawing; None where there is nothing to draw.

    Args:
        duration_s: of the video. A sound that lasts longer makes the drawing longer.
    """
    if audio.waveform is None and not audio.scores:
        return None
    end_s = max(duration_s, 0.001)
    if audio.waveform is not None:
        sound_s = audio.waveform.start_s + len(audio.waveform.low) * audio.waveform.column_s
        if sound_s > end_s * LONGER:
            end_s = sound_s
    return AudioDrawing(
        end_s=end_s,
        wave=_wave(audio.waveform, end_s) if audio.waveform is not None else "",
        spectrogram=_spectrogram(audio.spectrogram, end_s) if audio.spectrogram is not None else None,
        lines=tuple(_lines(audio, end_s)),
        threshold_y=_y(audio.detector.threshold_high) if audio.detector is not None else None,
        ticks=tuple(video_time(end_s * step / TICKS).removesuffix(".0") for step in range(TICKS + 1)),
    )


def _wave(waveform: Waveform, end_s: float) -> str:
    loudest = max(QUIETEST, *map(abs, waveform.low), *waveform.high)

    def point(column: int, value: int) -> str:
        x = _x(waveform.start_s + (column + 0.5) * waveform.column_s, end_s)
        return f"{x},{round(HEIGHT / 2 * (1 - value / loudest), 1)}"

    upper = [point(column, value) for column, value in enumerate(waveform.high)]
    lower = [point(column, value) for column, value in enumerate(waveform.low)]
    return " ".join([*upper, *reversed(lower)])


def _spectrogram(spectrogram: Spectrogram, end_s: float) -> SpectrogramDrawing:
    edges_hz = spectrogram.edges_hz
    columns = len(base64.b64decode(spectrogram.levels)) // (len(edges_hz) - 1)
    return SpectrogramDrawing(
        png=base64.b64encode(spectrogram_picture.png(spectrogram)).decode("ascii"),
        left=round(spectrogram.start_s / end_s, 4),
        width=round(columns * spectrogram.column_s / end_s, 4),
        marks=tuple((_kilohertz(mark), _down(mark, edges_hz)) for mark in MARKS_HZ),
    )


def _kilohertz(frequency_hz: int) -> str:
    return f"{frequency_hz // 1000} kHz" if frequency_hz else "0"


def _down(frequency_hz: int, edges_hz: tuple[int, ...]) -> float:
    """How far below the upper edge of the picture a frequency is, whose rows are the bands."""
    band = min(bisect_right(edges_hz, frequency_hz), len(edges_hz) - 1) - 1
    inside = (frequency_hz - edges_hz[band]) / (edges_hz[band + 1] - edges_hz[band])
    return round(1 - (band + inside) / (len(edges_hz) - 1), 4)


def _lines(audio: Audio, end_s: float) -> Iterator[str]:
    windows = zip(audio.times_s, audio.scores, strict=True)
    for is_gap, run in groupby(windows, key=lambda window: window[1] is None):
        if is_gap:
            continue
        points = [(time_s, score) for time_s, score in run if score is not None]
        (first_s, first), (last_s, last) = points[0], points[-1]
        # A score is that of a whole window: the line goes from where the first begins to where the last ends.
        middles = [(time_s + audio.window_s / 2, score) for time_s, score in points]
        whole = [(first_s, first), *middles, (last_s + audio.window_s, last)]
        yield " ".join(f"{_x(time_s, end_s)},{_y(score)}" for time_s, score in whole)


def _x(time_s: float, end_s: float) -> float:
    return round(WIDTH * min(max(time_s / end_s, 0.0), 1.0), 1)


def _y(score: float) -> float:
    return round(HEIGHT * (1 - score), 1)
