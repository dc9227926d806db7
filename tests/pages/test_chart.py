"""The chart says what was measured, and nothing between."""

import math

import pytest

from deeptrace_core.job import Progress, Stage
from deeptrace_core.ranking import ranked
from deeptrace_core.series import Series, series_of, thinned
from pages.review.chart import figure_of
from pages.review.progress import time_left_s
from pages.review.strokes import stroke_of
from tests.pages.samples import between, frames_of, report_of, too_small, wave


def test_a_frame_without_a_score_is_a_gap() -> None:
    """Frames in which the face is absent or too small have no point and no line."""
    lines = series_of(frames_of([between(wave(0.5), 2, 4), too_small], count=6), [0, 1])
    assert [score is None for score in lines[0].scores] == [True, True, False, False, False, True]
    assert lines[1].scores == (None,) * 6


def test_gaps_are_not_bridged() -> None:
    """Plotly is told not to join what is apart."""
    report = report_of([between(wave(0.5), 0, 20)])
    figure = figure_of(report, ranked(report), "light")
    assert all(line.connectgaps is False for line in figure.data)
    assert figure.data[0].y[-1] is None


def test_lone_score_has_a_marker_however_many_frames_there_are() -> None:
    """One scored frame between gaps would not be seen as a line."""
    report = report_of([wave(0.3), between(wave(0.9), 501, 501)], count=1000)
    line = figure_of(report, ranked(report), "dark").data[-1]
    assert line.name == "Face B"
    assert line.marker.size[501] > 0


def test_thinning_loses_no_peak_and_keeps_long_gaps() -> None:
    """Of each stretch the lowest and the highest score stay."""
    scores = tuple(
        None if 4000 <= n < 6000 else 0.99 if n == 777 else 0.2 + 0.1 * (n % 3) for n in range(10_000)
    )
    series = thinned(Series(times_s=tuple(map(float, range(10_000))), scores=scores))
    assert len(series.scores) <= 1500
    assert (777.0, 0.99) in zip(series.times_s, series.scores, strict=True)
    assert list(series.times_s) == sorted(series.times_s)
    assert all(
        score is None
        for time, score in zip(*map(list, (series.times_s, series.scores)), strict=True)
        if 4020 < time < 5980
    )


def test_faces_in_one_chart_differ_in_more_than_colour() -> None:
    """The eight faces of a chart have eight colours, and those with one dash have other markers."""
    strokes = [stroke_of(rank) for rank in range(8)]
    assert len({stroke.light for stroke in strokes}) == len({stroke.dark for stroke in strokes}) == 8
    assert len({(stroke.dash, stroke.symbol) for stroke in strokes}) == 8


@pytest.mark.parametrize(
    ("done", "watched_s", "first_done", "left_s"),
    [
        (300, 10.0, 200, 30.0),
        (29, 10.0, 0, None),  # less than 5 % done
        (300, 1.0, 200, None),  # watched for too short a time
        (300, 10.0, 300, None),  # nothing moved
        (600, 10.0, 200, None),  # nothing left
        (599, 100.0, 0, 1.0),
    ],
)
def test_time_left(done: int, watched_s: float, first_done: int, left_s: float | None) -> None:
    """No time left is said while nobody can tell."""
    found = time_left_s(Progress(stage=Stage.SCORING, done=done, total=600), watched_s, first_done)
    assert found == left_s or (found is not None and left_s is not None and math.isclose(found, left_s))
