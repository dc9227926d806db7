"""`python -m worker analyze`: the main job with no database, as its exit code and words."""

import json
import os
import re
from pathlib import Path

import pytest

from deeptrace_core.report import parse_report
from tests.clips import (
    MEDIA,
    WEIGHTS,
    face_frame,
    face_video,
    needs_media,
    needs_weights,
    plain_frame,
    write_video,
)
from tests.sounds import tone, voice, write_with_sound
from worker.__main__ import main


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that has no weights but those that come with the project."""
    monkeypatch.setenv("DEEPTRACE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DEEPTRACE_WEIGHTS_MIRROR", raising=False)


def report_of(capsys: pytest.CaptureFixture[str], path: Path, *options: str) -> dict:  # type: ignore[type-arg]
    assert main(["analyze", str(path), "--json", "-", *options]) == 0
    document: dict = json.loads(capsys.readouterr().out)  # type: ignore[type-arg]
    return document


@needs_media
@pytest.mark.usefixtures("fresh")
def test_a_street_gives_a_track_for_each_person(capsys: pytest.CaptureFixture[str]) -> None:
    """film.mp4: several persons, each followed, the one in front through most of the clip."""
    report = report_of(capsys, MEDIA / "many_faces" / "film.mp4")
    assert len(report["tracks"]) > 1
    assert max(track["frames_scored"] for track in report["tracks"]) > 20
    assert report["finding"]["verdict"] != "NOT_ASSESSED"


@needs_media
@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("name", ["no_face.mp4", "car.avi"])
def test_a_video_without_faces_is_not_assessed(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """NO_FACE, with exit code 0 and no number anywhere."""
    report = report_of(capsys, MEDIA / "noface" / name)
    assert (report["finding"]["verdict"], report["finding"]["reason"]) == ("NOT_ASSESSED", "NO_FACE")
    assert report["visual_prob"] is None
    assert set(report["visual_scores"]) == {None}


@needs_media
@pytest.mark.usefixtures("fresh")
def test_the_portrait_clip_is_read_upright(capsys: pytest.CaptureFixture[str]) -> None:
    """yhffcuhhjy.mp4: 720 wide, 1280 high, faces higher than wide in the upper half of the picture."""
    report = report_of(capsys, MEDIA / "fake" / "yhffcuhhjy.mp4")
    assert (report["media"]["width_px"], report["media"]["height_px"]) == (720, 1280)
    faces = report["frames"]["faces"]
    boxes = list(zip(faces["x1"], faces["y1"], faces["x2"], faces["y2"], strict=True))
    assert boxes
    assert all(y2 - y1 > x2 - x1 and y2 < 640 for x1, y1, x2, y2 in boxes)


@pytest.mark.usefixtures("fresh")
def test_the_summary_is_readable_and_the_report_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without -, a summary on stdout; the file holds the report's canonical bytes."""
    out = tmp_path / "report.json"
    assert main(["analyze", str(face_video(tmp_path / "v.mp4")), "--json", str(out)]) == 0
    printed = capsys.readouterr()
    assert re.search(
        r"^Verdict     (SIGNS_FOUND|INCONCLUSIVE|NO_SIGNS_FOUND): face A, score 0\.", printed.out, re.M
    )
    assert "/32 " in printed.err
    assert "Origin      No Content Credentials in this file.\n" in printed.out
    assert len(parse_report(out.read_bytes()).tracks) == 1


