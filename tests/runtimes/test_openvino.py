"""OpenVINO against PyTorch: the same logits, or PyTorch's."""

import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.detectors.xceptions import random_xception
from worker.detectors.interface import Crops
from worker.faces.crops import PRESETS
from worker.runtimes import openvino_runtime as module
from worker.runtimes.network import Normalised
from worker.runtimes.openvino_runtime import OpenVinoRuntime, openvino_runtime
from worker.runtimes.torch_runtime import TorchRuntime

PRESET = PRESETS["icpr224"]


@pytest.fixture(scope="module")
def network() -> Normalised:
    return Normalised(random_xception(2), PRESET).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def reference(network: Normalised) -> TorchRuntime:
    return TorchRuntime(network, torch.device("cpu"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("converted")


def converted(network: Normalised, reference: TorchRuntime, folder: Path) -> OpenVinoRuntime | None:
    return openvino_runtime(network, reference, size_px=PRESET.size_px, key="weights", folder=folder)


def crops(count: int) -> Crops:
    shape = (count, PRESET.size_px, PRESET.size_px, 3)
    return np.random.default_rng(count).integers(0, 256, shape).astype(np.uint8)


def test_the_logits_are_those_of_pytorch(network: Normalised, reference: TorchRuntime, folder: Path) -> None:
    """For crops that it has not seen when it was made, and any number of them."""
    runtime = converted(network, reference, folder)
    assert runtime is not None
    for count in (1, 3):
        np.testing.assert_allclose(
            runtime.logits(crops(count)), reference.logits(crops(count)), rtol=0, atol=1e-4
        )


def test_it_is_made_once(
    network: Normalised, reference: TorchRuntime, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next start finds it; other weights do not."""
    assert converted(network, reference, folder) is not None

    def fail(*_arguments: object) -> None:
        raise AssertionError("converted again")

    monkeypatch.setattr(module, "_convert", fail)
    assert converted(network, reference, folder) is not None
    with pytest.raises(AssertionError, match="converted again"):
        openvino_runtime(network, reference, size_px=PRESET.size_px, key="others", folder=folder)


def test_other_logits_are_not_used(
    network: Normalised, reference: TorchRuntime, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A kept file that was changed, or a fault of OpenVINO: PyTorch runs the network, and the log says so."""

    class Off:
        name = "off"

        def logits(self, some: Crops) -> NDArray[np.float32]:
            return reference.logits(some) + np.float32(0.001)

    with caplog.at_level(logging.WARNING):
        assert openvino_runtime(network, Off(), size_px=PRESET.size_px, key="weights", folder=folder) is None
    assert "differ from PyTorch's by 0.001" in caplog.text


def test_a_damaged_file_is_not_used(
    network: Normalised, reference: TorchRuntime, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Cut short by a full disk, say."""
    assert converted(network, reference, tmp_path) is not None
    [description] = tmp_path.glob("*.xml")
    description.write_text(description.read_text()[:1000])
    assert converted(network, reference, tmp_path) is None
    assert "OpenVINO cannot run this network" in caplog.text
