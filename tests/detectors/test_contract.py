"""What every detector must do, whatever network it is. A new architecture is tested by being listed."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch

from deeptrace_core.canonical import digest
from deeptrace_core.settings import load_settings
from tests.detectors import numpy_mesonet
from tests.detectors.mobilenets import random_mobilenet
from tests.detectors.xceptions import random_xception, saved
from worker.detectors import ARCHITECTURES, load_detector
from worker.detectors.interface import Crops, Detector
from worker.faces.crops import PRESETS
from worker.weights.registry import REGISTRY, LabelOrder, registered


def meso_file(architecture: str) -> bytes:
    return numpy_mesonet.hdf5(numpy_mesonet.random_layers(architecture))


def xception_file(architecture: str) -> bytes:
    return saved(random_xception(2).state_dict())


def mobilenet_file(architecture: str) -> bytes:
    return safetensors.torch.save(random_mobilenet().state_dict())


FILES: dict[str, tuple[Callable[[str], bytes], str, LabelOrder]] = {
    "meso4": (meso_file, "meso256", LabelOrder.SIGMOID_REAL),
    "mesoinception4": (meso_file, "meso256", LabelOrder.SIGMOID_REAL),
    "mobilenetv1-025": (mobilenet_file, "light128", LabelOrder.SIGMOID_FAKE),
    "xception": (xception_file, "ffpp299", LabelOrder.SOFTMAX_FAKE_SECOND),
}
"""For each architecture: a weights file made by the tests, its preset and label order."""


@pytest.fixture(scope="module", params=ARCHITECTURES)
def load(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, converted_dir: Path
) -> Callable[..., Detector]:
    """Loads the architecture's detector the way the worker does: from the registry and a mirror."""
    make, preset, label_order = FILES[request.param]
    data, mirror = make(request.param), tmp_path_factory.mktemp("mirror")
    entry = dataclasses.replace(
        registered("meso4-df"),
        name="under-test",
        architecture=request.param,
        sha256=digest(data),
        preset=preset,
        label_order=label_order,
        golden_logits=(),
    )
    (mirror / entry.file_name).write_bytes(data)
    settings = load_settings(
        {
            "DEEPTRACE_HOME": str(mirror),
            "DEEPTRACE_WEIGHTS_MIRROR": str(mirror),
            "DEEPTRACE_CONVERTED": str(converted_dir),
        }
    )

    def load(batch_size: int = 32) -> Detector:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(REGISTRY, entry.name, entry)
            return load_detector(entry.name, settings, device="cpu", batch_size=batch_size)

    return load


@pytest.fixture(scope="module")
def detector(load: Callable[..., Detector]) -> Detector:
    return load()


@pytest.fixture(scope="module")
def crops(detector: Detector, pictures: Crops) -> Crops:
    size = detector.preset.size_px
    rows = np.arange(size) * 256 // size
    return np.ascontiguousarray(pictures[:5][:, rows][:, :, rows])


@pytest.fixture(scope="module")
def scores(detector: Detector, crops: Crops) -> np.ndarray:
    return detector.score(crops)


def test_scores_are_probabilities(scores: np.ndarray) -> None:
    """One float32 from 0 to 1 for each crop, and different faces score differently."""
    assert scores.shape == (5,)
    assert scores.dtype == np.float32
    assert ((scores >= 0) & (scores <= 1)).all()
    assert np.ptp(scores) > 1e-3


def test_no_crops_give_no_scores(detector: Detector, crops: Crops) -> None:
    """A frame without a face is not an error, and not a score."""
    empty = detector.score(crops[:0])
    assert empty.shape == (0,)
    assert empty.dtype == np.float32


def test_a_new_load_and_another_batch_size_change_nothing(
    load: Callable[..., Detector], crops: Crops, scores: np.ndarray
) -> None:
    """The same crops give the same numbers, with 2 at a time as with 32, in this process or the next."""
    assert np.abs(load(batch_size=2).score(crops) - scores).max() < 1e-5


def test_each_crop_is_scored_by_itself(detector: Detector, crops: Crops, scores: np.ndarray) -> None:
    """Neither the order nor the neighbours of a crop change its score; a reversed view is read rightly."""
    assert np.abs(detector.score(crops[::-1]) - scores[::-1]).max() < 1e-5


def test_crops_are_left_as_they_were(detector: Detector, crops: Crops) -> None:
    """The caller keeps the crops for thumbnails; read-only ones are fine."""
    frozen = crops[:1].copy()
    frozen.setflags(write=False)
    detector.score(frozen)
    assert (frozen == crops[:1]).all()


@pytest.mark.parametrize("change", ["float", "channels first", "grey", "too small"])
def test_crops_of_another_kind_are_refused(detector: Detector, crops: Crops, change: str) -> None:
    """A mistake of the caller never becomes a score."""
    wrong = {
        "float": crops.astype(np.float32),
        "channels first": crops.transpose(0, 3, 1, 2),
        "grey": crops[..., :1],
        "too small": crops[:, :-1],
    }[change]
    with pytest.raises(ValueError, match="expected uint8"):
        detector.score(wrong)


def test_it_says_what_goes_into_the_report(detector: Detector) -> None:
    """The report can name the bytes, the preset and the device."""
    info = detector.info
    assert info.name == "under-test"
    assert len(info.weights_sha256) == 64
    assert detector.preset is PRESETS[info.preset]
    assert info.preset_sha256 == detector.preset.sha256
    assert 0 <= info.threshold_low < info.threshold_high < 1
    assert detector.device == "cpu, OpenVINO"


def test_every_architecture_has_a_file_here() -> None:
    """Who adds an architecture adds a weights file for this suite."""
    assert FILES.keys() == ARCHITECTURES.keys()


def test_a_map_says_where_the_network_looked(detector: Detector, crops: Crops) -> None:
    """One for each face, from 0 to 1, whatever the others in the batch; and scores stay what they were."""
    before = detector.score(crops)
    maps = detector.activation_maps(crops)
    assert maps.shape[0] == len(crops)
    assert maps.dtype == np.float32
    assert maps.ndim == 3
    assert maps.shape[1] > 1
    assert maps.min() >= 0
    assert set(maps.max(axis=(1, 2)).tolist()) <= {0.0, 1.0}
    np.testing.assert_allclose(maps[2:3], detector.activation_maps(crops[2:3]), atol=1e-6)
    np.testing.assert_array_equal(detector.score(crops), before)
    assert detector.activation_maps(crops[:0]).shape[0] == 0
