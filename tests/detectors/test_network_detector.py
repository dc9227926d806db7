"""What all networks share as detectors: honest outputs and label orders."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from deeptrace_core.errors import EnvironmentFault, WeightsRejectedError
from deeptrace_core.model import DetectorInfo
from worker.detectors.interface import Crops
from worker.detectors.network_detector import NetworkDetector
from worker.detectors.probability import fake_probability
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
BLACK = np.zeros((1, 2, 2, 3), np.uint8)


class Scripted:
    """Gives what `answer` says."""

    name, device = "a script", "cpu"

    def __init__(self, answer: float | list[float]) -> None:
        self.answer = answer

    def logits(self, crops: Crops) -> NDArray[np.float32]:
        return np.repeat(np.atleast_2d(np.array(self.answer, np.float32)), len(crops), axis=0)


def no_maps(_crops: Crops, _order: LabelOrder) -> NDArray[np.float32]:
    raise AssertionError("nobody asked")


def detector(
    runtime: Scripted, label_order: LabelOrder | None = None, *, golden_logits: Sequence[float] = ()
) -> NetworkDetector:
    return NetworkDetector(
        runtime=runtime,
        info=INFO,
        preset=PRESET,
        label_order=label_order,
        activation_maps=no_maps,
        golden_logits=golden_logits,
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
    runtime = Scripted(0.0)
    loaded = detector(runtime)
    runtime.answer = broken
    with pytest.raises(EnvironmentFault, match="so there is no score"):
        loaded.score(BLACK)


def test_saturated_outputs_stay_in_range() -> None:
    """Very sure networks give 0 and 1, nothing beyond and nothing that is not a number."""
    logits = np.array([[1e30, -1e30], [-1e30, 1e30]], np.float32)
    assert fake_probability(logits, LabelOrder.SOFTMAX_FAKE_SECOND).tolist() == [0, 1]
    assert fake_probability(logits[:, :1], LabelOrder.SIGMOID_REAL).tolist() == [0, 1]
