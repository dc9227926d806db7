"""The report: what is in it, and the bytes that are hashed."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import rfc8785

from deeptrace_core.canonical import canonical_bytes, digest
from deeptrace_core.errors import ReportInvalidError
from deeptrace_core.model import (
    AnalysisOptions,
    Box,
    DetectorInfo,
    FaceScore,
    FrameScore,
    MediaInfo,
    NotAssessed,
    Reason,
    Report,
    Software,
)
from deeptrace_core.report import make_report, make_unassessed_report, parse_report, report_bytes

GOLDEN = Path(__file__).parent / "golden"

MEDIA = MediaInfo(
    sha256="ab" * 32,
    size_bytes=1000,
    container="mov,mp4",
    video_codec="h264",
    width_px=640,
    height_px=480,
    rotation_deg=0,
    duration_s=1 / 3,
    frame_count=10,
    has_audio=False,
)
DETECTOR = DetectorInfo(
    name="d",
    architecture="a",
    weights_sha256="cd" * 32,
    licence="MIT",
    preset="p",
    preset_sha256="ef" * 32,
    threshold_low=0.2,
    threshold_high=0.8,
    accuracy=(),
)
OPTIONS = AnalysisOptions(detector="d")
SOFTWARE = Software(deeptrace="0", commit=None, device="cpu", libraries={"torch": "1"})


def sample_report() -> Report:
    scores = [0.1, None, 0.9, 0.85, 0.8, 0.75]
    frames = [
        FrameScore(
            index=3 * n,
            time_s=n / 3,
            faces=()
            if score is None
            else (
                FaceScore(
                    track_id=0,
                    box=Box(x1=1.5, y1=2, x2=3, y2=4),
                    confidence=0.99,
                    fake_probability=score,
                ),
            ),
        )
        for n, score in enumerate(scores)
    ]
    return make_report(
        media=MEDIA, options=OPTIONS, detector=DETECTOR, software=SOFTWARE, frames=frames, frames_asked=7
    )


def test_the_names_that_older_clients_know_are_there() -> None:
    """visual_prob, visual_scores with null where nothing was scored, suspicious_frames by frame index."""
    document = json.loads(report_bytes(sample_report()))
    assert document["visual_prob"] == 0.68
    assert document["visual_scores"] == [0.1, None, 0.9, 0.85, 0.8, 0.75]
    assert document["suspicious_frames"] == [6, 9, 12]


def test_a_report_survives_its_bytes() -> None:
    """Parsing and writing again gives the same bytes, so the digest can be checked years later."""
    data = report_bytes(sample_report())
    assert report_bytes(parse_report(data)) == data


def test_an_unassessed_report_carries_no_number() -> None:
    """No weights: a reason and advice, and null where clients look for a score."""
    finding = NotAssessed(reason=Reason.MODEL_UNAVAILABLE, explanation="No weights.", advice="Pull them.")
    report = make_unassessed_report(media=MEDIA, options=OPTIONS, software=SOFTWARE, finding=finding)
    document = json.loads(report_bytes(report))
    assert document["visual_prob"] is None
    assert document["visual_scores"] == []
    assert document["finding"] == {
        "verdict": "NOT_ASSESSED",
        "reason": "MODEL_UNAVAILABLE",
        "explanation": "No weights.",
        "advice": "Pull them.",
    }
    assert parse_report(report_bytes(report)).finding == finding


def test_two_reports_on_one_video_differ() -> None:
    """A random salt keeps holders of the video from guessing the digest."""
    assert sample_report().salt != sample_report().salt


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"\xff", b'{"schema":"deeptrace.report/1"}', b'{"schema":"other"}']
)
def test_what_is_no_report_is_refused(data: bytes) -> None:
    """A stranger's file gets a sentence, not a stack trace."""
    with pytest.raises(ReportInvalidError):
        parse_report(data)


def test_an_added_field_is_refused() -> None:
    """Nothing may hide in a report."""
    document = json.loads(report_bytes(sample_report()))
    with pytest.raises(ReportInvalidError):
        parse_report(canonical_bytes(document | {"extra": 1}))


def test_a_score_that_is_not_a_number_cannot_be_hashed() -> None:
    """NaN has no canonical form: it stops here and never becomes a report."""
    broken = replace(sample_report(), visual_prob=math.nan)
    with pytest.raises(rfc8785.CanonicalizationError):
        report_bytes(broken)


def test_canonical_bytes_are_those_of_the_golden_vector() -> None:
    """RFC 8785 keys, numbers and strings; the digest was computed once and may never change."""
    document = {
        "z": 1.0,
        "é": [1e-7, 0.1, -0.0, 1e21, 123456789],
        "a": {"nested": None, "text": 'quote " and \u20ac and \n'},
        "A": True,
    }
    data = canonical_bytes(document)
    assert data == (GOLDEN / "canonical.json").read_bytes()
    assert digest(data) == "2b301e889ca0bd8cbb91da569e97a6133347d2da32e4a418706c4880f5f5d250"


def test_the_report_format_is_that_of_the_golden_report() -> None:
    """A report of version 1 made long ago still reads and still has its digest."""
    data = (GOLDEN / "report-1.json").read_bytes()
    assert report_bytes(parse_report(data)) == data
    assert digest(data) == "76c8ff8cdaabbb757a60d45aaf54b8c583f6e492ea6da3713503ff0cc61fa244"
