"""`python -m benchmarks.memory`: does a video that is 16 times as long take more memory?

Prints one JSON object: peaks of the analyzing process and of its decoder, each video in fresh processes.
Exit code 1 if either grows by more than 5 % from the shortest to the longest.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.clips import moving_face, write_clip
from benchmarks.fake_models import FakeModels
from benchmarks.peaks import ChildPeak, peak_mb
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.settings import load_settings
from worker.models import Models
from worker.pipeline import ModelSource, analyze
from worker.sandbox import Sandbox
from worker.software import software

LENGTHS = (1, 4, 16)
MOST_GROWTH = 0.05
WIDTH_PX, HEIGHT_PX = 640, 480
RATE_HZ = 25
FRAME_S = 0.06
"""A fast network's time for a frame: long enough for the decoder to run as far ahead as it may."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--base-s", type=float, default=10, help="length of the shortest video, seconds")
    parser.add_argument("--detector", metavar="NAME", help="a real one, and real face finding")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    parsed = parser.parse_args(arguments)
    if parsed.one:
        return _print(measure(parsed.one, parsed.detector))
    with TemporaryDirectory() as folder:
        runs = [_run(Path(folder), length, parsed.base_s, parsed.detector) for length in LENGTHS]
    growth = {which: round(runs[-1][which] / runs[0][which] - 1, 4) for which in ("worker_mb", "decoder_mb")}
    good = max(growth.values()) <= MOST_GROWTH
    _print({"memory": "passed" if good else "failed", "growth": growth, "runs": runs})
    return 0 if good else 1


def measure(path: Path, detector: str | None) -> dict[str, Any]:
    """Analyze one video in this process."""
    settings = load_settings()
    models: ModelSource = Models(settings) if detector else FakeModels(frame_s=FRAME_S)
    with ChildPeak() as decoder:
        analysis = analyze(
            path,
            AnalysisOptions(detector=detector or "brightness"),
            media=Sandbox(),
            models=models,
            software=software("cpu"),
            on_progress=lambda _progress: None,
        )
    return {
        "video_frames": analysis.report.media.frame_count,
        "frames_analyzed": analysis.report.coverage.frames_decoded,
        "frames_with_a_face": analysis.report.coverage.frames_with_face,
        "worker_mb": round(peak_mb(), 1),
        "decoder_mb": round(decoder.mb, 1),
    }


def _run(folder: Path, length: int, base_s: float, detector: str | None) -> dict[str, Any]:
    """Encode a video of this length and analyze it in a process of its own."""
    pictures = moving_face(WIDTH_PX, HEIGHT_PX, round(length * base_s * RATE_HZ))
    video = write_clip(folder / f"{length}.mp4", pictures, codec="libx264")
    command = [sys.executable, "-m", "benchmarks.memory", "--one", str(video)]
    command += ["--detector", detector] if detector else []
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    measured: dict[str, Any] = json.loads(answer)
    return {"length": length} | measured


def _print(outcome: object) -> int:
    sys.stdout.write(json.dumps(outcome) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
