"""Networks in 8-bit integers: more than twice as fast again on a CPU, and not quite the same networks.

What they lose is judged on labelled material before they are used, see `worker.evaluation.int8_gate`.
"""

import json
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from worker.detectors.interface import Crops
from worker.runtimes.converted import KNOWN, NETWORK, ConvertedNetwork, UnusableError

log = logging.getLogger(__name__)

SUFFIX = "-int8"
GATE = "gate.json"
"""In the folder of an 8-bit network: what it was let through with."""


def int8_network(network: ConvertedNetwork, name: str) -> ConvertedNetwork | None:
    """The 8-bit form of a network, if it was let through; None, with a line in the log, if there is none.

    Args:
        name: of the detector, for the log.
    """
    folder = _kept(network)
    if not folder.is_dir():
        log.warning(
            "%s was not let through in 8-bit integers, so it runs as it is. Run: "
            "python -m worker quantize LABELS.csv --detector %s",
            name,
            name,
        )
        return None
    try:
        return ConvertedNetwork(folder, network.spread)
    except UnusableError as error:
        log.warning("%s runs as it is, and not in 8-bit integers: %s.", name, error)
        return None


def quantize(network: ConvertedNetwork, crops: Crops, scratch: Path) -> ConvertedNetwork:
    """Make the 8-bit form in the folder `scratch`, by NNCF's post-training quantization.

    Args:
        crops: typical ones, (n, size, size, 3), uint8, for the ranges of the activations.
    """
    import nncf
    import openvino

    from worker.runtimes.compiled import CompiledNetwork
    from worker.runtimes.openvino_core import core

    model = nncf.quantize(
        core().read_model(network.folder / NETWORK),
        nncf.Dataset([crop[None] for crop in crops]),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(crops),
    )
    openvino.save_model(model, scratch / NETWORK, compress_to_fp16=False)
    with np.load(network.folder / KNOWN) as known:
        inputs = known[known.files[0]]
    outputs = CompiledNetwork(scratch / NETWORK, network.spread)(inputs)
    np.savez(scratch / KNOWN, inputs, *outputs)
    return ConvertedNetwork(scratch, network.spread)


def keep(network: ConvertedNetwork, scratch: Path, gate: Mapping[str, object]) -> None:
    """Let the 8-bit form in `scratch` be used from now on, with what it was let through with."""
    (scratch / GATE).write_text(json.dumps(gate, indent=2) + "\n")
    discard(network)
    shutil.copytree(scratch, _kept(network))


def discard(network: ConvertedNetwork) -> None:
    """Use the 8-bit form no longer."""
    shutil.rmtree(_kept(network), ignore_errors=True)


def _kept(network: ConvertedNetwork) -> Path:
    return network.folder.with_name(network.folder.name + SUFFIX)
