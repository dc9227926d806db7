"""The waveform and the scores of the voices as shapes, each as wide as the video is long."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from deeptrace_core.audio import Audio, Waveform
from deeptrace_core.phrases import video_time

WIDTH, HEIGHT = 900, 64
TICKS = 4
QUIETEST = 20
"""Thousandths of full scale. The waveform is scaled to its loudest sample, but silence is not blown up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioDrawing:
    """Shapes as SVG writes them, in a box of `WIDTH` x `HEIGHT` each."""

    wave: str
    """The points of a polygon; "" where there is no waveform."""
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
    ends_s = [duration_s, 0.001]
    if audio.waveform is not None:
        ends_s.append(audio.waveform.start_s + len(audio.waveform.low) * audio.waveform.column_s)
    end_s = max(ends_s)
    return AudioDrawing(
        wave=_wave(audio.waveform, end_s) if audio.waveform is not None else "",
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
