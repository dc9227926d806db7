"""`python -m worker evaluate` with several detectors at once."""

from pathlib import Path

import pytest

from deeptrace_core.report import parse_report
from tests.clips import WEIGHTS, face_video, needs_weights
from tests.commands.test_evaluate import grey_crop, labels_of
from worker.__main__ import main


@needs_weights
def test_several_detectors_are_measured_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is known of them together is said of them together, and of neither alone."""
    monkeypatch.setenv("DEEPTRACE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DEEPTRACE_WEIGHTS_MIRROR", str(WEIGHTS))
    clip = face_video(tmp_path / "v.mp4", frames=6)
    labels = labels_of(tmp_path, [("v.mp4", "real")])
    both = "deeptrace-light-1+mesoinception4-df"
    assert main(["evaluate", str(labels), "--detector", both, "--register", "--set-name", "astronauts"]) == 0
    capsys.readouterr()

    def limits(detector: str) -> str:
        assert main(["analyze", str(clip), "--detector", detector, "--json", "-"]) == 0
        return parse_report(capsys.readouterr().out.encode()).limits[0]

    assert f"Error rates of {both}: measured on astronauts, 1 video" in limits(both)
    assert "astronauts" not in limits("mesoinception4-df")


@needs_weights
def test_crops_are_cut_for_one_detector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another one would be given faces that it was not trained on."""
    monkeypatch.setenv("DEEPTRACE_WEIGHTS_MIRROR", str(WEIGHTS))
    grey_crop(tmp_path / "crop.png", 0.5)
    labels = labels_of(tmp_path, [("crop.png", "real")])
    assert main(["evaluate", str(labels), "--detector", "deeptrace-light-1+meso4-df"]) == 2
    assert "Face crops are cut for one preset" in capsys.readouterr().err
