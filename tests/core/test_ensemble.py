"""Several detectors as one."""

import dataclasses
import math

import pytest

from deeptrace_core.ensemble import combined, ensemble_info, member_names
from deeptrace_core.model import (
    Assessed,
    Box,
    Doubt,
    FaceScore,
    FrameScore,
    LeftOut,
    Report,
    Verdict,
)
from deeptrace_core.report import make_report, parse_report, report_bytes
from tests.core import test_report

FIRST = dataclasses.replace(test_report.DETECTOR, name="first", threshold_low=0.2, threshold_high=0.8)
SECOND = dataclasses.replace(FIRST, name="second", weights_sha256="12" * 32, licence="GPL-3.0")
OLD = dataclasses.replace(FIRST, name="old", threshold_low=0.0, threshold_high=0.9)


def test_the_score_is_the_mean_of_the_log_odds() -> None:
    """By hand: log-odds of 0.9 and 0.6 are 2.1972 and 0.4055."""
    assert combined([0.9, 0.6]) == pytest.approx(1 / (1 + math.exp(-(2.1972246 + 0.4054651) / 2)))
    assert combined([0.7]) == pytest.approx(0.7)
    assert combined([0.2, 0.8]) == pytest.approx(0.5)


def test_no_member_decides_alone() -> None:
    """A network that overflows to 1.0 counts as one that is very sure, not as infinitely sure."""
    assert combined([1.0, 0.02, 0.02]) < 0.5
    assert combined([0.0, 0.98, 0.98]) > 0.5


def test_thresholds_are_combined_as_scores_are() -> None:
    """Whatever the members, a person for whom each stands at its threshold stands at that of all."""
    info = ensemble_info([FIRST, dataclasses.replace(SECOND, threshold_high=0.95)], [])
    assert info.threshold_high == pytest.approx(combined([0.8, 0.95]), abs=1e-6)
    assert info.threshold_low == pytest.approx(0.2, abs=1e-6)


def test_who_never_says_no_signs_forbids_it_to_all() -> None:
    """Low scores of an uncalibrated detector mean nothing, alone or in company."""
    assert ensemble_info([FIRST, OLD], []).threshold_low == 0.0


def test_an_ensemble_has_no_figures_of_its_members() -> None:
    """Error rates of the parts say nothing about the whole."""
    assert FIRST.accuracy or test_report.DETECTOR.accuracy == ()
    info = ensemble_info([FIRST, SECOND], [])
    assert info.accuracy == ()
    assert info.members == (FIRST, SECOND)
    assert info.licence == "MIT; GPL-3.0"
    assert info.weights_sha256 not in {FIRST.weights_sha256, SECOND.weights_sha256}


def test_names_are_taken_once() -> None:
    """Nobody has two votes."""
    assert member_names("a+b + a") == ("a", "b")
    assert member_names("a") == ("a",)


def frames(*members: float) -> list[FrameScore]:
    return [
        FrameScore(
            index=n,
            time_s=n / 2,
            faces=(
                FaceScore(
                    track_id=0,
                    box=Box(x1=0, y1=0, x2=100, y2=100),
                    confidence=0.9,
                    fake_probability=round(combined(members), 6),
                    member_probabilities=members,
                ),
            ),
        )
        for n in range(8)
    ]


def report(*members: float, high: float = 0.8) -> Report:
    info = ensemble_info(
        [dataclasses.replace(one, threshold_high=high) for one in (FIRST, SECOND)],
        [LeftOut(name="third", explanation="No weights.", advice="Pull them.")],
    )
    return make_report(
        media=test_report.MEDIA,
        options=test_report.OPTIONS,
        detector=info,
        software=test_report.SOFTWARE,
        frames=frames(*members),
        frames_asked=8,
    )


def test_each_member_is_in_the_report_and_comes_back() -> None:
    """Scores of each detector for each face and person, and who was left out."""
    made = report(0.9, 0.7)
    [track] = made.tracks
    assert [score.mean for score in track.member_scores] == pytest.approx([0.9, 0.7])
    again = parse_report(report_bytes(made))
    assert again.frames == made.frames
    assert again.detector == made.detector
    assert again.tracks == made.tracks


def test_members_that_disagree_leave_a_doubt() -> None:
    """One is sure of signs, the other sure of none: their average is no verdict."""
    finding = report(0.999, 0.15, high=0.6).finding
    assert isinstance(finding, Assessed)
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.doubts == (Doubt.DETECTORS_DISAGREE,)
    agreed = report(0.999, 0.9, high=0.6).finding
    assert isinstance(agreed, Assessed)
    assert agreed.verdict is Verdict.SIGNS_FOUND
