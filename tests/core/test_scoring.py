"""Aggregation: faces to persons to video to verdict."""

import math
from dataclasses import replace

import pytest

from deeptrace_core.model import (
    Assessed,
    Box,
    DetectorInfo,
    Doubt,
    FaceScore,
    FrameScore,
    NotAssessed,
    QualityFloor,
    Reason,
    Verdict,
)
from deeptrace_core.scoring import coverage_of, find, mean_range, tracks_of
from tests.core import test_report


def face(track_id: int, score: float | None) -> FaceScore:
    return FaceScore(
        track_id=track_id,
        box=Box(x1=0, y1=0, x2=100, y2=120),
        confidence=0.99,
        fake_probability=score,
        unscored_reason=Reason.FACE_TOO_SMALL if score is None else None,
    )


def frames(*scores: dict[int, float | None]) -> tuple[FrameScore, ...]:
    return tuple(
        FrameScore(index=n, time_s=n / 10, faces=tuple(face(track, score) for track, score in seen.items()))
        for n, seen in enumerate(scores)
    )


DETECTOR = replace(test_report.DETECTOR, threshold_low=0.3, threshold_high=0.7)


def verdict_on(seen: tuple[FrameScore, ...], detector: DetectorInfo = DETECTOR) -> Assessed | NotAssessed:
    return find(
        tracks_of(seen),
        coverage_of(seen, frames_asked=len(seen)),
        detector=detector,
        bits_per_px=0.8,
        min_face_px=64,
    )


def test_a_frame_scores_as_its_worst_face() -> None:
    """One manipulated face among several is enough."""
    [frame] = frames({0: 0.1, 1: 0.9, 2: None})
    assert frame.fake_probability == 0.9


def test_a_frame_without_a_scored_face_has_no_score() -> None:
    """Neither an empty frame nor one with small faces only gets a number."""
    assert [frame.fake_probability for frame in frames({}, {0: None})] == [None, None]


def test_the_worst_person_drives_the_verdict() -> None:
    """Two persons, one suspicious: the video is as suspicious as she is."""
    found = verdict_on(frames(*[{0: 0.05, 1: 0.95 + n / 1000} for n in range(10)]))
    assert isinstance(found, Assessed)
    assert (found.verdict, found.track_id) == (Verdict.SIGNS_FOUND, 1)
    assert found.score.mean == pytest.approx(0.9545)


def test_one_person_with_signs_is_enough_beside_a_higher_but_uncertain_one() -> None:
    """Scattered scores with a higher mean do not hide a person whose whole range is above."""
    sure = [0.80, 0.81, 0.80, 0.82, 0.80, 0.81, 0.80, 0.82]
    scattered = [1.0, 0.4, 1.0, 1.0, 1.0, 0.4, 1.0, 1.0]
    found = verdict_on(frames(*[{0: a, 1: b} for a, b in zip(sure, scattered, strict=True)]))
    assert isinstance(found, Assessed)
    assert (found.verdict, found.track_id) == (Verdict.SIGNS_FOUND, 0)


def test_no_signs_are_found_only_if_that_holds_for_everyone() -> None:
    """A person with a lower mean but a wide range keeps the verdict open."""
    steady = [0.29, 0.28] * 4
    wide = [0.0, 0.9, 0.0, 0.1, 0.0, 0.5, 0.0, 0.1]
    found = verdict_on(frames(*[{0: a, 1: b} for a, b in zip(steady, wide, strict=True)]))
    assert isinstance(found, Assessed)
    assert found.verdict is Verdict.INCONCLUSIVE


def test_a_range_that_touches_a_threshold_is_inconclusive() -> None:
    """A mean above the threshold is not enough: the whole range must be."""
    found = verdict_on(frames(*[{0: score} for score in (1.0, 0.2, 0.9, 1.0, 0.3, 1.0, 1.0, 0.8)]))
    assert isinstance(found, Assessed)
    assert found.score.mean > 0.7
    assert found.verdict is Verdict.INCONCLUSIVE


