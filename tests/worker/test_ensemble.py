"""Several detectors score one video; one that fails is left out, and said to be."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from deeptrace_core.ensemble import combined
from deeptrace_core.errors import EnvironmentFault, ModelUnavailableError
from deeptrace_core.model import Assessed, NotAssessed, Reason
from tests.clips import plain_frame, write_video
from tests.worker.fakes import FakeDetector, FakeModels
from tests.worker.test_pipeline import OPTIONS, run
from worker.detectors.interface import Crops

BRIGHT_AND_DARK = replace(OPTIONS, detector="bright+dark")


class Dark(FakeDetector):
    """Scores each crop by its darkness, halved."""

    info = replace(FakeDetector.info, name="dark", weights_sha256="d" * 64)

    def score(self, crops: Crops) -> NDArray[np.float32]:
        return ((1 - super().score(crops)) / 2).astype(np.float32)


class Bright(FakeDetector):
    info = replace(FakeDetector.info, name="bright")


class TwoModels(FakeModels):
    """Knows the detectors "bright" and "dark"; what is called before each loading or scoring may fail."""

    def __init__(
        self,
        *,
        loading: Callable[[str], None] = lambda name: None,
        scoring: Callable[[str], None] = lambda name: None,
    ) -> None:
        super().__init__()
        self._loading, self._scoring = loading, scoring

    def detector(self, name: str) -> FakeDetector:
        self._loading(name)
        return {"bright": Bright, "dark": Dark}[name](lambda: self._scoring(name))


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "v.mp4", [plain_frame(204)] * 20)


def fails(culprit: str, error: Exception, *, after: int = 0) -> Callable[[str], None]:
    """For one of the detectors, from a call on."""
    calls = 0

    def fail(name: str) -> None:
        nonlocal calls
        calls += name == culprit
        if name == culprit and calls > after:
            raise error

    return fail


def test_each_detector_is_shown_and_their_mean_counts(video: Path) -> None:
    """Brightness 0.8 and half the darkness 0.1, for each face and for the person."""
    report = run(video, TwoModels(), BRIGHT_AND_DARK).report
    face = report.frames[7].faces[0]
    assert face.member_probabilities == pytest.approx((0.8, 0.1), abs=0.01)
    assert face.fake_probability == pytest.approx(combined(face.member_probabilities), abs=1e-6)
    assert face.compressed_probability is not None
    [track] = report.tracks
    assert [score.mean for score in track.member_scores] == pytest.approx([0.8, 0.1], abs=0.01)
    assert report.detector is not None
    assert [member.name for member in report.detector.members] == ["bright", "dark"]
    assert report.detector.name == "bright+dark"


def test_a_detector_that_cannot_be_had_is_left_out(video: Path) -> None:
    """The other one scores alone, and the report says who is missing and why."""
    missing = ModelUnavailableError("No weights of dark.", advice="Pull dark.")
    report = run(video, TwoModels(loading=fails("dark", missing)), BRIGHT_AND_DARK).report
    assert report.detector is not None
    [left_out] = report.detector.left_out
    assert (left_out.name, left_out.explanation) == ("dark", "No weights of dark.")
    assert report.visual_prob == pytest.approx(0.8, abs=0.01)
    assert report.frames[0].faces[0].member_probabilities == pytest.approx((0.8,), abs=0.01)


@pytest.mark.parametrize("after", [0, 1, 5])
@pytest.mark.parametrize("error", [EnvironmentFault("No memory."), ZeroDivisionError(), MemoryError()])
def test_a_detector_that_fails_on_the_way_leaves_no_trace_in_the_scores(
    video: Path, error: Exception, after: int
) -> None:
    """However many frames it had scored, all are scored again without it."""
    alone = run(video, TwoModels(), replace(OPTIONS, detector="bright")).report
    report = run(video, TwoModels(scoring=fails("dark", error, after=after)), BRIGHT_AND_DARK).report
    assert report.visual_scores == alone.visual_scores
    assert report.detector is not None
    assert [one.name for one in report.detector.left_out] == ["dark"]
    assert {len(frame.faces[0].member_probabilities) for frame in report.frames} == {1}


def test_what_is_no_number_leaves_its_detector_out(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not averaged with the others."""
    monkeypatch.setattr(Dark, "score", lambda _self, crops: np.full(len(crops), np.nan, np.float32))
    report = run(video, TwoModels(), BRIGHT_AND_DARK).report
    assert isinstance(report.finding, Assessed)
    assert report.detector is not None
    assert [one.name for one in report.detector.left_out] == ["dark"]


def test_the_last_detector_may_not_fail(video: Path) -> None:
    """With nobody left there is no score, but the failure."""

    def both(name: str) -> None:
        raise EnvironmentFault(f"{name} failed.")

    with pytest.raises(EnvironmentFault, match="failed"):
        run(video, TwoModels(scoring=both), BRIGHT_AND_DARK)


def test_without_any_detector_nothing_is_assessed(video: Path) -> None:
    """All reasons and all advice are given."""

    def missing(name: str) -> None:
        raise ModelUnavailableError(f"No weights of {name}.", advice=f"Pull {name}.")

    finding = run(video, TwoModels(loading=missing), BRIGHT_AND_DARK).report.finding
    assert isinstance(finding, NotAssessed)
    assert finding.reason is Reason.MODEL_UNAVAILABLE
    assert finding.explanation == "No weights of bright. No weights of dark."
    assert finding.advice == "Pull bright. Pull dark."
