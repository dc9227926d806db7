"""Makes the 8-bit form of an Xception for `ours`, without asking the gate: it is the speed that counts."""

import sys
import tempfile
from pathlib import Path

from benchmarks.pipelines.weights import PRESET, faces_of
from deeptrace_core.settings import load_settings
from worker.detectors import load_detector_from_file
from worker.detectors.network_detector import NetworkDetector
from worker.runtimes.int8 import keep, quantize
from worker.runtimes.openvino_runtime import OpenVinoRuntime


def main(clip: str, weights: str) -> None:
    """Quantize with faces of the clip, and keep the result."""
    detector = load_detector_from_file(Path(weights), PRESET.name, settings=load_settings(), device="cpu")
    assert isinstance(detector, NetworkDetector)
    assert isinstance(detector.runtime, OpenVinoRuntime)
    with tempfile.TemporaryDirectory() as folder:
        quantize(detector.runtime.network, faces_of([Path(clip)]), Path(folder))
        keep(detector.runtime.network, Path(folder), {"made for": "a benchmark"})


if __name__ == "__main__":
    main(*sys.argv[1:])