@pytest.mark.usefixtures("fresh")
def test_a_fresh_clone_scores(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """No download, no file from outside: a score, from the weights that come with the project."""
    report = report_of(capsys, face_video(tmp_path / "v.mp4"))
    assert report["detector"]["name"] == "deeptrace-light-1"
    assert report["finding"]["verdict"] != "NOT_ASSESSED"
    assert 0 < report["visual_prob"] < 1


@pytest.mark.usefixtures("fresh")
def test_without_weights_there_is_a_report_without_a_score(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """MODEL_UNAVAILABLE, with the command that mends it."""
    report = report_of(capsys, face_video(tmp_path / "v.mp4"), "--detector", "mesoinception4-df")
    assert report["finding"]["reason"] == "MODEL_UNAVAILABLE"
    assert report["finding"]["advice"] == "Run: python -m worker models pull mesoinception4-df"
    assert report["visual_prob"] is None


@pytest.mark.usefixtures("fresh")
def test_small_faces_are_not_assessed_for_that_reason(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """FACE_TOO_SMALL: found, not scored, and the size that is needed."""
    report = report_of(capsys, face_video(tmp_path / "v.mp4"), "--min-face-px", "120")
    assert report["finding"]["reason"] == "FACE_TOO_SMALL"
    assert "needs 120 px" in report["finding"]["explanation"]


@pytest.mark.usefixtures("fresh")
def test_one_frame_is_too_few(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """TOO_FEW_FRAMES for a video of a single frame."""
    report = report_of(capsys, face_video(tmp_path / "v.mp4", frames=1))
    assert report["finding"]["reason"] == "TOO_FEW_FRAMES"


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    "name", ['it\'s "quoted" <script>.mp4', "../up.mp4", "🎬 %s {x}.mp4", "-dash.mp4", "x" * 251 + ".mp4"]
)
def test_strange_file_names_are_only_names(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    """FFmpeg takes some names for protocols or patterns; here a name is a name."""
    (tmp_path / "in").mkdir()
    path = write_video(tmp_path / "v.mkv", [plain_frame()] * 5).rename(tmp_path / "in" / name)
    assert report_of(capsys, path)["finding"]["reason"] == "NO_FACE"


def cut(path: Path) -> None:
    face_video(path)
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.touch(), "The file is empty."),
        (lambda path: path.write_text("no video"), "no video or sound that can be read"),
        (cut, "cut short"),
        (lambda path: None, "There is no file"),
        (lambda path: path.mkdir(), "There is no file"),
    ],
)
@pytest.mark.usefixtures("fresh")
def test_bad_input_gives_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    spoil,  # type: ignore[no-untyped-def]
    reason: str,
) -> None:
    """No traceback, nothing on stdout."""
    path = tmp_path / "bad.mp4"
    spoil(path)
    assert main(["analyze", str(path), "--json", "-"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert reason in printed.err
    assert len(printed.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--detector", "nobody"), "There is no detector called 'nobody'"),
        (("--min-frames", "0"), "The number of frames must be"),
        (("--rate-hz", "-1"), "The sampling rate must be"),
        (("--min-face-px", "5"), "The smallest face must be"),
    ],
)
@pytest.mark.usefixtures("fresh")
def test_an_option_that_cannot_be_used_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, options: tuple[str, ...], reason: str
) -> None:
    """Exit code 2 and what the option may be."""
    assert main(["analyze", str(face_video(tmp_path / "v.mp4", frames=5)), *options]) == 2
    assert reason in capsys.readouterr().err


def audio_of(capsys: pytest.CaptureFixture[str], path: Path) -> dict:  # type: ignore[type-arg]
    audio: dict = report_of(capsys, path, "--min-frames", "4", "--rate-hz", "0")["audio"]  # type: ignore[type-arg]
    return audio


@needs_weights
@pytest.mark.usefixtures("fresh")
def test_voices_have_a_verdict_of_their_own(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A voice made by a test is one that was made by a program; the faces have their own score."""
    monkeypatch.setenv("DEEPTRACE_WEIGHTS_MIRROR", str(WEIGHTS))
    sound = voice(14, 44_100, channels=2)
    faces = [face_frame(n) for n in range(20)]
    video = write_with_sound(
        tmp_path / "v.mp4", sound, rate_hz=44_100, layout="stereo", images=faces, picture_hz=1
    )
    report = report_of(capsys, video, "--min-frames", "4", "--rate-hz", "0")
    audio = report["audio"]
    assert audio["finding"]["verdict"] == "SIGNS_FOUND"
    assert len(audio["scores"]) == len(audio["times_s"]) >= 5
    assert audio["detector"]["trained_on"] == "ASVspoof 2019 LA"
    assert any("Experimental" in limit for limit in audio["limits"])
    assert report["visual_prob"] == report["finding"]["score"]["mean"] != audio["finding"]["score"]["mean"]


@pytest.mark.usefixtures("fresh")
def test_a_video_without_sound_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    audio = audio_of(capsys, write_video(tmp_path / "v.mp4", [plain_frame()] * 5))
    assert audio["finding"]["reason"] == "NO_AUDIO"
    assert "scores" not in audio or audio["scores"] == []


@pytest.mark.usefixtures("fresh")
def test_without_its_weights_nobody_listens(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The advice is the command that mends it."""
    video = write_with_sound(tmp_path / "v.mkv", tone(5), images=[plain_frame()] * 5)
    finding = audio_of(capsys, video)["finding"]
    assert finding["reason"] == "MODEL_UNAVAILABLE"
    assert finding["advice"] == "Run: python -m worker models pull aasist"


@needs_weights
@pytest.mark.usefixtures("fresh")
def test_sound_without_speech_has_no_score(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """5.1 at 96 kHz, a tone in every channel."""
    monkeypatch.setenv("DEEPTRACE_WEIGHTS_MIRROR", str(WEIGHTS))
    sound = tone(12, 96_000, channels=6)
    video = write_with_sound(
        tmp_path / "v.mkv", sound, rate_hz=96_000, layout="5.1", images=[plain_frame()] * 5
    )
    audio = audio_of(capsys, video)
    assert audio["finding"]["reason"] == "NO_SPEECH"
    assert set(audio["scores"]) == {None}
    assert audio["track"]["channels"] == 6
