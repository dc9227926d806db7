"""Networks in OpenVINO's form: made once, in another process, and used only if they compute the same."""

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deeptrace_core.errors import EnvironmentFault
from tests.detectors.xceptions import random_xception, saved
from worker.detectors.interface import Crops
from worker.detectors.networks import normalised_network
from worker.faces.crops import PRESETS
from worker.runtimes import converted as module
from worker.runtimes.converted import KNOWN, NETWORK, ConvertedNetwork, converted_networks
from worker.runtimes.openvino_runtime import OpenVinoRuntime
from worker.runtimes.spread import Spread
from worker.runtimes.torch_runtime import TorchRuntime

PRESET = "icpr224"
Convert = Callable[[], ConvertedNetwork | None]


def converted(weights: bytes, kept_in: Path) -> ConvertedNetwork | None:
    found = converted_networks(
        "worker.detectors.networks", [("xception", PRESET)], weights, kept_in, Spread.OVER_PICTURES
    )
    return found[0] if found else None


@pytest.fixture(scope="module")
def weights() -> bytes:
    return saved(random_xception(2).state_dict())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("converted")


@pytest.fixture(scope="module")
def convert(weights: bytes, folder: Path) -> Convert:
    return lambda: converted(weights, folder)


@pytest.fixture
def kept(convert: Convert, folder: Path) -> Path:
    """The folder of the network, once it is made."""
    assert convert() is not None
    [kept] = folder.iterdir()
    return kept


def crops(count: int) -> Crops:
    shape = (count, PRESETS[PRESET].size_px, PRESETS[PRESET].size_px, 3)
    return np.random.default_rng(count).integers(0, 256, shape).astype(np.uint8)


@pytest.mark.parametrize("spread", Spread)
def test_the_logits_are_those_of_pytorch(kept: Path, weights: bytes, spread: Spread) -> None:
    """For crops that it has not seen when it was made, any number of them, in their order."""
    network = ConvertedNetwork(kept, spread)
    reference = TorchRuntime(normalised_network("xception", PRESET, weights), "cpu", 8)
    for count in (1, 9):
        found = OpenVinoRuntime(network).logits(crops(count))
        np.testing.assert_allclose(found, reference.logits(crops(count)), rtol=0, atol=1e-4)


def test_what_it_cannot_run_has_no_score(kept: Path) -> None:
    """Faces or voices: a network that listens runs in the same way."""
    network = ConvertedNetwork(kept, Spread.OVER_PICTURES)
    with pytest.raises(EnvironmentFault, match="OpenVINO could not run the network, so there are no scores"):
        OpenVinoRuntime(network).logits(np.zeros((1, 3, 3, 1), np.uint8))


def test_it_is_made_once(kept: Path, convert: Convert, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next start finds it; other weights do not."""

    def fail(*_arguments: object) -> None:
        raise AssertionError("converted again")

    monkeypatch.setattr(module, "_make", fail)
    assert convert() is not None
    with pytest.raises(AssertionError, match="converted again"):
        converted(b"others", kept.parent)


def test_other_results_are_not_used(kept: Path, convert: Convert, caplog: pytest.LogCaptureFixture) -> None:
    """A kept file that was changed, or a fault of OpenVINO: PyTorch runs the network, and the log says so."""
    whole = (kept / KNOWN).read_bytes()
    with np.load(kept / KNOWN) as known:
        inputs, outputs = (known[name] for name in known.files)
    np.savez(kept / KNOWN, inputs, outputs + np.float32(0.001))
    try:
        with caplog.at_level(logging.WARNING):
            assert convert() is None
    finally:
        (kept / KNOWN).write_bytes(whole)
    assert "differ from PyTorch's by 0.000" in caplog.text


@pytest.mark.parametrize("name", [NETWORK, KNOWN])
def test_a_damaged_file_is_not_used(
    kept: Path, convert: Convert, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Cut short by a failing disk, say."""
    whole = (kept / name).read_bytes()
    (kept / name).write_bytes(whole[:1000])
    try:
        assert convert() is None
    finally:
        (kept / name).write_bytes(whole)
    assert f"{kept} cannot be used" in caplog.text


def test_what_cannot_be_converted_is_left_to_pytorch(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Which then says what is wrong with the weights. Nothing is left behind."""
    assert converted(b"no weights", tmp_path) is None
    assert "WeightsRejectedError" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(
    tmp_path: Path, weights: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A file in its place, say."""
    (tmp_path / "file").touch()
    assert converted(weights, tmp_path / "file" / "converted") is None
    assert "cannot be written" in caplog.text


def test_a_worker_on_a_cpu_needs_no_pytorch(tmp_path: Path, folder: Path) -> None:
    """Once its networks are converted, neither finding faces nor scoring imports it."""
    program = f"""
import sys
import numpy as np
from deeptrace_core.settings import load_settings
from worker.models import Models
folders = {{"DEEPTRACE_HOME": {str(tmp_path)!r}, "DEEPTRACE_CONVERTED": {str(folder)!r}}}
models = Models(load_settings(folders))
detector = models.detector("deeptrace-light-1")
assert models.face_finder(min_face_px=64).find(np.zeros((90, 160, 3), np.uint8)) == ()
assert detector.score(np.zeros((3, 128, 128, 3), np.uint8)).shape == (3,)
print(detector.device, "torch" in sys.modules, "torchvision" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "cpu, OpenVINO False False\n", done.stderr
