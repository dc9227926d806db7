"""OpenVINO: twice as fast as PyTorch for large networks on a CPU, with the same logits.

What it runs is made from the PyTorch network once, kept by the hash of the weights and the versions of both
programs, and used only if its logits are those of PyTorch.
"""

import logging
import os
from pathlib import Path

import numpy as np
import openvino
import torch
from numpy.typing import NDArray
from torch import nn

from deeptrace_core.canonical import digest
from worker.detectors.golden import TOLERANCE, golden_crop
from worker.detectors.interface import Crops
from worker.runtimes.interface import Runtime
from worker.runtimes.openvino_model import compiled, converted, core

log = logging.getLogger(__name__)


class OpenVinoRuntime:
    """See `Runtime`."""

    name = "OpenVINO"

    def __init__(self, model: openvino.Model) -> None:
        self._compiled = compiled(model)

    def logits(self, crops: Crops) -> NDArray[np.float32]:
        """See `Runtime.logits`."""
        return np.array(self._compiled(np.ascontiguousarray(crops))[self._compiled.output(0)])


def openvino_runtime(
    network: nn.Module, reference: Runtime, *, size_px: int, key: str, folder: Path
) -> OpenVinoRuntime | None:
    """The network in OpenVINO; None, with a line in the log, if it does not give the logits of `reference`.

    Args:
        network: (n, size, size, 3) uint8 -> (n, 1 or 2) logits, on the CPU.
        key: what the weights and their preset are known by.
        folder: where converted networks are kept.
    """
    versions = f"{key} {openvino.__version__} {torch.__version__}"
    path = folder / f"{digest(versions.encode())}.xml"
    try:
        if not path.is_file():
            _convert(network, size_px, path)
        runtime = OpenVinoRuntime(core().read_model(path))
        crops = _known_crops(size_px)
        off = float(np.abs(runtime.logits(crops) - reference.logits(crops)).max())
    except (RuntimeError, OSError) as error:
        log.warning("OpenVINO cannot run this network, so PyTorch does: %s", error)
        return None
    if not off <= TOLERANCE:
        log.warning("OpenVINO's logits differ from PyTorch's by %g, so PyTorch runs the network.", off)
        return None
    return runtime


def _convert(network: nn.Module, size_px: int, path: Path) -> None:
    example = torch.zeros(2, size_px, size_px, 3, dtype=torch.uint8)
    model = converted(network, example, (-1, size_px, size_px, 3))
    path.parent.mkdir(parents=True, exist_ok=True)
    # Another worker may be at it, too: whoever is last puts the same there. The weights come first, since
    # the description alone makes others look for them.
    partial = path.with_name(f"{path.stem}-{os.getpid()}.xml")
    openvino.save_model(model, partial, compress_to_fp16=False)
    os.replace(partial.with_suffix(".bin"), path.with_suffix(".bin"))
    os.replace(partial, path)


def _known_crops(size_px: int) -> Crops:
    noise = np.random.default_rng(1).integers(0, 256, (2, size_px, size_px, 3)).astype(np.uint8)
    return np.concatenate([golden_crop(size_px), noise])
