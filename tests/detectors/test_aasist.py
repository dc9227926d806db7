"""AASIST: the logits of its authors' code, and no weights but theirs."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from deeptrace_core.errors import InputError, ModelUnavailableError, WeightsRejectedError
from deeptrace_core.settings import Settings, load_settings
from tests.detectors.xceptions import saved
from worker.audio.detector import load_audio_detector
from worker.audio.golden import golden_window
from worker.audio.windows import WINDOW_SAMPLES
from worker.detectors.aasist import load_network
from worker.weights.audio_registry import AUDIO_REGISTRY
from worker.weights.checkpoint import read_checkpoint
from worker.weights.files import read_verified
from worker.weights.registry import REGISTRY

NAMES = pytest.mark.parametrize("name", AUDIO_REGISTRY)

NOISE = np.random.default_rng(1).uniform(-1, 1, (1, WINDOW_SAMPLES)).astype(np.float32)
SILENCE = np.zeros((1, WINDOW_SAMPLES), np.float32)

PUBLISHED = {
    "aasist": ((8.564227, -8.169505), (-3.008209, 1.443554)),
    "aasist-l": ((0.959716, -0.455324), (0.235377, 0.251812)),
}
"""What github.com/clovaai/aasist gives for `NOISE` and `SILENCE`; the registry has it for `golden_window`."""


def weights(name: str, mirrored: Settings) -> bytes:
    return read_verified(AUDIO_REGISTRY[name], mirrored)


@NAMES
def test_the_logits_are_those_of_the_published_code(name: str, mirrored: Settings) -> None:
    """To 1e-5, one window at a time and several at once."""
    network = load_network(name, weights(name, mirrored))
    windows = np.concatenate([golden_window(), NOISE, SILENCE])
    expected = np.array([AUDIO_REGISTRY[name].golden_logits, *PUBLISHED[name]])
    with torch.inference_mode():
        together = network(torch.from_numpy(windows)).numpy()
        alone = np.concatenate([network(torch.from_numpy(window[None])).numpy() for window in windows])
    np.testing.assert_allclose(together, expected, rtol=0, atol=1e-5)
    np.testing.assert_allclose(alone, expected, rtol=0, atol=1e-5)


@NAMES
@pytest.mark.parametrize("runtime", ["openvino", "torch"])
def test_scores_are_likelihoods_of_a_made_voice(
    name: str, runtime: str, mirrored: Settings, mirror: object, converted_dir: object
) -> None:
    """Index 1 is bona fide, so the score is what is left of it; by either runtime."""
    settings = load_settings(
        {
            "DEEPTRACE_HOME": str(mirrored.home),
            "DEEPTRACE_WEIGHTS_MIRROR": str(mirror),
            "DEEPTRACE_CONVERTED": str(converted_dir),
            "DEEPTRACE_RUNTIME": runtime,
        }
    )
    detector = load_audio_detector(name, settings)
    scores = detector.score(np.concatenate([NOISE, SILENCE]))
    expected = [1 / (1 + np.exp(real - made)) for made, real in PUBLISHED[name]]
    assert scores == pytest.approx(expected, abs=1e-5)
    assert detector.info.name == name
    assert detector.info.weights_sha256 == AUDIO_REGISTRY[name].sha256
    assert detector.info.threshold_low == 0, "uncalibrated weights never say that there are no signs"


def without_one(state: dict[str, Tensor]) -> None:
    del state["pos_S"]


def with_one_more(state: dict[str, Tensor]) -> None:
    state["more"] = torch.zeros(1)


def of_another_shape(state: dict[str, Tensor]) -> None:
    state["out_layer.weight"] = torch.zeros(3, 160)


def not_a_number(state: dict[str, Tensor]) -> None:
    state["out_layer.bias"] = torch.full((2,), float("nan"))


@pytest.mark.parametrize("change", [without_one, with_one_more, of_another_shape, not_a_number])
def test_other_weights_are_refused(change: Callable[[dict[str, Tensor]], None], mirrored: Settings) -> None:
    """Each array must be there, of its shape, a number, and none besides."""
    state = dict(read_checkpoint(weights("aasist", mirrored)))  # type: ignore[call-overload]
    change(state)
    with pytest.raises(WeightsRejectedError):
        load_network("aasist", saved(state))


def test_the_large_ones_are_not_the_small_ones(mirrored: Settings) -> None:
    with pytest.raises(WeightsRejectedError):
        load_network("aasist-l", weights("aasist", mirrored))


def test_weights_that_compute_something_else_are_refused(
    mirrored: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new version of a library may change scores without a word."""
    monkeypatch.setattr("worker.audio.detector.golden_window", lambda: golden_window() / 2)
    with pytest.raises(WeightsRejectedError, match="no longer computes"):
        load_audio_detector("aasist", mirrored)


def test_missing_weights_are_named_with_the_command_that_gets_them(tmp_path: object) -> None:
    with pytest.raises(ModelUnavailableError) as error:
        load_audio_detector("aasist", load_settings({"DEEPTRACE_HOME": str(tmp_path)}))
    assert error.value.advice == "Run: python -m worker models pull aasist"


def test_an_unknown_name_is_answered_with_the_known_ones(mirrored: Settings) -> None:
    with pytest.raises(InputError) as error:
        load_audio_detector("deeptrace-light-1", mirrored)
    assert "aasist-l" in error.value.advice


def test_no_name_is_in_both_registries() -> None:
    """A detector for voices cannot be chosen for faces, nor the other way round."""
    assert not REGISTRY.keys() & AUDIO_REGISTRY.keys()
    assert len({entry.sha256 for entry in AUDIO_REGISTRY.values()}) == len(AUDIO_REGISTRY)
