"""`python -m worker compare`, and the promise behind it: the same recipe gives the same numbers."""

from dataclasses import replace
from pathlib import Path

import pytest

from deeptrace_core.report import parse_report, report_bytes
from tests.clips import MEDIA, WEIGHTS, face_video, needs_weights
from tests.core.test_report import DETECTOR, sample_report
from worker.__main__ import main


def written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def test_same_numbers_are_code_0_and_what_differs_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another commit with the same numbers is the good news that a person looks for."""
    report = sample_report()
    first = written(tmp_path / "a.json", report_bytes(report))
    other = replace(report, software=replace(report.software, commit="f" * 40))
    second = written(tmp_path / "b.json", report_bytes(other))
    assert main(["compare", first, second]) == 0
    said = capsys.readouterr().out
    assert "software.commit" in said
    assert "f" * 20 in said
    assert "Numbers   the same" in said
    assert main(["compare", first, first]) == 0
    assert "Recipe    the same" in capsys.readouterr().out


def test_a_strangers_report_cannot_act_on_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control characters in it are shown, not sent."""
    report = sample_report()
    other = replace(report, detector=replace(DETECTOR, licence="\x1b[2Jfree"))
    first = written(tmp_path / "a.json", report_bytes(report))
    assert main(["compare", first, written(tmp_path / "b.json", report_bytes(other))]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "[2Jfree" in said


def test_different_numbers_are_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a line for each."""
    report = sample_report()
    first = written(tmp_path / "a.json", report_bytes(report))
    other = replace(report, suspicious_frames=(6,), detector=replace(DETECTOR, threshold_high=0.86))
    assert main(["compare", first, written(tmp_path / "b.json", report_bytes(other))]) == 1
    said = capsys.readouterr().out
    assert "detector.threshold_high" in said
    assert "suspicious frames" in said


def test_what_is_no_report_is_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No file, and another file."""
    first = written(tmp_path / "a.json", report_bytes(sample_report()))
    assert main(["compare", first, str(tmp_path / "none.json")]) == 2
    assert main(["compare", written(tmp_path / "b.json", b"{}"), first]) == 2
    printed = capsys.readouterr()
    assert "none.json cannot be read" in printed.err
    assert printed.out == ""


@needs_weights
def test_the_recipe_of_a_report_run_again_gives_its_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A real clip where there is one: same machine, same options, not one digit differs."""
    monkeypatch.setenv("DEEPTRACE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DEEPTRACE_WEIGHTS_MIRROR", str(WEIGHTS))
    real = MEDIA / "fake" / "003_000.mp4"
    clip = real if real.is_file() else face_video(tmp_path / "v.mp4")
    first, again = tmp_path / "first.json", tmp_path / "again.json"
    assert main(["analyze", str(clip), "--json", str(first)]) == 0
    options = parse_report(first.read_bytes()).options
    recipe = ["--detector", options.detector, "--min-frames", str(options.min_frames)]
    recipe += ["--rate-hz", str(options.rate_hz), "--min-face-px", str(options.min_face_px)]
    assert main(["analyze", str(clip), "--json", str(again), *recipe]) == 0
    capsys.readouterr()
    assert main(["compare", str(first), str(again)]) == 0
    assert capsys.readouterr().out == "Recipe    the same\nNumbers   the same\n"
    assert first.read_bytes() != again.read_bytes()
