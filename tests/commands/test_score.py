"""`python -m worker score FACES_FOLDER`."""

import argparse
import json
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from deeptrace_core.errors import InputError, ModelUnavailableError
from deeptrace_core.model import DetectorInfo
from deeptrace_core.settings import PROJECT_ROOT
from worker.commands import detector_choice, score
from worker.detectors.interface import Crops
from worker.faces.crop_files import read_crop
from worker.faces.crops import PRESETS


class BrightnessDetector:
    """Scores a face by how much red it has: the tests can see which picture got which score."""

    preset = PRESETS["meso256"]
    device = "cpu"
    info = DetectorInfo(
        name="brightness",
        architecture="none",
        weights_sha256="ab" * 32,
        licence="none",
        preset="meso256",
        preset_sha256=preset.sha256,
        threshold_low=0.2,
        threshold_high=0.8,
        accuracy=(),
    )

    def __init__(self) -> None:
        self.batches: list[tuple[int, ...]] = []

    def score(self, crops: Crops) -> NDArray[np.float32]:
        self.batches.append(crops.shape)
        return (crops[..., 0].mean(axis=(1, 2)) / 255).astype(np.float32)


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> BrightnessDetector:
    detector = BrightnessDetector()
    monkeypatch.setattr(detector_choice, "load_detector", lambda name, settings, device, batch_size: detector)
    return detector


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    folder = tmp_path / "faces"
    folder.mkdir()
    return folder


def save(folder: Path, name: str, red: int, size: tuple[int, int] = (64, 64), mode: str = "RGB") -> Path:
    path = folder / name
    Image.new("RGB", size, (red, 0, 255 - red)).convert(mode).save(path)
    return path


def run(*words: object) -> int:
    parser = argparse.ArgumentParser()
    score.register(parser.add_subparsers(required=True))
    args = parser.parse_args(["score", *map(str, words)])
    code: int = args.func(args)
    return code


