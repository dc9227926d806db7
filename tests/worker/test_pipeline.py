"""The use case, with a face finder and a detector that need no weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeptrace_core.errors import InputError
from deeptrace_core.job import Progress, Stage
from deeptrace_core.model import AnalysisOptions, Assessed, Box, NotAssessed, Reason
from deeptrace_core.provenance import Credentials, CredentialsState, NotRead, NotReadReason
from tests.clips import face_frame, plain_frame, write_video
from tests.worker.fakes import FACE, FakeModels
from worker.media.provenance import ProvenanceReader
from worker.pipeline import Analysis, analyze
from worker.sandbox import Sandbox
from worker.software import software

OPTIONS = AnalysisOptions(detector="brightness")


def ignore(_progress: Progress) -> None:
    pass


def run(path: Path, models: FakeModels, options: AnalysisOptions = OPTIONS) -> Analysis:
    return analyze(
        path, options, media=Sandbox(), models=models, software=software("cpu"), on_progress=ignore
    )


def greys(path: Path, *levels: int) -> Path:
    return write_video(path, [plain_frame(level) for level in levels])


def test_each_face_of_each_frame_gets_its_own_score(tmp_path: Path) -> None:
    """Scores stay with the frame and face they belong to, across batches."""
    levels = [60 + 8 * n for n in range(20)]
    report = run(greys(tmp_path / "v.mp4", *levels), FakeModels()).report
    scored = [frame.faces[0].fake_probability for frame in report.frames]
    assert scored == pytest.approx([level / 255 for level in levels], abs=0.02)
    assert [frame.index for frame in report.frames] == list(range(20))
    assert report.visual_scores == tuple(scored)


def test_scores_belong_to_the_right_person(tmp_path: Path) -> None:
    """A small face between two large ones has no score and shifts nobody else's."""
    left = replace(FACE, box=Box(x1=0, y1=0, x2=80, y2=80))
    tiny = replace(FACE, box=Box(x1=100, y1=0, x2=130, y2=30))
    right = replace(FACE, box=Box(x1=240, y1=0, x2=320, y2=80))
    report = run(greys(tmp_path / "v.mp4", *[100] * 10), FakeModels(left, tiny, right)).report
    assert [track.frames_scored for track in report.tracks] == [10, 0, 10]
    assert report.coverage.faces_too_small == 10
    assert {face.unscored_reason for frame in report.frames for face in frame.faces} == {
        None,
        Reason.FACE_TOO_SMALL,
    }


def test_frames_without_a_face_are_in_the_report_without_a_score(tmp_path: Path) -> None:
    """Gaps stay visible."""
    report = run(greys(tmp_path / "v.mp4", *[100] * 6, *[16] * 4), FakeModels()).report
    assert [score is None for score in report.visual_scores] == [False] * 6 + [True] * 4
    assert (report.coverage.frames_decoded, report.coverage.frames_with_face) == (10, 6)


def test_missing_weights_make_a_report_with_the_command_that_mends_it(tmp_path: Path) -> None:
    """Never a random network: not assessed, why, and what to do."""
    analysis = run(greys(tmp_path / "v.mp4", 100, 100), FakeModels(missing=True))
    finding = analysis.report.finding
    assert isinstance(finding, NotAssessed)
    assert (finding.reason, finding.advice) == (Reason.MODEL_UNAVAILABLE, "Pull brightness.")
    assert analysis.report.visual_prob is None
    assert analysis.report.detector is None


def test_one_frame_supports_no_statement(tmp_path: Path) -> None:
    """A face was scored, but once is not enough."""
    finding = run(greys(tmp_path / "v.mp4", 250), FakeModels()).report.finding
    assert isinstance(finding, NotAssessed)
    assert finding.reason is Reason.TOO_FEW_FRAMES


def test_progress_names_the_stages_in_order_and_ends_complete(tmp_path: Path) -> None:
    """What the page shows: reading, scoring with a count, reporting."""
    seen: list[Progress] = []
    path = greys(tmp_path / "v.mp4", *[100] * 20)
    analyze(
        path, OPTIONS, media=Sandbox(), models=FakeModels(), software=software("cpu"), on_progress=seen.append
    )
    scoring = [progress.done for progress in seen if progress.stage is Stage.SCORING]
    assert list(dict.fromkeys(progress.stage for progress in seen)) == [
        Stage.READING,
        Stage.SCORING,
        Stage.REPORTING,
    ]
    assert list(dict.fromkeys(scoring)) == [0, 8, 16, 20]


def test_what_the_progress_callback_raises_ends_the_analysis(tmp_path: Path) -> None:
    """Cancelling and losing a lease work this way."""

    def refuse(progress: Progress) -> None:
        if progress.done == 8:
            raise InputError("Enough.")

    path = greys(tmp_path / "v.mp4", *[100] * 20)
    with pytest.raises(InputError, match="Enough"):
        analyze(
            path, OPTIONS, media=Sandbox(), models=FakeModels(), software=software("cpu"), on_progress=refuse
        )


def test_the_thumbnails_are_of_the_worst_moments(tmp_path: Path) -> None:
    """The four brightest frames, for this detector."""
    brighter = [(face_frame() * (0.7 + n / 40)).astype(np.uint8) for n in range(12)]
    path = write_video(tmp_path / "v.mp4", brighter)
    assert [thumbnail.frame_index for thumbnail in run(path, FakeModels()).thumbnails] == [11, 10, 9, 8]


def test_the_report_says_what_computed_it(tmp_path: Path) -> None:
    """Versions of everything that can change a score, and the detector with its preset."""
    report = run(greys(tmp_path / "v.mp4", *[100] * 5), FakeModels()).report
    assert {"torch", "timm", "facenet-pytorch", "opencv-python-headless", "av", "pillow"} <= set(
        report.software.libraries
    )
    assert report.detector == FakeModels().detector("brightness").info
    assert isinstance(report.finding, Assessed)


def test_the_report_says_where_the_file_came_from_and_scores_are_the_same(tmp_path: Path) -> None:
    """With provenance or without, and with a reader that crashes: the same numbers, the same verdict."""
    path = greys(tmp_path / "v.mp4", *[100] * 6)
    reports = [
        analyze(
            path,
            OPTIONS,
            media=Sandbox(),
            models=FakeModels(),
            software=software("cpu"),
            on_progress=ignore,
            read_provenance=reader.read if reader else None,
        ).report
        for reader in (None, ProvenanceReader(), ProvenanceReader(child="tests.worker.no_such_module"))
    ]
    without, read, failed = reports
    assert without.provenance is None
    assert read.provenance is not None
    assert isinstance(read.provenance.credentials, Credentials)
    assert read.provenance.credentials.state is CredentialsState.ABSENT
    assert failed.provenance is not None
    assert isinstance(failed.provenance.credentials, NotRead)
    assert failed.provenance.credentials.reason is NotReadReason.READER_FAILED
    assert without.visual_scores == read.visual_scores == failed.visual_scores
    assert without.finding == read.finding == failed.finding
