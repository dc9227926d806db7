"""`python -m benchmarks.agreement LABELS.csv`: does the fast way say the same of videos as the usual one?

The usual way: facenet-pytorch's MTCNN searches every frame, PyTorch scores. The fast one: what a worker on a
CPU does. Both look at the same frames, often enough a second that faces are followed between key frames, with
the default detector, and come to a verdict by the same rule. Prints a line a video: both verdicts and scores,
the share of the usual way's scored faces that the fast one finds, and how well their boxes agree.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.pipelines.agreement import SAME_FACE
from deeptrace_core.model import AnalysisOptions, Assessed, Report
from deeptrace_core.settings import Settings, load_settings
from worker.evaluation.labels import read_labels
from worker.faces.boxes import overlap
from worker.models import Models
from worker.pipeline import analyze
from worker.sandbox import Sandbox
from worker.software import software

RATE_HZ = 10.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agreement", description=__doc__)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--rate-hz", type=float, default=RATE_HZ)
    options = parser.parse_args(arguments)
    settings = load_settings()
    usual, fast = Models(replace(settings, device="cpu", runtime="torch")), Models(settings)
    found: list[float] = []
    _say("| video | usual | fast | score, usual | fast | faces, usual | found | IoU |")
    _say("|---|---|---|---|---|---|---|---|")
    for sample in read_labels(options.labels).samples:
        reports = [_report(sample.paths[0], models, settings, options.rate_hz) for models in (usual, fast)]
        best = _best_overlaps(*reports)
        found += best
        verdicts = [str(report.finding.verdict) for report in reports]
        cells = [Path(sample.name).name, *verdicts, *map(_score, reports), len(best), *_told(best)]
        _say("| " + " | ".join(map(str, cells)) + " |")
    _say(f"\nAll: {len(found)} faces, found and IoU {', '.join(_told(found))}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _report(path: Path, models: Models, settings: Settings, rate_hz: float) -> Report:
    return analyze(
        path,
        AnalysisOptions(detector=settings.detector, rate_hz=rate_hz),
        media=Sandbox(),
        models=models,
        software=software("cpu"),
        on_progress=lambda _: None,
    ).report


def _best_overlaps(usual: Report, fast: Report) -> list[float]:
    return [
        max((overlap(face.box, other.box) for other in others.faces), default=0.0)
        for frame, others in zip(usual.frames, fast.frames, strict=True)
        for face in frame.faces
        if face.fake_probability is not None
    ]


def _score(report: Report) -> str:
    return f"{report.finding.score.mean:.4f}" if isinstance(report.finding, Assessed) else "none"


def _told(best: Sequence[float]) -> list[str]:
    same = [value for value in best if value > SAME_FACE]
    if not same:
        return ["none", "none"]
    return [f"{len(same) / len(best):.3f}", f"{statistics.median(same):.3f}"]


if __name__ == "__main__":
    sys.exit(main())