def answer(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    assert run(*words, "--json", "-") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_scores_are_in_file_name_order(
    detector: BrightnessDetector, faces: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three names, scores by file name, RGB, any size, suspicious ones by position."""
    save(faces, "b.png", 51, size=(300, 310))
    save(faces, "c.webp", 255)
    save(faces, "a.jpg", 0, size=(20, 20))
    save(faces, "a10.png", 204)
    found = answer(capsys, faces, "--batch-size", 3)
    assert found.keys() == {"visual_prob", "visual_scores", "suspicious_frames"}
    assert found["visual_scores"] == pytest.approx([0, 0.8, 0.2, 1], abs=0.01)
    assert found["visual_prob"] == pytest.approx(0.5, abs=0.01)
    assert found["suspicious_frames"] == [1, 3]
    assert detector.batches == [(3, 256, 256, 3), (1, 256, 256, 3)]


def test_an_unreadable_file_keeps_its_place(
    detector: BrightnessDetector, faces: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Null at its position, a line on stderr, and the mean over the others: a failure is never a score."""
    save(faces, "1.png", 51)
    (faces / "2.txt").write_text("not a picture")
    cut = save(faces, "3.jpg", 255, size=(400, 400))
    cut.write_bytes(cut.read_bytes()[:-700])
    (faces / "4.png").write_bytes(b"")
    Image.new("I;16", (64, 64), 60_000).save(faces / "5.png")
    save(faces, "6.png", 102)
    (faces / ".hidden").write_text("left out")
    (faces / "folder").mkdir()
    assert run(faces, "--batch-size", 1, "--json", "-") == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["visual_scores"] == pytest.approx([0.2, None, None, None, None, 0.4])
    assert found["visual_prob"] == pytest.approx(0.3)
    assert all(f"Not scored: {name}" in err for name in ("2.txt", "3.jpg", "4.png", "5.png"))


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK"])
def test_pictures_of_any_8_bit_kind_are_read(
    detector: BrightnessDetector, faces: Path, capsys: pytest.CaptureFixture[str], mode: str
) -> None:
    """Grey, transparent, palette and print pictures become RGB."""
    save(faces, "face.tiff", 255, mode=mode)
    assert answer(capsys, faces)["visual_scores"][0] > 0.25


@pytest.mark.parametrize("side", [8_500, 20_000])
def test_a_huge_picture_is_not_decoded(
    detector: BrightnessDetector, faces: Path, capsys: pytest.CaptureFixture[str], side: int
) -> None:
    """A small file that says it unfolds to 400 million pixels is named, and the rest is scored."""
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    (faces / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)
    save(faces, "ok.png", 51)
    assert answer(capsys, faces)["visual_scores"] == pytest.approx([None, 0.2])


def test_without_json_a_table_is_shown(
    detector: BrightnessDetector, faces: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For a person: each file with its score, and what the numbers rest on."""
    save(faces, "calm.png", 51)
    save(faces, "odd\x1b[2J.png", 255)
    (faces / "note.txt").write_text("hello")
    assert run(faces) == 0
    out = capsys.readouterr().out
    assert "   0  0.200  calm.png\n" in out
    assert "   1      -  note.txt\n" in out
    assert "   2  1.000  odd\N{REPLACEMENT CHARACTER}[2J.png  (suspicious)\n" in out
    assert "Mean score 0.600 over 2 of 3 files, 1 at or above 0.8." in out
    assert "brightness" in out
    assert "not proof" in out


def test_the_answer_can_go_to_a_file(
    detector: BrightnessDetector, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then stdout stays empty."""
    save(faces, "a.png", 51)
    run(faces, "--json", tmp_path / "answer.json")
    assert json.loads((tmp_path / "answer.json").read_text())["visual_scores"] == pytest.approx([0.2])
    assert capsys.readouterr().out == ""
    with pytest.raises(InputError, match="cannot be written"):
        run(faces, "--json", tmp_path / "none" / "answer.json")


def test_a_folder_without_pictures_is_refused(detector: BrightnessDetector, faces: Path) -> None:
    """No folder, an empty one, and one without a readable picture: three reasons, no score."""
    with pytest.raises(InputError, match="is not a folder"):
        run(faces / "none")
    with pytest.raises(InputError, match="is empty"):
        run(faces)
    (faces / "note.txt").write_text("hello")
    with pytest.raises(InputError, match="None of the 1 files"):
        run(faces, "--json", "-")


def test_without_weights_there_is_no_score(
    faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error names the command that mends it; nothing is printed that could be taken for an answer."""
    monkeypatch.setenv("DEEPTRACE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DEEPTRACE_WEIGHTS_MIRROR", raising=False)
    save(faces, "a.png", 51)
    with pytest.raises(ModelUnavailableError) as error:
        run(faces, "--detector", "meso4-df", "--json", "-")
    assert error.value.advice == "Run: python -m worker models pull meso4-df"
    assert capsys.readouterr().out == ""


def test_options_that_contradict_each_other_are_refused(faces: Path, tmp_path: Path) -> None:
    """A preset belongs to one's own weights, and those need one."""
    save(faces, "a.png", 51)
    with pytest.raises(InputError, match="--preset goes with --weights"):
        run(faces, "--preset", "meso256")
    (tmp_path / "own.pth").write_bytes(b"anything")
    with pytest.raises(InputError, match="preset must be named"):
        run(faces, "--weights", tmp_path / "own.pth")
    with pytest.raises(SystemExit):
        run(faces, "--weights", tmp_path / "own.pth", "--detector", "meso4-df")
    with pytest.raises(InputError, match="at least 1"):
        run(faces, "--batch-size", 0)


def test_published_weights_score_a_folder(
    faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way with the real files: the grey picture scores as in Keras."""
    mirror = Path(os.environ.get("DEEPTRACE_WEIGHTS_MIRROR") or PROJECT_ROOT.parent / "shared" / "weights")
    if not mirror.is_dir():
        pytest.skip(f"no published weights here: {mirror} (set DEEPTRACE_WEIGHTS_MIRROR)")
    monkeypatch.setenv("DEEPTRACE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DEEPTRACE_WEIGHTS_MIRROR", str(mirror))
    Image.new("RGB", (256, 256), (128, 128, 128)).save(faces / "grey.png")
    found = answer(capsys, faces, "--detector", "mesoinception4-df")
    assert found["visual_prob"] == pytest.approx(0.9207619, abs=1e-5)
    assert found["suspicious_frames"] == [0]


def test_pictures_are_resized_as_the_authors_of_the_preset_do(faces: Path) -> None:
    """MesoNet's code takes the nearest pixel; other presets average, so that no detail becomes a pattern."""
    pixels = np.zeros((512, 512, 3), dtype=np.uint8)
    pixels[::2] = 255
    Image.fromarray(pixels).save(faces / "stripes.png")
    nearest = read_crop(faces / "stripes.png", PRESETS["meso256"])
    assert nearest.shape == (256, 256, 3)
    assert set(np.unique(nearest)) <= {0, 255}
    averaged = read_crop(faces / "stripes.png", PRESETS["ffpp299"])
    assert averaged.shape == (299, 299, 3)
    assert len(np.unique(averaged)) > 2
