"""`python -m worker evaluate`: a list in, figures out; resumed after a kill; registered with the detector."""

import csv
import hashlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from deeptrace_core.errors import EnvironmentFault
from deeptrace_core.report import parse_report
from deeptrace_core.settings import PROJECT_ROOT
from tests.clips import WEIGHTS, face_video, needs_weights, plain_frame, write_video
from tests.worker.fakes import FakeModels
from worker.__main__ import main
from worker.commands import detector_choice, evaluate


class Counting:
    """Counts how often faces are scored, and stops the process that scores too many."""

    def __init__(self) -> None:
        self.scored = 0
        self.allowed = 1_000
        self.failure: BaseException = KeyboardInterrupt()

    def __call__(self) -> None:
        self.scored += 1
        if self.scored > self.allowed:
            raise self.failure


@pytest.fixture
def scoring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Counting:
    """The detector that scores brightness, with thresholds 0.2 and 0.8."""
    counting = Counting()
    monkeypatch.setenv("DEEPTRACE_HOME", str(tmp_path / "home"))
    models = FakeModels(before_scoring=counting)
    monkeypatch.setattr(evaluate, "Models", lambda settings: models)
    monkeypatch.setattr(
        detector_choice, "load_all", lambda arguments, settings: (models.detector("brightness"),)
    )
    return counting


def labels_of(folder: Path, rows: list[tuple[str, ...]], header: str = "path,label") -> Path:
    path = folder / "labels.csv"
    path.write_text("\n".join([header, *(",".join(row) for row in rows)]) + "\n")
    return path


def grey_videos(folder: Path, levels: dict[str, int]) -> None:
    for number, (name, level) in enumerate(levels.items()):
        # Of different lengths, so that no two files are the same.
        write_video(folder / name, [plain_frame(level)] * (5 + number))


def grey_crop(path: Path, level: float) -> None:
    """Of brightness `level`, 0 to 1, and with bytes of its own."""
    pixels = np.full((32, 32, 3), round(level * 255), dtype=np.uint8)
    pixels[0, 0] = list(hashlib.sha256(path.name.encode()).digest()[:3])
    Image.fromarray(pixels).save(path)


