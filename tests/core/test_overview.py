"""The course of scores in few points."""

from deeptrace_core.model import Box, FaceScore, FrameScore
from deeptrace_core.overview import MAX_POINTS, OverviewPoint, overview_of


def frame(number: int, score: float | None) -> FrameScore:
    box = Box(x1=0, y1=0, x2=9, y2=9)
    face = FaceScore(track_id=0, box=box, confidence=1, fake_probability=score)
    return FrameScore(index=number, time_s=number / 10, faces=() if score is None else (face,))


def test_a_short_course_is_kept_as_it_is() -> None:
    """A point for each frame; none where nothing was scored."""
    assert overview_of([frame(0, 0.25), frame(1, None)]) == (
        OverviewPoint(time_s=0.0, lowest=0.25, highest=0.25),
        OverviewPoint(time_s=0.1, lowest=None, highest=None),
    )
    assert overview_of([]) == ()


def test_a_long_course_keeps_its_spikes_and_dips() -> None:
    """One frame in a hundred thousand can be what matters."""
    frames = [frame(n, 0.5) for n in range(100_001)]
    frames[70_707] = frame(70_707, 0.99)
    frames[80_808] = frame(80_808, 0.01)
    points = overview_of(frames)
    assert len(points) <= MAX_POINTS
    assert [point.time_s for point in points] == sorted(point.time_s for point in points)
    assert max(point.highest or 0 for point in points) == 0.99
    assert min(point.lowest or 0 for point in points) == 0.01
