"""Loading detectors by name and from files: what is offered, what is refused, and how one is told."""

import subprocess
import sys
from pathlib import Path

import pytest

from deeptrace_core.canonical import digest
from deeptrace_core.errors import InputError, ModelUnavailableError, WeightsRejectedError
from deeptrace_core.settings import PROJECT_ROOT, Settings, load_settings
from tests.detectors.xceptions import random_xception, saved
from worker.detectors import load_detector, load_detector_from_file, offers
from worker.weights.registry import REGISTRY, LabelOrder

MIRRORED = [name for name, entry in REGISTRY.items() if entry.golden_logits]
"""Weights that were run when they were registered: the mirror has them."""


@pytest.fixture
def bare(tmp_path: Path) -> Settings:
    """A machine without any weights."""
    return load_settings({"DEEPTRACE_HOME": str(tmp_path / "home")})


@pytest.fixture(scope="module")
def own_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An Xception with one output, trained by nobody."""
    path = tmp_path_factory.mktemp("own") / "own.pth"
    path.write_bytes(saved(random_xception(1).state_dict()))
    return path


def test_importing_and_offering_need_no_torch() -> None:
    """The list of detectors appears at once: torch comes with the first one loaded."""
    code = (
        "import sys; from worker.detectors import offers; from deeptrace_core.settings import load_settings; "
        "assert offers(load_settings()); assert not {'torch', 'timm', 'h5py', 'pooch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, check=True)


def test_offers_say_which_weights_are_here(bare: Settings, mirrored: Settings) -> None:
    """Every registered detector is offered; it is ready where its file is."""
    bundled = {entry.name: entry.bundled for entry in REGISTRY.values()}
    assert {offer.name: offer.ready for offer in offers(bare)} == bundled
    assert {offer.name for offer in offers(mirrored) if offer.ready} == set(MIRRORED)


@pytest.mark.parametrize("name", MIRRORED)
def test_registered_detectors_load_from_the_mirror(name: str, mirrored: Settings) -> None:
    """What the report says of a detector is what the registry says."""
    entry, detector = REGISTRY[name], load_detector(name, mirrored, device="cpu")
    assert detector.info.name == name
    assert detector.info.weights_sha256 == entry.sha256
    assert detector.info.licence == entry.licence
    assert detector.info.accuracy == entry.accuracy
    assert detector.info.threshold_low == entry.threshold_low
    assert detector.info.threshold_high == entry.threshold_high


def test_the_default_detector_needs_no_file_from_outside(bare: Settings) -> None:
    """A fresh clone can score, and its reports say on what material the error rates were measured."""
    entry = REGISTRY[bare.detector]
    assert entry.bundled
    info = load_detector(bare.detector, bare, device="cpu").info
    assert info.weights_sha256 == entry.sha256
    assert info.quality_floor is not None
    assert info.quality_floor == entry.quality_floor


@pytest.mark.parametrize("name", [name for name, entry in REGISTRY.items() if not entry.bundled])
def test_without_weights_there_is_no_detector(name: str, bare: Settings) -> None:
    """Never a random network: an error whose advice mends it."""
    with pytest.raises(ModelUnavailableError) as error:
        load_detector(name, bare)
    assert error.value.advice == f"Run: python -m worker models pull {name}"


def test_an_unknown_name_lists_the_known_ones(bare: Settings) -> None:
    """A typing mistake is told apart from missing weights."""
    with pytest.raises(InputError) as error:
        load_detector("xception-of-dreams", bare)
    assert all(name in error.value.advice for name in REGISTRY)


def test_own_weights_are_called_unregistered(own_file: Path) -> None:
    """The report names the bytes and the preset, and claims nothing else."""
    detector = load_detector_from_file(own_file, "ffpp299", device="cpu")
    info = detector.info
    assert info.name == "unregistered weights"
    assert info.weights_sha256 == digest(own_file.read_bytes())
    assert (info.licence, info.accuracy) == ("unknown", ())
    assert (info.threshold_low, info.threshold_high) == (0.0, 0.9)
    assert info.preset == detector.preset.name == "ffpp299"


def test_own_weights_need_a_preset(own_file: Path) -> None:
    """Weights do not say how their faces were cut, so a person must."""
    with pytest.raises(InputError, match="its preset must be named") as error:
        load_detector_from_file(own_file)
    assert "ffpp299" in error.value.advice
    with pytest.raises(InputError, match="no preset called 'nonsense'"):
        load_detector_from_file(own_file, "nonsense")


def test_own_weights_must_fit_the_label_order(own_file: Path) -> None:
    """One output cannot be read as two."""
    with pytest.raises(WeightsRejectedError, match="outputs of shape"):
        load_detector_from_file(own_file, "ffpp299", label_order=LabelOrder.SOFTMAX_FAKE_FIRST, device="cpu")


def test_a_registered_file_is_recognised_by_its_digest(mirror: Path) -> None:
    """Whoever passes a published file by hand gets its own preset and name."""
    path = mirror / REGISTRY["meso4-df"].file_name
    assert load_detector_from_file(path, device="cpu").info.name == "meso4-df"
    assert load_detector_from_file(path, "meso256", device="cpu").info.name == "meso4-df"
    with pytest.raises(InputError, match="goes with the preset meso256"):
        load_detector_from_file(path, "ffpp299")


def test_a_file_that_cannot_be_read_is_an_input_error(tmp_path: Path) -> None:
    """No such file, and a folder in its place."""
    for path in (tmp_path / "none.pth", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            load_detector_from_file(path, "ffpp299")


def test_text_is_not_weights(tmp_path: Path) -> None:
    """A web page saved under the name of a checkpoint is refused."""
    path = tmp_path / "page.pth"
    path.write_text("<!DOCTYPE html>")
    with pytest.raises(WeightsRejectedError, match="no network weights"):
        load_detector_from_file(path, "ffpp299")
