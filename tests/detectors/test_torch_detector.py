"""What all torch detectors share: honest outputs, label orders, devices."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from deeptrace_core.errors import EnvironmentFault, InputError, WeightsRejectedError
from deeptrace_core.model import DetectorInfo
from worker.detectors.torch_detector import TorchDetector, choose_device, fake_probability
from worker.faces.crops import Geometry, Preset
from worker.weights.registry import LabelOrder

PRESET = Preset(
    name="tiny", geometry=Geometry.BOX, scale=1, size_px=2, mean=(0.5, 0.25, 0.0), std=(0.5, 0.25, 1.0)
)
INFO = DetectorInfo(
    name="tiny",
    architecture="tiny",
    weights_sha256="0" * 64,
    licence="none",
    preset="tiny",
    preset_sha256=PRESET.sha256,
    threshold_low=0.2,
    threshold_high=0.8,
    accuracy=(),
)
BLACK, WHITE = np.zeros((1, 2, 2, 3), np.uint8), np.full((1, 2, 2, 3), 255, np.uint8)


class Scripted(nn.Module):
    """Gives what `answer` says, and remembers what it was given."""

    def __init__(self, answer: float | list[float]) -> None:
        super().__init__()
        self.answer = answer
        self.given: list[Tensor] = []

    def forward(self, pictures: Tensor) -> Tensor:
        self.given.append(pictures.clone())
        return torch.tensor(self.answer).reshape(1, -1).repeat(len(pictures), 1)


def detector(
    network: nn.Module,
    label_order: LabelOrder | None = None,
    *,
    golden_logits: Sequence[float] = (),
    device: str = "cpu",
    batch_size: int = 2,
) -> TorchDetector:
    return TorchDetector(
        network=network,
        info=INFO,
        preset=PRESET,
        label_order=label_order,
        last_map="",
        golden_logits=golden_logits,
        device=device,
        batch_size=batch_size,
    )


@pytest.mark.parametrize(
    ("label_order", "logits", "expected"),
    [
        (LabelOrder.SIGMOID_FAKE, [2.0], 0.880797),
        (LabelOrder.SIGMOID_REAL, [2.0], 0.119203),
        (LabelOrder.SOFTMAX_FAKE_FIRST, [3.0, 1.0], 0.880797),
        (LabelOrder.SOFTMAX_FAKE_SECOND, [3.0, 1.0], 0.119203),
    ],
)
def test_label_order_says_which_output_is_fake(
    label_order: LabelOrder, logits: list[float], expected: float
) -> None:
    """1 / (1 + e^-2) = 0.880797, on the side that the label order names."""
    assert detector(Scripted(logits), label_order).score(BLACK)[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("logits", "expected"), [([2.0], 0.880797), ([3.0, 1.0], 0.119203)])
def test_without_a_label_order_the_common_one_is_used(logits: list[float], expected: float) -> None:
    """One output: the probability of fake. Two: the second is fake."""
    assert detector(Scripted(logits)).score(BLACK)[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("logits", "label_order"),
    [
        ([1.0, 2.0], LabelOrder.SIGMOID_FAKE),
        ([1.0], LabelOrder.SOFTMAX_FAKE_SECOND),
        ([1.0, 2.0, 3.0], None),
        ([1.0] * 1000, LabelOrder.SIGMOID_REAL),
    ],
)
def test_a_network_that_does_not_fit_its_label_order_is_refused(
    logits: list[float], label_order: LabelOrder | None
) -> None:
    """It is refused when loaded, not when the first video is scored."""
    with pytest.raises(WeightsRejectedError, match="outputs of shape"):
        detector(Scripted(logits), label_order)


@pytest.mark.parametrize("golden_logits", [(0.5, 1.0), (0.50009, 0.99991)])
def test_a_network_that_computes_what_it_did_is_taken(golden_logits: tuple[float, ...]) -> None:
    """To within a ten-thousandth."""
    detector(Scripted([0.5, 1.0]), golden_logits=golden_logits)


@pytest.mark.parametrize("golden_logits", [(0.5, 1.001), (1.0, 0.5)])
def test_a_network_that_computes_something_else_is_refused(golden_logits: tuple[float, ...]) -> None:
    """A library that changed without a word: no scores rather than other scores."""
    with pytest.raises(WeightsRejectedError, match="no longer computes"):
        detector(Scripted([0.5, 1.0]), golden_logits=golden_logits)


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_a_number_is_no_score(broken: float) -> None:
    """An infinite logit would be a perfect 0 or 1: it is an error at load, and an error later."""
    with pytest.raises(EnvironmentFault, match="not a number"):
        detector(Scripted(broken))
    network = Scripted(0.0)
    loaded = detector(network)
    network.answer = broken
    with pytest.raises(EnvironmentFault, match="so there is no score"):
        loaded.score(BLACK)


def test_saturated_outputs_stay_in_range() -> None:
    """Very sure networks give 0 and 1, nothing beyond and nothing that is not a number."""
    logits = torch.tensor([[1e30, -1e30], [-1e30, 1e30]])
    assert fake_probability(logits, LabelOrder.SOFTMAX_FAKE_SECOND).tolist() == [0, 1]
    assert fake_probability(logits[:, :1], LabelOrder.SIGMOID_REAL).tolist() == [0, 1]


def test_pictures_are_normalised_by_the_preset() -> None:
    """(value / 255 - mean) / std of each channel, channels first."""
    network = Scripted(0.0)
    detector(network).score(WHITE)
    given = network.given[-1]
    assert given.shape == (1, 3, 2, 2)
    assert given.dtype == torch.float32
    assert given[0, :, 0, 0].tolist() == [1.0, 3.0, 1.0]


def test_no_more_than_a_batch_is_in_memory() -> None:
    """Five crops by twos: two, two, one."""
    network = Scripted(0.0)
    detector(network, batch_size=2).score(np.repeat(BLACK, 5, axis=0))
    assert [len(given) for given in network.given[1:]] == [2, 2, 1]


def test_too_little_memory_says_what_to_do() -> None:
    """A full GPU is a fault of the machine, told in a sentence."""

    class Hungry(Scripted):
        def forward(self, pictures: Tensor) -> Tensor:
            if len(self.given) == 1:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return super().forward(pictures)

    with pytest.raises(EnvironmentFault, match="too small for 1 faces") as error:
        detector(Hungry(0.0)).score(BLACK)
    assert "smaller batch size" in error.value.advice


@pytest.mark.parametrize("name", ["cuda:99", "gpu", "meta:x"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    """No silent fall back to another device."""
    with pytest.raises(InputError, match="not available"):
        choose_device(name)


def test_without_a_wish_the_gpu_is_taken_if_there_is_one() -> None:
    """The name is the one torch uses, with its number."""
    assert str(choose_device(None)) == ("cuda:0" if torch.cuda.is_available() else "cpu")


def test_a_batch_size_below_one_is_refused() -> None:
    """Zero faces at a time would never end."""
    with pytest.raises(InputError, match="at least 1"):
        detector(Scripted(0.0), batch_size=0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_the_gpu_scores_as_the_cpu_does() -> None:
    """To 1e-4: TF32 would miss that by far."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 64, 2), nn.Flatten(), nn.Linear(64, 1))
    crops = np.random.default_rng(0).integers(0, 256, (64, 2, 2, 3), dtype=np.uint8)
    on_cpu = detector(network).score(crops)
    assert np.abs(detector(network, device="cuda").score(crops) - on_cpu).max() < 1e-4
