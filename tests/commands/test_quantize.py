"""`python -m worker quantize`: let through, refused, used by whoever asks for it, and never otherwise."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from skimage.data import astronaut

from deeptrace_core.settings import Settings, load_settings
from worker.__main__ import main
from worker.detectors import load_detector
from worker.evaluation import int8_gate

NAME = "deeptrace-light-1"


@pytest.fixture
def labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Face crops of eight "videos", on a machine that has not quantized anything yet."""
    monkeypatch.setenv("DEEPTRACE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DEEPTRACE_CONVERTED", str(tmp_path / "converted"))
    monkeypatch.setenv("DEEPTRACE_RUNTIME", "openvino")
    monkeypatch.setenv("DEEPTRACE_DEVICE", "cpu")
    face = Image.fromarray(astronaut()[0:240, 105:345])
    rows = ["path,label,video"]
    for video in range(8):
        for number in range(4):
            name = f"{video}-{number}.png"
            moved = face.rotate(3 * number - 5).resize((128, 128))
            ImageEnhance.Brightness(moved).enhance(0.6 + 0.1 * video).save(tmp_path / name)
            rows.append(f"{name},{'fake' if video % 2 else 'real'},{video}")
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def device(precision: str) -> str:
    return load_detector(NAME, load_settings_with(precision)).device


def load_settings_with(precision: str) -> Settings:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEEPTRACE_PRECISION", precision)
        return load_settings()


def test_a_network_that_passes_is_used_where_it_is_asked_for(
    labels: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scores are near, not the same; and the device says what runs."""
    monkeypatch.setattr(int8_gate, "MAX_SHIFT", 0.2)
    monkeypatch.setattr(int8_gate, "MAX_AUC_LOSS", 1.0)
    assert device("int8") == "cpu, OpenVINO"
    assert main(["quantize", str(labels)]) == 0
    said = capsys.readouterr().out
    assert "Judged by    4 videos, 16 faces" in said
    assert "Let through" in said
    assert device("int8") == "cpu, OpenVINO, 8-bit integers"
    assert device("fp32") == "cpu, OpenVINO"
    crops = np.stack([np.asarray(Image.open(labels.parent / f"{n}-0.png")) for n in range(8)])
    plain, int8 = (load_detector(NAME, load_settings_with(kind)).score(crops) for kind in ("fp32", "int8"))
    assert 0 < np.abs(plain - int8).max() < 0.3


def test_a_network_that_does_not_pass_is_not_kept(
    labels: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor one that was let through before: what was measured last counts."""
    monkeypatch.setattr(int8_gate, "MAX_SHIFT", 1.0)
    monkeypatch.setattr(int8_gate, "MAX_AUC_LOSS", 1.0)
    assert main(["quantize", str(labels)]) == 0
    monkeypatch.setattr(int8_gate, "MAX_SHIFT", 0.0)
    assert main(["quantize", str(labels)]) == 1
    assert "Refused      the score of a video moved by more than 0" in capsys.readouterr().out
    assert device("int8") == "cpu, OpenVINO"


def test_a_damaged_network_is_not_used(labels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be another network than the one that passed."""
    monkeypatch.setattr(int8_gate, "MAX_SHIFT", 1.0)
    monkeypatch.setattr(int8_gate, "MAX_AUC_LOSS", 1.0)
    assert main(["quantize", str(labels)]) == 0
    [weights] = labels.parent.glob("converted/*-int8/network.bin")
    data = np.frombuffer(weights.read_bytes(), np.uint8)
    weights.write_bytes(data[::-1].tobytes())
    assert device("int8") == "cpu, OpenVINO"


@pytest.mark.parametrize(
    ("change", "message"),
    [({"DEEPTRACE_RUNTIME": "torch"}, "does not run in OpenVINO"), ({}, "no named video cannot judge")],
)
def test_what_cannot_be_judged_is_refused_with_advice(
    labels: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, str],
    message: str,
) -> None:
    """One line, exit code 2."""
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    if not change:
        labels.write_text("path,label\n0-0.png,real\n1-0.png,fake\n")
    assert main(["quantize", str(labels)]) == 2
    assert message in capsys.readouterr().err
