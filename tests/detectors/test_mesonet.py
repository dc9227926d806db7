"""MesoNet: the same numbers as the authors' Keras code gives."""

import itertools

import numpy as np
import pytest
import torch

from deeptrace_core.errors import WeightsRejectedError
from deeptrace_core.settings import Settings
from tests.detectors import numpy_mesonet
from worker.detectors import load_detector
from worker.detectors.interface import Crops
from worker.detectors.mesonet import load_network
from worker.detectors.probability import fake_probability
from worker.weights.registry import LabelOrder

ARCHITECTURES = pytest.mark.parametrize("architecture", numpy_mesonet.SHAPES)

# P(fake) = 1 - output of the authors' classifiers.py under TensorFlow 2.21, for the `pictures` fixture.
KERAS_SCORES = {
    "meso4-df": [0.5105043, 0.7562667, 0.7518448, 0.0054646, 0.7221196, 0.9958481, 0.9874814],
    "meso4-f2f": [0.3600724, 0.6000659, 0.4849629, 0.0314837, 0.527144, 0.9970248, 0.9966323],
    "mesoinception4-df": [0.9207619, 0.6807393, 0.9561193, 0.0031766, 0.9812929, 1.0, 1.0],
    "mesoinception4-f2f": [0.1693194, 0.2944731, 0.0297189, 0.0000253, 0.0521792, 1.0, 1.0],
}


def scores(architecture: str, data: bytes, pictures: Crops) -> np.ndarray:
    network = load_network(architecture, data).eval()
    with torch.inference_mode():
        logits = network(torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255)
    return fake_probability(logits.numpy(), LabelOrder.SIGMOID_REAL)


@pytest.mark.parametrize(("name", "expected"), KERAS_SCORES.items())
def test_published_weights_score_as_in_keras(
    name: str, expected: list[float], mirrored: Settings, pictures: Crops
) -> None:
    """The real files, through the real loader, give what the authors' own code gives."""
    found = load_detector(name, mirrored, device="cpu").score(pictures)
    assert np.abs(found - expected).max() < 1e-5


@ARCHITECTURES
def test_scores_as_the_numpy_network_does(architecture: str, pictures: Crops) -> None:
    """Any weights give what an independent channels-last implementation gives."""
    layers = numpy_mesonet.random_layers(architecture)
    expected = numpy_mesonet.fake_probability(architecture, layers, pictures[:4])
    found = scores(architecture, numpy_mesonet.hdf5(layers), pictures[:4])
    assert np.ptp(expected) > 1e-3, "the pictures must tell networks apart"
    assert np.abs(found - expected).max() < 1e-5


@ARCHITECTURES
def test_features_are_flattened_channels_last(architecture: str, pictures: Crops) -> None:
    """A file with the features in channels-first order scores differently: the order is checked above."""
    layers = numpy_mesonet.random_layers(architecture)
    right = scores(architecture, numpy_mesonet.hdf5(layers), pictures[:2])
    kernel = layers["dense_1"]["kernel"]
    layers["dense_1"]["kernel"] = kernel.reshape(8, 8, 16, 16).transpose(2, 0, 1, 3).reshape(1024, 16)
    permuted = scores(architecture, numpy_mesonet.hdf5(layers), pictures[:2])
    assert np.abs(right - permuted).max() > 1e-3


@ARCHITECTURES
def test_every_array_of_the_file_is_used_once(architecture: str) -> None:
    """Each array, filled with a number of its own, turns up in exactly one tensor, and fills it."""
    layers = numpy_mesonet.random_layers(architecture)
    numbers = itertools.count(1)
    for arrays in layers.values():
        for role in arrays:
            arrays[role] = np.full(arrays[role].shape, float(next(numbers)))
    loaded = load_network(architecture, numpy_mesonet.hdf5(layers)).state_dict()
    filled = [set(loaded[key].flatten().tolist()) for key in loaded if not key.endswith("batches_tracked")]
    assert sorted(filled, key=min) == [{float(number)} for number in range(1, next(numbers))]


@pytest.mark.parametrize(
    ("architecture", "other"), [("meso4", "mesoinception4"), ("mesoinception4", "meso4")]
)
def test_weights_of_the_other_network_are_refused(architecture: str, other: str) -> None:
    """Nothing is loaded in part."""
    with pytest.raises(WeightsRejectedError, match="layers with weights"):
        load_network(architecture, numpy_mesonet.hdf5(numpy_mesonet.random_layers(other)))
