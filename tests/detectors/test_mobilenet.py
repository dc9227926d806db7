"""MobileNetV1 and the weights that come with the project."""

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from deeptrace_core.errors import WeightsRejectedError
from deeptrace_core.settings import load_settings
from tests.detectors.mobilenets import random_mobilenet
from tests.detectors.xceptions import random_xception, saved
from training.export import golden_input
from worker.detectors import load_detector
from worker.detectors.golden import golden_crop
from worker.detectors.interface import Detector
from worker.detectors.mobilenet import load_network
from worker.faces.crops import PRESETS
from worker.weights.files import BUNDLED_DIR
from worker.weights.registry import registered

NAME = "deeptrace-light-1"


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory, converted_dir: Path) -> Detector:
    """As on a fresh clone."""
    settings = load_settings(
        {
            "DEEPTRACE_HOME": str(tmp_path_factory.mktemp("home")),
            "DEEPTRACE_CONVERTED": str(converted_dir),
        }
    )
    return load_detector(NAME, settings, device="cpu")


def test_the_bundled_weights_give_the_golden_logits() -> None:
    """Another version of torch, or another order of the sums, changes nothing that matters."""
    golden = json.loads((BUNDLED_DIR / f"{NAME}.golden.json").read_text())["logits"]
    entry, preset = registered(NAME), PRESETS["light128"]
    network = load_network(entry.architecture, (BUNDLED_DIR / entry.file_name).read_bytes())
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (preset.mean, preset.std))
    with torch.inference_mode():
        logits = network((golden_input(preset.size_px) - mean) / std)[:, 0]
    assert logits.tolist() == pytest.approx(golden, abs=1e-4)
    assert np.ptp(golden) > 0.1, "the golden pictures are told apart"


def test_scoring_twice_gives_the_same_bits(detector: Detector) -> None:
    """A report can be repeated."""
    random = np.random.default_rng(0)
    crops = random.integers(0, 256, (40, *[detector.preset.size_px] * 2, 3), dtype=np.uint8)
    assert (detector.score(crops) == detector.score(crops)).all()


def test_folding_batch_norm_changes_nothing() -> None:
    """The network that scores computes what the trained one did, with and without batch counters."""
    network = random_mobilenet()
    pictures = torch.linspace(-2, 2, 2 * 3 * 128 * 128).sin().reshape(2, 3, 128, 128)
    weights = network.state_dict()
    bare = {key: value for key, value in weights.items() if value.is_floating_point()}
    with torch.inference_mode():
        expected = network(pictures)
        for state in (weights, bare):
            found = load_network("mobilenetv1-025", safetensors.torch.save(state))(pictures)
            assert torch.allclose(found, expected, atol=1e-5)


def test_what_is_another_network_is_refused(tmp_path: Path) -> None:
    """All layers and no others."""
    weights = random_mobilenet().state_dict()
    for wrong in (
        random_xception(1).state_dict(),
        {key: value for key, value in weights.items() if not key.startswith("fc.")},
        weights | {"fc.weight": torch.zeros(2, 256)},
        [1, 2],
    ):
        with pytest.raises(WeightsRejectedError, match="not those of this MobileNetV1"):
            load_network("mobilenetv1-025", saved(wrong))


def test_the_map_is_the_class_activation_map(detector: Detector) -> None:
    """Zhou et al.: the last features, each weighed as the last layer does. Here computed from its parts."""
    crop = golden_crop(detector.preset.size_px)
    network = load_network("mobilenetv1-025", (BUNDLED_DIR / registered(NAME).file_name).read_bytes())
    mean, std = (torch.tensor(each).view(1, 3, 1, 1) for each in (detector.preset.mean, detector.preset.std))
    parts = dict(network.named_children())
    with torch.inference_mode():
        picture = (torch.tensor(crop).permute(0, 3, 1, 2) / 255 - mean) / std
        features = parts["stage3"](parts["stage2"](parts["stage1"](picture)))
        expected = torch.einsum("nchw,c->nhw", features, network.get_parameter("fc.weight")[0]).relu()
    np.testing.assert_allclose(detector.activation_maps(crop), (expected / expected.max()).numpy(), atol=1e-4)