def test_low_scores_of_everyone_read_as_no_signs_found() -> None:
    """The range of the worst person lies below the lower threshold."""
    found = verdict_on(frames(*[{0: 0.02, 1: 0.10 + (n % 2) / 100} for n in range(10)]))
    assert isinstance(found, Assessed)
    assert found.verdict is Verdict.NO_SIGNS_FOUND


def test_a_lower_threshold_of_zero_never_says_no_signs() -> None:
    """A detector that misses a lot is registered that way."""
    seen = frames(*[{0: 0.0} for _ in range(10)])
    found = verdict_on(seen, replace(DETECTOR, threshold_low=0.0))
    assert found.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (frames({}, {}, {}, {}, {}), Reason.NO_FACE),
        (frames(*[{0: None}] * 5), Reason.FACE_TOO_SMALL),
        (frames({0: 0.9}, {0: 0.9}, {0: 0.9}), Reason.TOO_FEW_FRAMES),
        (frames({0: 0.9}, {1: 0.9}, {2: 0.9}, {3: 0.9}, {4: None}), Reason.TOO_FEW_FRAMES),
        ((), Reason.NO_FACE),
    ],
)
def test_what_cannot_be_said_has_a_reason_and_no_number(seen: tuple[FrameScore, ...], reason: Reason) -> None:
    """ "Could not say" is a type of its own, with a reason and advice."""
    found = verdict_on(seen)
    assert isinstance(found, NotAssessed)
    assert found.reason is reason
    assert found.explanation
    assert found.advice
    assert not hasattr(found, "score")


def test_the_range_widens_when_neighbouring_frames_repeat_each_other() -> None:
    """Slow drift carries less information than independent noise of the same size."""
    noise = [0.5 + 0.1 * (-1) ** n for n in range(40)]
    drift = sorted(noise)
    of_noise, of_drift = mean_range(noise), mean_range(drift)
    assert of_noise.mean == pytest.approx(of_drift.mean)
    assert of_drift.high - of_drift.low > 2 * (of_noise.high - of_noise.low)


def test_the_range_of_independent_scores_is_students() -> None:
    """Checked against t(31; 0.975) = 2.0395 for alternating values, whose correlation is not positive."""
    scores = [0.4, 0.6] * 16
    expected = 2.0395 * math.sqrt(sum((x - 0.5) ** 2 for x in scores) / 31 / 32)
    assert mean_range(scores).high - 0.5 == pytest.approx(expected, rel=1e-3)


def test_the_range_stays_between_0_and_1() -> None:
    """Four scattered scores give a wide range, but never an impossible one."""
    spread = mean_range([0.0, 1.0, 1.0, 1.0])
    assert 0 <= spread.low < spread.mean < spread.high <= 1


def test_tracks_are_called_by_letters() -> None:
    """A to Z, then AA."""
    seen = frames(dict.fromkeys(range(28), 0.5))
    assert [track.label for track in tracks_of(seen)][::9] == ["A", "J", "S", "AB"]


def test_coverage_counts_what_the_scores_rest_on() -> None:
    """Asked, decoded, with a face, scored; faces found, faces too small."""
    coverage = coverage_of(frames({0: 0.5, 1: None}, {1: None}, {}), frames_asked=4)
    assert (coverage.frames_asked, coverage.frames_decoded) == (4, 3)
    assert (coverage.frames_with_face, coverage.frames_scored) == (2, 1)
    assert (coverage.faces_found, coverage.faces_too_small) == (3, 2)


def probed(score: float, compressed: float, half_size: float) -> tuple[FrameScore, ...]:
    """Ten frames of one face with this score, two of them tried again."""
    plain = face(0, score)
    tried = replace(plain, compressed_probability=compressed, half_size_probability=half_size)
    return tuple(
        FrameScore(index=n, time_s=n / 10, faces=(tried if n in (1, 3) else plain,)) for n in range(10)
    )


