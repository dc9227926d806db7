"""The registry: data that must fit together."""

import re
from urllib.parse import urlparse

import pytest

from deeptrace_core.canonical import digest
from deeptrace_core.errors import InputError
from deeptrace_core.settings import PROJECT_ROOT
from worker.detectors import ARCHITECTURES
from worker.faces.crops import PRESETS
from worker.weights.audio_registry import AUDIO_REGISTRY
from worker.weights.files import BUNDLED_DIR
from worker.weights.registry import REGISTRY, LabelOrder, RegisteredWeights, registered, registered_by_sha256

ENTRIES = pytest.mark.parametrize("entry", REGISTRY.values(), ids=REGISTRY.keys())


@ENTRIES
def test_every_entry_names_things_that_exist(entry: RegisteredWeights) -> None:
    """An entry's architecture and preset are known, its thresholds in order, its address fixed."""
    assert entry.architecture in ARCHITECTURES
    assert entry.preset in PRESETS
    assert 0 <= entry.threshold_low < entry.threshold_high < 1
    assert entry.sha256 is None or re.fullmatch("[0-9a-f]{64}", entry.sha256)
    assert urlparse(entry.address).scheme == ("" if entry.bundled else "https")
    assert entry.size_bytes is None or entry.size_bytes > 0
    assert len(entry.golden_logits) in (0, entry.label_order.outputs)
    assert entry.licence
    assert entry.licence_note
    assert all(figure.origin in ("measured", "published") for figure in entry.accuracy)


def test_bundled_weights_are_in_the_project_and_small() -> None:
    """What comes with every clone is where its address says, and under a megabyte."""
    bundled = [entry for entry in REGISTRY.values() if entry.bundled]
    assert bundled
    for entry in bundled:
        path = PROJECT_ROOT / entry.address
        assert path.parent == BUNDLED_DIR
        assert digest(path.read_bytes()) == entry.sha256
        assert path.stat().st_size == entry.size_bytes < 1_000_000


def test_the_model_card_names_the_bundled_weights() -> None:
    """Name, digest, thresholds and quality floor on the card are those that are used."""
    card = (BUNDLED_DIR / "MODEL_CARD.md").read_text()
    for entry in REGISTRY.values():
        if entry.bundled:
            assert entry.name in card
            assert entry.sha256 in card
            assert f"{entry.threshold_low:g} and {entry.threshold_high:g}" in card
            assert all(f"{figure.value:g}" in card for figure in entry.accuracy)
            assert entry.quality_floor is not None
            assert f"{entry.quality_floor.min_face_px:g} px" in card
            assert f"{entry.quality_floor.min_sharpness:g} of sharpness" in card
            assert f"{entry.quality_floor.min_bits_per_px:g} bits" in card


def test_files_are_told_apart_by_name_and_digest() -> None:
    """No two entries share a file name (a mirror is one folder) or a SHA-256."""
    assert len({entry.file_name for entry in REGISTRY.values()}) == len(REGISTRY)
    assert len({entry.sha256 for entry in REGISTRY.values()}) == len(REGISTRY)


def test_hashes_in_names_are_the_hashes() -> None:
    """The authors of the ICPR 2020 weights put the SHA-256 into the file's name."""
    named = [entry for entry in REGISTRY.values() if "_bestval-" in entry.file_name]
    assert len(named) == 2
    assert all(entry.file_name.endswith(f"_bestval-{entry.sha256}.pth") for entry in named)


@pytest.mark.parametrize(("registry", "kind"), [(REGISTRY, "detector"), (AUDIO_REGISTRY, "audio detector")])
def test_unknown_name_lists_the_known_ones(registry: dict[str, RegisteredWeights], kind: str) -> None:
    """Who mistypes a name is shown the right ones, and of the kind that was asked for."""
    with pytest.raises(InputError, match=f"There is no {kind} called 'meso5'") as error:
        registered("meso5", registry, kind)
    assert error.value.advice == f"Choose one of: {', '.join(registry)}."


def test_entry_is_found_by_digest() -> None:
    """A file on disk is recognised by its SHA-256 alone."""
    entry = registered("meso4-df")
    assert entry.sha256
    assert registered_by_sha256(entry.sha256) is entry
    assert registered_by_sha256("0" * 64) is None


def test_label_orders_say_how_many_outputs() -> None:
    """A sigmoid has one output, a softmax two."""
    assert {order: order.outputs for order in LabelOrder} == {
        LabelOrder.SIGMOID_REAL: 1,
        LabelOrder.SIGMOID_FAKE: 1,
        LabelOrder.SOFTMAX_FAKE_FIRST: 2,
        LabelOrder.SOFTMAX_FAKE_SECOND: 2,
    }
