"""PyTorch as a runtime: what the network is given, batches, memory, devices."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from deeptrace_core.errors import EnvironmentFault, InputError
from deeptrace_core.settings import load_settings
from tests.detectors.xceptions import random_xception
from worker.detectors import load_detector
from worker.detectors.golden import known_crops
from worker.faces.crops import PRESETS, Geometry, Preset
from worker.runtimes.device import choose_device
from worker.runtimes.network import Normalised
from worker.runtimes.torch_runtime import TorchRuntime

PRESET = Preset(
    name="tiny", geometry=Geometry.BOX, scale=1, size_px=2, mean=(0.5, 0.25, 0.0), std=(0.5, 0.25, 1.0)
)
FIVE = np.arange(5 * 2 * 2 * 3, dtype=np.uint8).reshape(5, 2, 2, 3)


class Remembering(nn.Module):
    """Gives the first value of each picture, remembers what it was given, and has room for so many."""

    def __init__(self, room: int = 100) -> None:
        super().__init__()
        self.room = room
        self.given: list[Tensor] = []

    def forward(self, pictures: Tensor) -> Tensor:
        if len(pictures) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.given.append(pictures.clone())
        return pictures[:, 0, 0, :1]


def runtime(network: nn.Module, batch_size: int = 2) -> TorchRuntime:
    return TorchRuntime(Normalised(network, PRESET), "cpu", batch_size)


def test_pictures_are_normalised_by_the_preset() -> None:
    """(value / 255 - mean) / std of each channel, channels first."""
    network = Remembering()
    runtime(network).logits(np.full((1, 2, 2, 3), 255, np.uint8))
    [given] = network.given
    assert given.shape == (1, 3, 2, 2)
    assert given.dtype == torch.float32
    assert given[0, :, 0, 0].tolist() == [1.0, 3.0, 1.0]


def test_no_more_than_a_batch_is_in_memory() -> None:
    """Five crops by twos: two, two, one; the answers in their order."""
    network = Remembering()
    logits = runtime(network).logits(FIVE)
    assert [len(given) for given in network.given] == [2, 2, 1]
    np.testing.assert_allclose(logits[:, 0], (FIVE[:, 0, 0, 0] / 255 - 0.5) / 0.5, atol=1e-6)


def test_where_memory_is_short_batches_become_smaller() -> None:
    """And stay so; no face is lost or scored twice."""
    network = Remembering(room=2)
    short = runtime(network, batch_size=32)
    expected = (FIVE[:, 0, 0, 0] / 255 - 0.5) / 0.5
    for _ in range(2):
        np.testing.assert_allclose(short.logits(FIVE)[:, 0], expected, atol=1e-6)
    assert [len(given) for given in network.given] == [2, 2, 1] * 2


def test_too_little_memory_for_one_face_says_what_to_do() -> None:
    """A full GPU is a fault of the machine, told in a sentence."""
    with pytest.raises(EnvironmentFault, match="too small for even one face") as error:
        runtime(Remembering(room=0)).logits(FIVE)
    assert "DEEPTRACE_DEVICE=cpu" in error.value.advice


@pytest.mark.parametrize("name", ["cuda:99", "gpu", "meta:x"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    """No silent fall back to another device."""
    with pytest.raises(InputError, match="not available"):
        choose_device(name)


def test_without_a_wish_the_gpu_is_taken_if_there_is_one() -> None:
    """The name is the one torch uses, with its number."""
    assert choose_device(None) == ("cuda:0" if torch.cuda.is_available() else "cpu")


def test_a_batch_size_below_one_is_refused() -> None:
    """Zero faces at a time would never end."""
    with pytest.raises(InputError, match="at least 1"):
        load_detector("deeptrace-light-1", load_settings({}), device="cpu", batch_size=0)


def xception() -> Normalised:
    return Normalised(random_xception(1), PRESETS["ffpp299"])


def test_in_bfloat16_the_scores_are_nearly_the_same() -> None:
    """And it is said that they are not quite."""
    crops = known_crops(299)
    plain = TorchRuntime(xception(), "cpu", 4)
    half = TorchRuntime(xception(), "cpu", 4, bf16=True, known=crops)
    assert (plain.name, half.name) == ("PyTorch", "PyTorch, bfloat16")
    off = np.abs(half.logits(crops) - plain.logits(crops))
    assert 0 < off.max() < 0.05


def test_a_network_that_bfloat16_changes_runs_in_float32(caplog: pytest.LogCaptureFixture) -> None:
    """Here the difference of two large numbers is what counts."""

    class Fragile(nn.Module):
        def forward(self, pictures: Tensor) -> Tensor:
            flat = pictures.flatten(1)
            large = torch.full((1, flat.shape[1]), 100.0)
            return flat @ large.T - flat.sum(dim=1, keepdim=True) * 100

    crops = np.random.default_rng(0).integers(0, 256, (3, 2, 2, 3), dtype=np.uint8)
    runtime = TorchRuntime(Normalised(Fragile(), PRESET), "cpu", 4, bf16=True, known=crops)
    assert runtime.name == "PyTorch"
    assert "so it runs in float32" in caplog.text


def small_network() -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Conv2d(3, 8, 2), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(8, 1)
    return Normalised(nn.Sequential(*layers), PRESET)


@pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler here")
def test_a_compiled_network_gives_the_same_logits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By PyTorch's own compiler; whole batches only, or it would compile again for each other number."""
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    plain = TorchRuntime(small_network(), "cpu", 4)
    compiled = TorchRuntime(small_network(), "cpu", 4, compiled=True, known=FIVE)
    assert compiled.name == "PyTorch, compiled"
    for count in (1, 4, 5):
        np.testing.assert_allclose(compiled.logits(FIVE[:count]), plain.logits(FIVE[:count]), atol=1e-5)
    assert list(tmp_path.rglob("*.so"))