@pytest.mark.parametrize(
    ("score", "compressed", "half_size", "verdict", "doubts"),
    [
        (0.9, 0.8, 0.75, Verdict.SIGNS_FOUND, ()),
        (0.9, 0.7, 0.9, Verdict.INCONCLUSIVE, (Doubt.CHANGES_WITH_COMPRESSION,)),
        (0.9, 0.9, 0.1, Verdict.INCONCLUSIVE, (Doubt.CHANGES_WITH_SIZE,)),
        (
            0.9,
            0.1,
            0.1,
            Verdict.INCONCLUSIVE,
            (Doubt.CHANGES_WITH_COMPRESSION, Doubt.CHANGES_WITH_SIZE),
        ),
        (0.1, 0.2, 0.0, Verdict.NO_SIGNS_FOUND, ()),
        (0.1, 0.3, 0.1, Verdict.INCONCLUSIVE, (Doubt.CHANGES_WITH_COMPRESSION,)),
        (0.5, 0.9, 0.1, Verdict.INCONCLUSIVE, ()),
    ],
)
def test_a_verdict_that_changes_with_the_picture_is_none(
    score: float, compressed: float, half_size: float, verdict: Verdict, doubts: tuple[Doubt, ...]
) -> None:
    """Compressed once more, or at half the size, the faces must score on the same side."""
    found = verdict_on(probed(score, compressed, half_size))
    assert isinstance(found, Assessed)
    assert (found.verdict, found.doubts) == (verdict, doubts)
    assert found.score.mean == pytest.approx(score)


@pytest.mark.parametrize(
    ("limits", "doubts"),
    [
        ((100, 50, 0.8), ()),
        ((101, 50, 0.8), (Doubt.SMALLER_THAN_MEASURED,)),
        ((100, 51, 0.8), (Doubt.BLURRIER_THAN_MEASURED,)),
        ((100, 50, 0.81), (Doubt.MORE_COMPRESSED_THAN_MEASURED,)),
    ],
)
def test_outside_of_what_was_measured_there_is_no_verdict(
    limits: tuple[float, float, float], doubts: tuple[Doubt, ...]
) -> None:
    """Faces of 100 px, sharpness 50, 0.8 bits a pixel: worse than any on which it was measured, or not."""
    min_face_px, min_sharpness, min_bits_per_px = limits
    quality_floor = QualityFloor(
        min_face_px=min_face_px, min_sharpness=min_sharpness, min_bits_per_px=min_bits_per_px
    )
    seen = tuple(
        replace(frame, faces=tuple(replace(one, sharpness=50.0) for one in frame.faces))
        for frame in frames(*[{0: 0.95}] * 10)
    )
    found = verdict_on(seen, replace(DETECTOR, quality_floor=quality_floor))
    assert isinstance(found, Assessed)
    assert found.doubts == doubts
    assert found.verdict is (Verdict.INCONCLUSIVE if doubts else Verdict.SIGNS_FOUND)


def test_no_signs_are_not_found_where_most_faces_were_not_scored() -> None:
    """Four clear faces say little about sixteen others; found signs stay found."""
    small: dict[int, float | None] = {0: None}
    found = verdict_on(frames(*[{0: 0.05}] * 4, *[small] * 16))
    assert isinstance(found, Assessed)
    assert (found.verdict, found.doubts) == (Verdict.INCONCLUSIVE, (Doubt.MOSTLY_UNSCORED,))
    found = verdict_on(frames(*[{0: 0.95}] * 4, *[small] * 16))
    assert isinstance(found, Assessed)
    assert found.verdict is Verdict.SIGNS_FOUND


def test_a_person_beyond_doubt_comes_before_a_higher_one_in_doubt() -> None:
    """One sure person is enough."""
    shaky = probed(0.95, 0.1, 0.1)
    sure = frames(*[{1: 0.85}] * 10)
    seen = tuple(replace(a, faces=a.faces + b.faces) for a, b in zip(shaky, sure, strict=True))
    found = verdict_on(seen)
    assert isinstance(found, Assessed)
    assert (found.verdict, found.track_id, found.doubts) == (Verdict.SIGNS_FOUND, 1, ())
