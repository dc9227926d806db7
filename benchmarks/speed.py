"""`python -m benchmarks.speed VIDEO...`: the whole pipeline against the usual one, same frames, on a CPU.

The usual one, `benchmarks/pipelines/usual.py`: cv2 reads, facenet-pytorch's MTCNN looks at each frame at full
resolution with its defaults, PyTorch's Xception scores one face at a time. Ours: what a worker does, from the
file to the report. Both score every frame of a part of each video, with the same Xception, whose weights are
random but for its batch norms. They alternate, each in a process of its own; each figure is the median over
the rounds. Loading networks is not counted, and decoders in processes of their own are. Where there is a GPU,
ours runs on it, too. Prints a table; --json writes all figures.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.pipelines.agreement import agreement
from benchmarks.pipelines.clip import part
from benchmarks.pipelines.peak import matmul_faces_a_s
from benchmarks.pipelines.weights import write_weights
from benchmarks.server import load_average
from deeptrace_core.settings import PROJECT_ROOT
from worker.runtimes.device import CPU, choose_device

ROUNDS = 3

Run = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("videos", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--start", type=int, default=0, help="the first frame of the part")
    parser.add_argument("--frames", type=int, help="how many frames it has (default: all)")
    parser.add_argument("--height", type=int, help="make the part this high, in pixels")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        clips = [
            part(video, scratch / video.name, options.start, options.frames, options.height)
            for video in options.videos
        ]
        weights = write_weights(clips, scratch / "xception.safetensors")
        outcome = {
            "cores": len(os.sched_getaffinity(0)),
            "load": load_average(),
            "bound_faces_a_s": matmul_faces_a_s(),
            "videos": {clip.name: _compared(clip, weights, options.rounds, scratch) for clip in clips},
        }
    if options.json:
        options.json.write_text(json.dumps(outcome, indent=2) + "\n")
    sys.stdout.write(_table(outcome))
    return 0


def _compared(clip: Path, weights: Path, rounds: int, scratch: Path) -> Run:
    one_core = {min(os.sched_getaffinity(0))}
    _run("ours", clip, weights, scratch)  # converts the networks, once in a worker's life
    _start("int8", clip, weights, scratch)
    runs: dict[str, list[Run]] = {"usual": [], "ours": [], "ours on one core": [], "ours in 8 bits": []}
    gpu, on_gpu = choose_device(None), []
    for _ in range(rounds):
        if gpu != CPU:
            on_gpu.append(_run("ours", clip, weights, scratch, DEEPTRACE_DEVICE=gpu))
        runs["usual"].append(_run("usual", clip, weights, scratch))
        runs["ours"].append(_run("ours", clip, weights, scratch))
        runs["ours on one core"].append(_run("ours", clip, weights, scratch, cores=one_core))
        runs["ours in 8 bits"].append(_run("ours", clip, weights, scratch, DEEPTRACE_PRECISION="int8"))
    usual, ours, alone, int8 = runs.values()
    figures = ("cpu_s", "wall_s", "peak_rss_mb")
    return {
        **{name: {figure: _median(each, figure) for figure in figures} for name, each in runs.items()},
        "frames": len(ours[0]["scores"]),
        "cpu_ratio": _ratio(usual, ours, "cpu_s"),
        "wall_ratio": _ratio(usual, ours, "wall_s"),
        "int8_cpu_ratio": _ratio(usual, int8, "cpu_s"),
        "int8_device": int8[0]["device"],
        "two_cores_over_one": _ratio(alone, ours, "wall_s"),
        "shares": ours[0]["shares"],
        "device": ours[0]["device"],
        "agreement": agreement(usual[0], ours[0]),
        "on_gpu": _told_of_gpu(usual, on_gpu) if on_gpu else None,
    }


def _told_of_gpu(usual: Sequence[Run], on_gpu: Sequence[Run]) -> Run:
    return {
        "device": on_gpu[0]["device"],
        "wall_s": _median(on_gpu, "wall_s"),
        "wall_ratio": _ratio(usual, on_gpu, "wall_s"),
        "shares": on_gpu[0]["shares"],
        "agreement": agreement(usual[0], on_gpu[0]),
    }


def _median(runs: Sequence[Run], figure: str) -> float:
    return float(statistics.median(run[figure] for run in runs))


def _ratio(slower: Sequence[Run], faster: Sequence[Run], figure: str) -> float:
    return float(statistics.median(a[figure] / b[figure] for a, b in zip(slower, faster, strict=True)))


def _run(
    name: str, clip: Path, weights: Path, scratch: Path, *, cores: set[int] | None = None, **more: str
) -> Run:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores or allowed)
    try:
        run: Run = json.loads(_start(name, clip, weights, scratch, **more))
    finally:
        os.sched_setaffinity(0, allowed)
    return run


def _start(name: str, clip: Path, weights: Path, scratch: Path, **more: str) -> bytes:
    return subprocess.run(
        [sys.executable, "-m", f"benchmarks.pipelines.{name}", str(clip), str(weights)],
        cwd=PROJECT_ROOT,
        env=os.environ | {"DEEPTRACE_HOME": str(scratch / "home"), "DEEPTRACE_DEVICE": CPU} | more,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout


def _table(outcome: Run) -> str:
    bound = outcome["bound_faces_a_s"]
    lines = [
        f"{outcome['cores']} cores, load {outcome['load']}; an Xception's matrix products alone would let "
        f"{bound:.1f} faces a CPU second through",
        "",
        "| video | frames | faces | frames a CPU second | ratio | in 8 bits | wall | 2 cores over 1 "
        "| of the bound | peak MB | recall | IoU | video scores |",
        "|---" * 13 + "|",
    ]
    told_of_gpu = []
    for name, one in outcome["videos"].items():
        if gpu := one["on_gpu"]:
            rate, video_scores = one["frames"] / gpu["wall_s"], map(_number, gpu["agreement"]["video_scores"])
            told_of_gpu.append(
                f"{name}, {gpu['device']}: {rate:.0f} frames a second, {gpu['wall_ratio']:.0f} x the usual, "
                f"video scores {', '.join(video_scores)}"
            )
        rates = [f"{one['frames'] / one[who]['cpu_s']:.2f}" for who in ("usual", "ours")]
        same = one["agreement"]
        share = same["faces"][1] / one["ours"]["cpu_s"] / bound
        cells = [
            name,
            one["frames"],
            ", ".join(map(str, same["faces"])),
            ", ".join(rates),
            f"{one['cpu_ratio']:.1f}",
            f"{one['int8_cpu_ratio']:.1f}",
            f"{one['wall_ratio']:.1f}",
            f"{one['two_cores_over_one']:.2f}",
            f"{share:.0%}",
            f"{one['ours']['peak_rss_mb']:.0f}",
            _number(same["recall"]),
            _number(same["median_iou"]),
            ", ".join(map(_number, same["video_scores"])),
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join([*lines, *told_of_gpu]) + "\n"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