def figures(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    assert main(["evaluate", *map(str, words), "--json", "-"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.fixture
def seven_videos(tmp_path: Path) -> Path:
    """A false alarm, a miss that reads as no signs, an inconclusive one, one without a face, one broken."""
    grey_videos(
        tmp_path,
        {"calm.mp4": 43, "alarm.mp4": 250, "found.mp4": 240, "missed.mp4": 47, "unsure.mp4": 130},
    )
    write_video(tmp_path / "noface.mp4", [plain_frame(16)] * 6)
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    return labels_of(
        tmp_path,
        [
            *((name, "real") for name in ("calm.mp4", "alarm.mp4")),
            *((name, "fake") for name in ("found.mp4", "missed.mp4", "unsure.mp4", "noface.mp4")),
            ("broken.mp4", "real"),
            ("other.mp4", "none"),
        ],
    )


def test_every_outcome_is_counted_and_none_is_made_a_score(
    scoring: Counting, seven_videos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rates are about videos with a score; those without are stated apart."""
    found = figures(capsys, seven_videos, "--out", tmp_path / "out")
    assert found["outcomes"] == {
        "real": {"NO_SIGNS_FOUND": 1, "SIGNS_FOUND": 1, "UNREADABLE_MEDIA": 1},
        "fake": {"INCONCLUSIVE": 1, "NO_FACE": 1, "NO_SIGNS_FOUND": 1, "SIGNS_FOUND": 1},
    }
    assert found["rows_left_out"] == 1
    videos = found["videos"]
    counts = {
        name: (share["count"], share["of"])
        for name, share in videos.items()
        if isinstance(share, dict) and "count" in share
    }
    assert counts == {
        "without_score": (2, 7),
        "inconclusive": (1, 5),
        "false_alarms": (1, 2),
        "misses": (2, 3),
        "fake_without_signs": (1, 3),
    }
    # calm < missed < unsure < found < alarm: 3 of 6 pairs are in order.
    assert videos["separation"]["auc"]["value"] == 0.5
    assert (found["frames"]["real"], found["frames"]["fake"]) == (5 + 6, 7 + 8 + 9)
    assert sum(column["fake"]["of"] for column in videos["reliability"]) == 5
    with (tmp_path / "out" / "cases.csv").open() as file:
        table = {row["path"]: row for row in csv.DictReader(file)}
    assert (table["noface.mp4"]["score"], table["noface.mp4"]["reason"]) == ("", "NO_FACE")
    assert (table["broken.mp4"]["score"], table["broken.mp4"]["verdict"]) == ("", "")
    assert float(table["alarm.mp4"]["score"]) == pytest.approx(250 / 255, abs=0.02)
    with Image.open(tmp_path / "out" / "reliability.png") as diagram:
        assert diagram.size[0] > 900


def test_a_person_reads_rates_with_their_intervals(
    scoring: Counting, seven_videos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counts beside every share: one of two is not fifty per cent."""
    assert main(["evaluate", str(seven_videos)]) == 0
    said = capsys.readouterr().out
    assert "false alarms     1 of 2 = 50.0% (9.5% to 90.5%)" in said
    assert "misses           2 of 3 = 66.7% (20.8% to 93.9%) of the fake ones (1 of them" in said
    assert "without score    2 of 7" in said
    assert "too few cases for an interval" in said


def test_a_stopped_run_goes_on_where_it_was(
    scoring: Counting, seven_videos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cases that were scored are not scored again, and the figures are those of a run in one go."""
    whole = figures(capsys, seven_videos)
    in_one_go, scoring.scored, scoring.allowed = scoring.scored, 0, 3
    assert main(["evaluate", str(seven_videos), "--out", str(tmp_path / "out")]) == 130
    (kept,) = (tmp_path / "out").glob("outcomes-*.jsonl")
    # As a crash leaves it: half a line of the case that was being written.
    lines = kept.read_bytes().splitlines(keepends=True)
    kept.write_bytes(b"".join(lines) + lines[0][:50])
    before, scoring.scored, scoring.allowed = len(lines), 0, 1_000
    resumed = figures(capsys, seven_videos, "--out", tmp_path / "out")
    assert 0 < before < 7
    assert 0 < scoring.scored < in_one_go
    assert len(kept.read_bytes().splitlines()) == 7
    for changing in ("made_at", "speed"):
        del whole[changing], resumed[changing]
    assert resumed == whole
    scoring.allowed = scoring.scored
    figures(capsys, seven_videos, "--out", tmp_path / "out")


KILLED = """
import sys
from tests.worker.fakes import FakeModels, slowly
from worker.__main__ import main
from worker.commands import detector_choice, evaluate
models = FakeModels(before_scoring=slowly)
evaluate.Models = lambda settings: models
detector_choice.load_all = lambda arguments, settings: (models.detector("brightness"),)
main(sys.argv[1:])
"""


def test_a_killed_process_loses_only_the_case_it_was_at(
    scoring: Counting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A real process, a real SIGKILL."""
    names = [f"crop{number:02}.png" for number in range(30)]
    for number, name in enumerate(names):
        grey_crop(tmp_path / name, number / 30)
    labels = labels_of(
        tmp_path, [(name, "real") for name in names[:15]] + [(name, "fake") for name in names[15:]]
    )
    command = [sys.executable, "-c", KILLED, "evaluate", str(labels), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: len(kept_lines(tmp_path / "out")) >= 3, process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    kept = len(kept_lines(tmp_path / "out"))
    assert 3 <= kept < 30
    found = figures(capsys, labels, "--out", tmp_path / "out")
    assert scoring.scored == 30 - kept
    assert found["frames"]["separation"]["auc"] == {
        "high": 1.0,
        "low": pytest.approx(0.80, abs=0.1),
        "value": 1.0,
    }
    assert found["frames"]["false_alarms"]["of"] == found["frames"]["misses"]["of"] == 15
    assert found["videos"] is None


def kept_lines(folder: Path) -> list[str]:
    return [line for path in folder.glob("outcomes-*.jsonl") for line in path.read_text().splitlines()]


def wait_until(done: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while not done():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_another_recipe_shares_no_outcomes(
    scoring: Counting, seven_videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other software could have other scores."""
    out = tmp_path / "out"
    assert main(["evaluate", str(seven_videos), "--out", str(out)]) == 0
    once = scoring.scored
    changed = evaluate.software("another device")
    monkeypatch.setattr(evaluate, "software", lambda device: changed)
    assert main(["evaluate", str(seven_videos), "--out", str(out)]) == 0
    assert scoring.scored == 2 * once
    assert len(list(out.glob("outcomes-*.jsonl"))) == 2


def test_what_is_kept_and_cannot_be_read_is_refused(
    scoring: Counting, seven_videos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Never half-trusted: the file is named."""
    assert main(["evaluate", str(seven_videos), "--out", str(tmp_path / "out")]) == 0
    (kept,) = (tmp_path / "out").glob("outcomes-*.jsonl")
    kept.write_text('{"score": 0.5}\n')
    assert main(["evaluate", str(seven_videos), "--out", str(tmp_path / "out")]) == 2
    assert str(kept) in capsys.readouterr().err


def test_crops_of_a_video_make_a_video_score(
    scoring: Counting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mean of its crops with the verdict of a report; too few, or none readable, and it has no score."""
    rows = []
    for video, label, level, crops in (("a", "fake", 0.9, 6), ("b", "real", 0.1, 5), ("c", "real", 0.5, 3)):
        for number in range(crops):
            name = f"{video}{number}xyz.png"
            grey_crop(tmp_path / name, level + (number % 2) / 100)
            rows.append((name, label, video))
    (tmp_path / "a3xyz.png").write_bytes(b"no picture")
    (tmp_path / "d.png").write_bytes(b"no picture either")
    labels = labels_of(tmp_path, [*rows, ("d.png", "fake", "d")], "path,label,video")
    found = figures(capsys, labels)
    assert found["outcomes"] == {
        "real": {"NO_SIGNS_FOUND": 1, "TOO_FEW_FRAMES": 1},
        "fake": {"SIGNS_FOUND": 1, "UNREADABLE_MEDIA": 1},
    }
    assert (found["frames"]["fake"], found["frames"]["real"]) == (5, 8)
    assert found["frames"]["false_alarms"] is None
    assert found["videos"]["separation"]["auc"]["value"] == 1.0


def test_the_same_file_counts_once_and_may_not_have_two_labels(
    scoring: Counting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy is no second case."""
    grey_videos(tmp_path, {"a.mp4": 50, "b.mp4": 200})
    (tmp_path / "copy.mp4").write_bytes((tmp_path / "a.mp4").read_bytes())
    rows = [("a.mp4", "real"), ("b.mp4", "fake")]
    found = figures(capsys, labels_of(tmp_path, [*rows, ("copy.mp4", "real")]))
    assert (found["duplicates"], found["videos"]["real"]) == (1, 1)
    assert main(["evaluate", str(labels_of(tmp_path, [*rows, ("copy.mp4", "fake")]))]) == 2
    assert "a.mp4 and copy.mp4 are the same file with different labels" in capsys.readouterr().err


def test_one_label_alone_has_rates_but_no_auc(
    scoring: Counting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """False alarms need no fakes."""
    grey_videos(tmp_path, {"a.mp4": 50, "b.mp4": 220})
    labels = labels_of(tmp_path, [("a.mp4", "real"), ("b.mp4", "real")])
    found = figures(capsys, labels)
    assert found["videos"]["separation"] is None
    assert found["videos"]["false_alarms"]["count"] == 1
    assert found["videos"]["misses"]["value"] is None
    assert main(["evaluate", str(labels)]) == 0
    assert "misses           none to count" in capsys.readouterr().out


def test_options_that_contradict_each_other_are_refused(
    seven_videos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A preset belongs to one's own weights."""
    assert main(["evaluate", str(seven_videos), "--preset", "meso256"]) == 2
    assert "--preset goes with --weights only" in capsys.readouterr().err


def test_a_fault_of_the_machine_is_no_outcome(
    scoring: Counting, seven_videos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says nothing about the video, so it ends the run, and the video is scored by the next one."""
    # The faces of the first video are scored in one go, and some of them twice more, made worse.
    scoring.allowed, scoring.failure = 3, EnvironmentFault("The GPU is gone.", advice="Plug it in.")
    assert main(["evaluate", str(seven_videos), "--out", str(tmp_path / "out")]) == 2
    printed = capsys.readouterr()
    assert "The GPU is gone. Plug it in." in printed.err
    assert printed.out == ""
    assert len(kept_lines(tmp_path / "out")) == 1
    scoring.allowed = 1_000
    assert figures(capsys, seven_videos, "--out", tmp_path / "out")["videos"]["without_score"]["count"] == 2


@pytest.mark.parametrize("name", ["", " ", "two\nlines", "x" * 81])
def test_a_set_needs_a_name_that_people_can_read(
    scoring: Counting, seven_videos: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """It stands in reports."""
    assert main(["evaluate", str(seven_videos), "--set-name", name]) == 2
    assert "cannot be the name of the set" in capsys.readouterr().err


def test_nothing_measured_is_not_registered(
    scoring: Counting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A list of which no video has a score leaves no trace in reports."""
    write_video(tmp_path / "noface.mp4", [plain_frame(16)] * 6)
    labels = labels_of(tmp_path, [("noface.mp4", "real")])
    assert main(["evaluate", str(labels), "--register"]) == 2
    assert "Nothing was measured that could be registered" in capsys.readouterr().err
    assert not (tmp_path / "home" / "evaluations").exists()


@needs_weights
def test_what_was_measured_stands_in_every_later_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not measured before; after --register the report names the set, the number and both rates."""
    monkeypatch.setenv("DEEPTRACE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DEEPTRACE_WEIGHTS_MIRROR", str(WEIGHTS))
    monkeypatch.setenv("DEEPTRACE_DETECTOR", "mesoinception4-df")
    clip = face_video(tmp_path / "v.mp4", frames=6)
    labels = labels_of(tmp_path, [("v.mp4", "real")])

    def limits() -> tuple[str, ...]:
        assert main(["analyze", str(clip), "--json", "-"]) == 0
        return parse_report(capsys.readouterr().out.encode()).limits

    assert "Error rates of mesoinception4-df: not measured on material like this." in limits()
    assert main(["evaluate", str(labels), "--register", "--set-name", "astronauts"]) == 0
    capsys.readouterr()
    assert (
        "Error rates of mesoinception4-df: measured on astronauts, 1 video: "
        "false alarms 0 % (likely 0 % to 79.3 %)." in limits()
    )


@needs_weights
def test_weights_from_a_file_are_measured_as_registered_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same bytes, so the same recipe and the same figures."""
    monkeypatch.setenv("DEEPTRACE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DEEPTRACE_WEIGHTS_MIRROR", str(WEIGHTS))
    grey_crop(tmp_path / "one.png", 0.5)
    labels = labels_of(tmp_path, [("one.png", "real")])
    by_name = figures(capsys, labels, "--detector", "meso4-df")
    by_file = figures(capsys, labels, "--weights", WEIGHTS / "Meso4_DF.h5", "--preset", "meso256")
    assert by_file["recipe_sha256"] == by_name["recipe_sha256"]
    assert by_file["frames"] == by_name["frames"]
