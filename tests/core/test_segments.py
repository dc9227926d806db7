"""Suspicious segments, from known courses of scores."""

from deeptrace_core.model import Box, FaceScore, FrameScore
from deeptrace_core.segments import segments_of


def frames(*persons: list[float | None]) -> list[FrameScore]:
    """A frame a second; None where the person is seen but not scored."""
    box = Box(x1=0, y1=0, x2=100, y2=100)
    return [
        FrameScore(
            index=n,
            time_s=float(n),
            faces=tuple(
                FaceScore(track_id=track_id, box=box, confidence=1, fake_probability=score)
                for track_id, score in enumerate(scores)
            ),
        )
        for n, scores in enumerate(zip(*persons, strict=True))
    ]


def test_a_segment_goes_from_the_first_high_frame_to_the_last() -> None:
    """At the threshold counts; the peak is the first of the highest."""
    [found] = segments_of(frames([0.1, 0.8, 0.95, 0.95, 0.9, 0.2]), 0.8)
    assert (found.first_s, found.last_s, found.frames) == (1, 4, 4)
    assert (found.peak, found.peak_s) == (0.95, 2)


def test_two_lower_frames_do_not_part_a_segment_and_three_do() -> None:
    """A blink is no boundary."""
    [bridged] = segments_of(frames([0.9, 0.1, 0.1, 0.9]), 0.8)
    assert (bridged.first_s, bridged.last_s, bridged.frames) == (0, 3, 2)
    assert [found.first_s for found in segments_of(frames([0.9, 0.1, 0.1, 0.1, 0.9]), 0.8)] == [0, 4]


def test_frames_without_a_score_are_not_counted() -> None:
    """Nothing is said of them: neither do they part a segment."""
    [found] = segments_of(frames([0.9, None, None, None, None, 0.9]), 0.8)
    assert (found.first_s, found.last_s, found.frames) == (0, 5, 2)


def test_each_person_has_segments_of_their_own() -> None:
    """In the order of time, then of persons."""
    found = segments_of(frames([0.1, 0.9, 0.1, 0.1], [0.9, 0.9, 0.1, 0.1]), 0.8)
    assert [(one.track_id, one.first_s) for one in found] == [(1, 0), (0, 1)]


def test_low_scores_make_none() -> None:
    """No segment is better than one for show."""
    assert segments_of(frames([0.1, 0.2, 0.79]), 0.8) == ()
