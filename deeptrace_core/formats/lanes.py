"""The course of the scores as a drawing with one lane for each person, which also prints without colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from deeptrace_core.model import MediaKind, Report
from deeptrace_core.phrases import video_time
from deeptrace_core.ranking import ranked
from deeptrace_core.segments import Segment
from deeptrace_core.series import Series, series_of

MAX_LANES = 12
WIDTH, LANE_HEIGHT, GAP = 900, 64, 26
TICKS = 6
NARROWEST = 3.0
"""A segment of one frame has no width of its own, and would not be seen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """One person. Coordinates are those of the drawing."""

    label: str
    top: float
    threshold_y: float
    lines: tuple[str, ...]
    """The points of each stretch without a gap, as SVG writes them."""
    dots: tuple[tuple[float, float], ...]
    """Scores with a gap on both sides, which have no line."""
    bands: tuple[tuple[float, float], ...]
    """Left edge and width of each suspicious segment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """All lanes and the axis below them."""

    lanes: tuple[Lane, ...]
    left_out: int
    """Persons without a lane."""
    height: float
    ticks: tuple[tuple[float, str], ...]
    """Place and words of each."""


def drawing_of(report: Report, segments: Sequence[Segment]) -> Drawing | None:
    """The drawing of a report on a video; None where no face was scored."""
    tracks = ranked(report)
    if not tracks or report.detector is None or report.media.kind is not MediaKind.VIDEO:
        return None
    shown = tracks[:MAX_LANES]
    end_s = max(report.media.duration_s, report.frames[-1].time_s, 0.001)
    series = series_of(report.frames, (track.id for track in shown))
    lanes = []
    for number, track in enumerate(shown):
        top = GAP + number * (LANE_HEIGHT + GAP)
        own = [segment for segment in segments if segment.track_id == track.id]
        lines, dots = _lines(series[track.id], top, end_s)
        lanes.append(
            Lane(
                label=track.label,
                top=top,
                threshold_y=_y(report.detector.threshold_high, top),
                lines=lines,
                dots=dots,
                bands=tuple(_band(segment, end_s) for segment in own),
            )
        )
    return Drawing(
        lanes=tuple(lanes),
        left_out=len(tracks) - len(shown),
        height=GAP + len(shown) * (LANE_HEIGHT + GAP) + 12,
        ticks=tuple(
            (WIDTH * step / TICKS, video_time(end_s * step / TICKS).removesuffix(".0"))
            for step in range(TICKS + 1)
        ),
    )


def _lines(
    series: Series, top: float, end_s: float
) -> tuple[tuple[str, ...], tuple[tuple[float, float], ...]]:
    places = [
        None if score is None else (_x(time_s, end_s), _y(score, top))
        for time_s, score in zip(series.times_s, series.scores, strict=True)
    ]
    runs = [
        [place for place in run if place is not None]
        for is_gap, run in groupby(places, key=lambda place: place is None)
        if not is_gap
    ]
    lines = tuple(" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1)
    return lines, tuple(run[0] for run in runs if len(run) == 1)


def _band(segment: Segment, end_s: float) -> tuple[float, float]:
    left, right = _x(segment.first_s, end_s), _x(segment.last_s, end_s)
    width = max(round(right - left, 1), NARROWEST)
    return min(left, WIDTH - width), width


def _x(time_s: float, end_s: float) -> float:
    return round(WIDTH * time_s / end_s, 1)


def _y(score: float, top: float) -> float:
    return round(top + LANE_HEIGHT * (1 - score), 1)