class Miscompiled(nn.Module):
    """A compiler's work that is not what it was made of."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> Tensor:
        answer: Tensor = self.network(pictures) + 0.01
        return answer


class Uncompilable(nn.Module):
    """What fails when it is first used, as a missing compiler does."""

    def __init__(self, _network: nn.Module) -> None:
        super().__init__()

    def forward(self, pictures: Tensor) -> Tensor:
        raise RuntimeError("InvalidCxxCompiler: No working C++ compiler found")


@pytest.mark.parametrize(
    ("made", "said"), [(Miscompiled, "logits move by 0.0"), (Uncompilable, "No working C\\+\\+ compiler")]
)
def test_what_cannot_be_compiled_runs_as_it_is(
    made: type[nn.Module], said: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The same scores, later; and the log says why."""
    monkeypatch.setattr(torch, "compile", lambda network, **_options: made(network))
    runtime = TorchRuntime(small_network(), "cpu", 4, compiled=True, known=FIVE)
    assert runtime.name == "PyTorch"
    assert re.search(said, caplog.text)
    assert "runs as it is" in caplog.text
    np.testing.assert_array_equal(runtime.logits(FIVE), TorchRuntime(small_network(), "cpu", 4).logits(FIVE))


def test_both_ways_to_be_faster_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """And both are said. Each is judged against the network as it was."""
    monkeypatch.setattr(torch, "compile", lambda network, **_options: network)
    crops = known_crops(299)
    runtime = TorchRuntime(xception(), "cpu", 4, compiled=True, bf16=True, known=crops)
    assert runtime.name == "PyTorch, compiled, bfloat16"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_the_gpu_scores_as_the_cpu_does() -> None:
    """To 1e-4: TF32 would miss that by far. The last batch is filled up, and what filled it is dropped."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 64, 2), nn.Flatten(), nn.Linear(64, 1))
    crops = np.random.default_rng(0).integers(0, 256, (65, 2, 2, 3), dtype=np.uint8)
    on_cpu = runtime(network, batch_size=16).logits(crops)
    on_gpu = TorchRuntime(Normalised(network, PRESET), "cuda:0", 16).logits(crops)
    assert np.abs(on_gpu - on_cpu).max() < 1e-4
