"""What differs between two reports."""

from dataclasses import replace

from deeptrace_core.comparison import Difference, number_differences, recipe_differences
from deeptrace_core.model import FrameScore, Report, Software
from deeptrace_core.report import make_report
from tests.core.test_report import DETECTOR, MEDIA, OPTIONS, SOFTWARE, sample_report


def rescored(report: Report, scores: dict[int, float | None]) -> Report:
    """The report as it would be with other frame scores, by index."""
    frames = tuple(
        replace(
            frame,
            faces=tuple(
                replace(face, fake_probability=scores.get(frame.index, face.fake_probability))
                for face in frame.faces
            ),
        )
        for frame in report.frames
    )
    return remade(report, frames)


def remade(report: Report, frames: tuple[FrameScore, ...]) -> Report:
    return make_report(
        media=MEDIA, options=OPTIONS, detector=DETECTOR, software=SOFTWARE, frames=frames, frames_asked=7
    )


def test_two_reports_of_one_recipe_do_not_differ() -> None:
    """Their id, salt and time do, which says nothing about the video."""
    first, second = sample_report(), sample_report()
    assert first != second
    assert recipe_differences(first, second) == []
    assert number_differences(first, second) == []


def test_a_different_recipe_is_named_field_by_field() -> None:
    """Weights, preset, an option, a library that one of them lacks."""
    first = sample_report()
    second = replace(
        first,
        detector=replace(DETECTOR, weights_sha256="12" * 32),
        options=replace(OPTIONS, min_frames=64),
        software=Software(deeptrace="0", commit=None, device="cuda:0", libraries={"torch": "2", "av": "18"}),
    )
    assert recipe_differences(first, second) == [
        Difference("detector.weights_sha256", "cd" * 32, "12" * 32),
        Difference("options.min_frames", "32", "64"),
        Difference("software.device", "cpu", "cuda:0"),
        Difference("software.libraries.torch", "1", "2"),
        Difference("software.libraries.av", "none", "18"),
    ]
    assert number_differences(first, second) == []


def test_a_report_without_a_detector_can_be_compared() -> None:
    """Then all of the detector differs."""
    first = sample_report()
    names = {row.what for row in recipe_differences(first, replace(first, detector=None))}
    assert {"detector", "detector.name", "detector.preset_sha256"} <= names


def test_the_largest_difference_is_named_with_its_place() -> None:
    """Frame scores, the person's score and the verdict's."""
    first = sample_report()
    second = rescored(first, {6: 0.91, 9: 0.05})
    rows = {row.what: row[1:] for row in number_differences(first, second)}
    assert rows["frame scores: 2 of 6 differ, most in frame 9 (1.00 s)"] == ("0.850000", "0.050000")
    assert rows["finding.score.mean"] == ("0.68", "0.522")
    assert rows["suspicious frames"] == ("3", "2")
    (person,) = [values for what, values in rows.items() if what == "face A"]
    assert person[0].startswith("0.680000 (")
    assert person[1].startswith("0.522000 (")


def test_no_difference_is_too_small() -> None:
    """A moved box, or a score in its last digit."""
    first = sample_report()
    (face,) = first.frames[0].faces
    moved = replace(first.frames[0], faces=(replace(face, box=replace(face.box, x1=1.75)),))
    (row,) = number_differences(first, replace(first, frames=(moved, *first.frames[1:])))
    assert row.what == "faces: in 1 of 6 frames, first in frame 0 (0.00 s)"
    assert ("at 1.5,2,3,4" in row.first, "at 1.75,2,3,4" in row.second) == (True, True)
    assert number_differences(first, rescored(first, {0: 0.100001}))


def test_a_score_against_none_is_a_difference() -> None:
    """It has no size, so a difference of numbers is named before it; alone it is named itself."""
    first = sample_report()
    gone = number_differences(first, rescored(first, {0: None}))
    assert any(row[1:] == ("0.100000", "none") and "frame 0 " in row.what for row in gone)
    both = number_differences(first, rescored(first, {0: None, 6: 0.91}))
    assert any("2 of 6 differ, most in frame 6" in row.what for row in both)


def test_other_frames_and_other_persons_are_counted() -> None:
    """Sampled elsewhere: what only one of the reports has."""
    first = sample_report()
    fewer = remade(first, first.frames[:1])
    rows = {row.what: row[1:] for row in number_differences(first, fewer)}
    assert rows["frames looked at"] == ("6, 5 of them only here", "1, 0 of them only here")
    assert rows["finding.verdict"][1] == "NOT_ASSESSED"
    assert rows["coverage.frames_decoded"] == ("6", "1")
    nobody = remade(first, tuple(replace(frame, faces=()) for frame in first.frames))
    rows = {row.what: row[1:] for row in number_differences(first, nobody)}
    assert rows["face A"][1] == "not there"
