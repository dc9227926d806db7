"""The small line of scores in the list of jobs."""

import re
from urllib.parse import unquote

from deeptrace_core.overview import OverviewPoint
from pages.history.sparkline import MAX_POINTS, html


def points(*scores: float | None) -> list[OverviewPoint]:
    return [OverviewPoint(time_s=n, lowest=score, highest=score) for n, score in enumerate(scores)]


def lines(drawn: str) -> list[str]:
    return re.findall(r'polyline points="([^"]+)"', unquote(drawn))


def test_the_scale_is_always_that_of_all_scores() -> None:
    """0 at the bottom, 1 at the top: a flat low line does not look alarming."""
    assert lines(html(points(0.0, 1.0))) == ["0.0,24.0 96.0,0.0"]
    assert lines(html(points(0.5, 0.5))) == ["0.0,12.0 96.0,12.0"]


def test_a_gap_stays_a_gap() -> None:
    """Where nothing was scored, nothing is drawn; a single score is seen."""
    assert lines(html(points(1.0, 1.0, None, 0.0))) == ["0.0,0.0 32.0,0.0", "96.0,24.0 96.0,24.0"]


def test_nothing_scored_draws_nothing() -> None:
    """No line at 0."""
    assert html([]) == html(points(None, None)) == ""


def test_a_spike_survives() -> None:
    """One point in a thousand."""
    scores: list[float | None] = [0.0] * 1000
    scores[777] = 1.0
    [line] = lines(html(points(*scores)))
    assert len(line.split()) <= MAX_POINTS
    assert line.count(",0.0") == 1
