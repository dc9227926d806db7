"""`python -m benchmarks.stages VIDEO...`: how much sooner are our stages done than the usual ones, on a CPU?

Prints one JSON object. Face finding: facenet-pytorch's own driver over ours, at the same resolution and
thresholds, on ten frames of each video. Xception: PyTorch over OpenVINO, in batches of 8, with random
weights, which do not change the speed. Each is the median of alternating rounds, in CPU seconds of a thread.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import av
import numpy as np
import safetensors.torch
import timm
import torch

from benchmarks.server import load_average
from deeptrace_core.settings import load_settings
from worker.detectors.networks import normalised_network
from worker.faces.crops import PRESETS, Image
from worker.faces.fast_mtcnn import FastMtcnnFaceFinder, mtcnn_networks
from worker.faces.mtcnn import MtcnnFaceFinder
from worker.runtimes.converted import converted_networks
from worker.runtimes.openvino_runtime import OpenVinoRuntime
from worker.runtimes.spread import Spread
from worker.runtimes.torch_runtime import TorchRuntime

ROUNDS = 3
FRAMES = 10
BATCH = 8
MIN_FACE_PX = 64
PRESET = "ffpp299"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages", description=__doc__)
    parser.add_argument("videos", type=Path, nargs="+")
    videos = parser.parse_args(arguments).videos
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    torch.set_num_threads(1)
    outcome = {
        "load": load_average(),
        "xception_ratio": _xception(),
        "face_finding_ratio": {video.name: _face_finding(_frames(video)) for video in videos},
    }
    sys.stdout.write(json.dumps(outcome, indent=2) + "\n")
    return 0


def _frames(video: Path) -> list[Image]:
    with av.open(str(video)) as container:
        step = max(container.streams.video[0].frames // FRAMES, 1)
        chosen = (frame for n, frame in enumerate(container.decode(video=0)) if n % step == 0)
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in islice(chosen, FRAMES)]


def _face_finding(frames: list[Image]) -> float:
    networks = mtcnn_networks(load_settings().converted_dir)
    assert networks is not None
    finders = (
        MtcnnFaceFinder(min_face_px=MIN_FACE_PX),
        FastMtcnnFaceFinder(networks, min_face_px=MIN_FACE_PX),
    )
    usual, ours = (lambda finder=finder: [finder.find(frame) for frame in frames] for finder in finders)
    return _ratio(usual, ours)


def _xception() -> float:
    weights = safetensors.torch.save(timm.create_model("legacy_xception", num_classes=1).state_dict())
    usual = TorchRuntime(normalised_network("xception", PRESET, weights), "cpu", BATCH)
    with tempfile.TemporaryDirectory() as folder:
        found = converted_networks(
            "worker.detectors.networks", [("xception", PRESET)], weights, Path(folder), Spread.OVER_PICTURES
        )
        assert found is not None
        ours = OpenVinoRuntime(found[0])
        size_px = PRESETS[PRESET].size_px
        crops = np.random.default_rng(0).integers(0, 256, (BATCH, size_px, size_px, 3)).astype(np.uint8)
        return _ratio(lambda: usual.logits(crops), lambda: ours.logits(crops))


def _ratio(usual: Callable[[], object], ours: Callable[[], object]) -> float:
    """How many times as long the usual way takes."""
    ours()
    usual()
    ratios = []
    for _ in range(ROUNDS):
        start = _cpu_s()
        ours()
        middle = _cpu_s()
        usual()
        ratios.append((_cpu_s() - middle) / (middle - start))
    return round(statistics.median(ratios), 2)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
