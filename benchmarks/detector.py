"""`python -m benchmarks.detector`: how many faces a second does a detector score?

Prints one JSON object. The crops are noise: what they show does not change the speed.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence

import numpy as np
import torch

from deeptrace_core.settings import load_settings
from worker.detectors import load_detector

BATCH = 32
ROUNDS = 60
WARM_UP = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detector", description=__doc__)
    parser.add_argument("--detector", metavar="NAME", help="default: the one of the settings")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parsed = parser.parse_args(arguments)
    torch.set_num_threads(parsed.threads)
    settings = load_settings()
    detector = load_detector(parsed.detector or settings.detector, settings, device=settings.device)
    size = detector.preset.size_px
    crops = np.random.default_rng(0).integers(0, 256, (BATCH, size, size, 3), dtype=np.uint8)
    seconds = []
    for _ in range(WARM_UP + ROUNDS):
        start = time.perf_counter()
        detector.score(crops)
        seconds.append(time.perf_counter() - start)
    answer = {
        "detector": detector.info.name,
        "device": detector.device,
        "threads": parsed.threads,
        "batch": BATCH,
        "faces_per_s": round(BATCH / statistics.median(seconds[WARM_UP:])),
    }
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
