"""The use case with files that are no videos: a picture, sound alone, and what is said of each."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from deeptrace_core.audio import Audio, AudioNotAssessed, AudioReason
from deeptrace_core.audio_finding import LIMITS_OF_SOUND_ALONE
from deeptrace_core.errors import UnreadableMediaError
from deeptrace_core.model import AnalysisOptions, Box, MediaKind, NotAssessed, Reason, Report
from deeptrace_core.report import parse_report, report_bytes
from tests.clips import MEDIA, face_frame, needs_media, plain_frame, write_two_videos, write_video
from tests.sounds import tone, write_with_sound
from tests.worker.fakes import FACE, FakeModels
from worker.audio.listener import Listener
from worker.audio.speech import SileroSpeechFinder
from worker.commands.analyze import _summary
from worker.media.audio import SoundReader
from worker.media.provenance import ProvenanceReader
from worker.models import Models
from worker.pipeline import Analysis, analyze
from worker.sandbox import Sandbox
from worker.software import software

OPTIONS = AnalysisOptions(detector="brightness")


def run(path: Path, models: Any = None) -> Analysis:
    models = models or FakeModels()
    listener = Listener(SoundReader(), SileroSpeechFinder(), models.audio_detector)
    analysis = analyze(
        path,
        OPTIONS,
        media=Sandbox(),
        models=models,
        software=software("cpu"),
        on_progress=lambda _: None,
        read_provenance=ProvenanceReader().read,
        listen=listener.listen,
    )
    data = report_bytes(analysis.report)
    assert report_bytes(parse_report(data)) == data
    return analysis


def picture(path: Path, grey: int = 200) -> Path:
    Image.fromarray(plain_frame(grey)).save(path)
    return path


def reason(report: Report) -> Reason:
    assert isinstance(report.finding, NotAssessed)
    assert report.visual_prob is None
    return report.finding.reason


def test_the_faces_of_a_picture_have_scores_and_there_is_no_verdict(tmp_path: Path) -> None:
    """One picture gives no range, whatever the score is."""
    analysis = run(picture(tmp_path / "a.jpg"))
    report = analysis.report
    assert report.media.kind is MediaKind.PICTURE
    assert reason(report) is Reason.ONE_PICTURE
    [frame] = report.frames
    assert frame.fake_probability == pytest.approx(200 / 255, abs=0.02)
    assert [track.score for track in report.tracks] == [None]
    assert [one.fake_probability for one in analysis.thumbnails] == [frame.fake_probability]
    assert report.audio is None
    assert report.provenance is not None
    said = _summary(analysis)
    assert "Picture     320 x 240, JPEG" in said
    assert f"Face A      Score {frame.fake_probability:.2f}, without a range." in said
    assert "0.0 s" not in said


@pytest.mark.parametrize(
    ("models", "wanted"),
    [
        (FakeModels(missing=True), Reason.MODEL_UNAVAILABLE),
        (FakeModels(replace(FACE, box=Box(x1=0, y1=0, x2=40, y2=40))), Reason.FACE_TOO_SMALL),
    ],
)
def test_a_picture_without_a_score_says_why(tmp_path: Path, models: FakeModels, wanted: Reason) -> None:
    assert reason(run(picture(tmp_path / "a.png"), models).report) is wanted


def test_a_picture_without_a_face_is_no_video_without_one(tmp_path: Path) -> None:
    """Its words speak of a picture, and nobody is told to look at more frames."""
    report = run(picture(tmp_path / "a.png", grey=10)).report
    assert reason(report) is Reason.NO_FACE
    assert isinstance(report.finding, NotAssessed)
    said = report.finding.explanation + report.finding.advice + " ".join(report.limits)
    assert "picture" in said
    assert "video" not in said
    assert "frame" not in said


def test_sound_alone_has_no_faces_and_a_finding_on_its_voices(tmp_path: Path) -> None:
    """And no detector of faces is asked for."""
    path = write_with_sound(tmp_path / "a.wav", tone(6), codec="pcm_s16le")
    analysis = run(path, FakeModels(missing=True))
    report = analysis.report
    assert report.media.kind is MediaKind.SOUND
    assert reason(report) is Reason.NO_PICTURE
    assert (report.detector, report.frames, report.tracks) == (None, (), ())
    assert isinstance(report.audio, Audio)
    assert isinstance(report.audio.finding, AudioNotAssessed)
    assert report.audio.waveform is not None
    assert report.audio.limits == LIMITS_OF_SOUND_ALONE
    assert not any("lip" in limit.lower() for limit in report.audio.limits)
    assert "Sound       6.0 s, wav" in _summary(analysis)


def test_protected_sound_is_said_to_be_so(tmp_path: Path) -> None:
    """As it is bought in shops: a report, and in it why nothing was heard."""
    path = write_with_sound(tmp_path / "a.m4a", tone(2, 48_000), rate_hz=48_000)
    path.write_bytes(path.read_bytes().replace(b"mp4a", b"drms"))
    report = run(path).report
    assert reason(report) is Reason.NO_PICTURE
    assert report.audio is not None
    assert isinstance(report.audio.finding, AudioNotAssessed)
    assert report.audio.finding.reason is AudioReason.PROTECTED


def test_which_of_two_videos_was_analyzed_is_among_the_limits(tmp_path: Path) -> None:
    one = run(write_video(tmp_path / "a.mp4", [plain_frame(90)] * 5))
    assert not any("first one" in limit for limit in one.report.limits)
    two = run(write_two_videos(tmp_path / "b.mkv"))
    assert two.report.frames[0].fake_probability == pytest.approx(60 / 255, abs=0.02)
    assert any("1 other video stream. The first one was analyzed" in limit for limit in two.report.limits)
    assert "1 other video stream." in _summary(two)


def test_which_of_several_pictures_was_analyzed_is_among_the_limits(tmp_path: Path) -> None:
    face = Image.fromarray(face_frame())
    face.save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[face])
    limits = run(tmp_path / "a.jpg").report.limits
    assert any("1 other picture" in limit and "first one was analyzed" in limit for limit in limits)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def renamed(path: Path) -> None:
    path.write_bytes(b"\0\0\0\x18ftypheic" + bytes(600))


@pytest.mark.parametrize("spoil", [truncated, renamed])
def test_what_is_no_whole_picture_gives_no_report(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    Image.fromarray(face_frame()).save(path := tmp_path / "a.jpg")
    spoil(path)
    with pytest.raises(UnreadableMediaError):
        run(path)


@needs_media
def test_a_frame_of_a_clip_scores_as_a_picture_as_it_does_in_the_clip(tmp_path: Path, settings: Any) -> None:
    """The same pixels through the other decoder, with the detector that comes with the project."""
    with Sandbox().open(MEDIA / "real" / "dfo_real.mp4", on_wait=lambda: None) as video:
        [frame] = video.frames(np.array([0]))
    Image.fromarray(frame.image).save(tmp_path / "a.png")
    models = Models(settings)
    analysis = analyze(
        tmp_path / "a.png",
        AnalysisOptions(detector="deeptrace-light-1"),
        media=Sandbox(),
        models=models,
        software=software("cpu"),
        on_progress=lambda _: None,
    )
    in_clip = analyze(
        MEDIA / "real" / "dfo_real.mp4",
        AnalysisOptions(detector="deeptrace-light-1", min_frames=4, max_frames=4),
        media=Sandbox(),
        models=models,
        software=software("cpu"),
        on_progress=lambda _: None,
    )
    assert analysis.report.visual_scores[0] == pytest.approx(in_clip.report.visual_scores[0], abs=0.02)
