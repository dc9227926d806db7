"""Faces tried again in a worse picture."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from deeptrace_core.model import Assessed, Doubt, Verdict
from tests.clips import face_frame, plain_frame, write_video
from tests.worker.fakes import FakeDetector, FakeModels
from tests.worker.test_pipeline import run
from worker.detectors.interface import Crops
from worker.robustness import ProbePlan


def test_the_faces_that_are_tried_cover_the_video() -> None:
    """The 2nd, 4th, 8th, ... of each person; persons are counted apart."""
    plan = ProbePlan()
    assert [n for n in range(1, 70) if plan.wants(0)] == [2, 4, 8, 16, 32, 64]
    assert [n for n in range(1, 5) if plan.wants(1)] == [2, 4]


def test_a_picture_that_cannot_get_worse_scores_the_same(tmp_path: Path) -> None:
    """Grey stays grey: compressed or shrunk, the fake detector sees the same brightness."""
    report = run(write_video(tmp_path / "v.mp4", [plain_frame(120)] * 20), FakeModels()).report
    [track] = report.tracks
    assert track.probe is not None
    assert track.probe.frames == 4
    assert track.probe.compressed_mean == pytest.approx(track.probe.mean, abs=0.01)
    assert track.probe.half_size_mean == pytest.approx(track.probe.mean, abs=0.01)
    tried = [frame.faces[0].compressed_probability is not None for frame in report.frames]
    assert [n + 1 for n, is_tried in enumerate(tried) if is_tried] == [2, 4, 8, 16]


def test_a_detector_that_sees_noise_alone_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says 0.95 for fine detail and 0.05 without: at half the size its verdict falls."""

    def score(_self: FakeDetector, crops: Crops) -> np.ndarray:
        fine = np.abs(np.diff(crops.astype(float), axis=2)).mean(axis=(1, 2, 3))
        return np.where(fine > 8, 0.95, 0.05).astype(np.float32)

    noise = np.random.default_rng(1).integers(60, 200, (240, 320, 3)).astype(np.uint8)
    video = write_video(tmp_path / "v.mkv", [noise] * 12, codec="ffv1")
    monkeypatch.setattr(FakeDetector, "score", score)
    finding = run(video, FakeModels()).report.finding
    assert isinstance(finding, Assessed)
    assert finding.score.mean == pytest.approx(0.95)
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert Doubt.CHANGES_WITH_SIZE in finding.doubts


def test_a_blurred_face_is_less_sharp_than_a_clear_one(tmp_path: Path) -> None:
    """The report says how large and how sharp the faces were."""
    clear = [face_frame(n) for n in range(4)]
    soft = [np.asarray(cv2.GaussianBlur(picture, (0, 0), 3), np.uint8) for picture in clear]
    [sharp] = run(write_video(tmp_path / "clear.mkv", clear, codec="ffv1"), FakeModels()).report.tracks
    [blurred] = run(write_video(tmp_path / "soft.mkv", soft, codec="ffv1"), FakeModels()).report.tracks
    assert sharp.sharpness is not None
    assert blurred.sharpness is not None
    assert blurred.sharpness < sharp.sharpness / 10
    assert sharp.face_px == blurred.face_px == 100
