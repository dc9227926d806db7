"""The networks of the detectors in PyTorch, with their weights and the normalisation of their preset."""

import importlib
from types import ModuleType

from worker.detectors import ARCHITECTURES
from worker.detectors.golden import known_crops
from worker.faces.crops import PRESETS
from worker.runtimes.network import Built, Normalised


def last_map(architecture: str) -> str:
    """The part of a normalised network that gives the last features which still have a place."""
    return f"network.{_module(architecture).LAST_MAP}"


def normalised_network(architecture: str, preset: str, data: bytes) -> Normalised:
    """(n, size, size, 3) uint8 -> (n, outputs) logits.

    Raises:
        WeightsRejectedError: the weights are not those of this architecture.
    """
    return Normalised(_module(architecture).load_network(architecture, data), PRESETS[preset])


def build(arguments: tuple[str, ...], data: bytes) -> Built:
    """See `worker.runtimes.conversion.Builder`. The arguments: architecture and preset."""
    architecture, preset = arguments
    size_px = PRESETS[preset].size_px
    return Built(
        network=normalised_network(architecture, preset, data),
        inputs=known_crops(size_px),
        shape=(-1, size_px, size_px, 3),
    )


def _module(architecture: str) -> ModuleType:
    return importlib.import_module(ARCHITECTURES[architecture])
