"""The figures of an evaluation for people and programs: text, JSON, a table of the cases."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cattrs

from worker.evaluation.figures import Evaluation, Separation
from worker.evaluation.labels import FAKE, REAL
from worker.evaluation.metrics import Estimate, Rate
from worker.evaluation.summary import Measured

DIGITS = 6
COLUMNS = (
    "path",
    "label",
    "verdict",
    "reason",
    "score",
    "frames",
    "frames_scored",
    "mean_frame_score",
    "seconds",
    "sha256",
)

_converter = cattrs.Converter()
_converter.register_unstructure_hook(float, lambda value: round(value, DIGITS))


def evaluation_document(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as a JSON document."""
    document: dict[str, Any] = _converter.unstructure(evaluation)
    return document


def write_table(measured: Sequence[Measured], path: Path) -> None:
    """One line for each case, as CSV. An empty cell means that there is no such number."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for sample, outcome in measured:
            scores = outcome.frame_scores
            table.writerow(
                [
                    sample.name,
                    FAKE if sample.fake else REAL,
                    outcome.verdict or "",
                    outcome.reason or "",
                    "" if outcome.score is None else f"{outcome.score:.6f}",
                    outcome.frames,
                    len(scores),
                    f"{sum(scores) / len(scores):.6f}" if scores else "",
                    f"{outcome.seconds:.3f}",
                    outcome.media_sha256,
                ]
            )


def evaluation_text(evaluation: Evaluation) -> str:
    """The evaluation for a person."""
    detector, videos, frames = evaluation.detector, evaluation.videos, evaluation.frames
    lines = [
        f"Set         {evaluation.set_name}: {_counts(evaluation)}",
        f"Detector    {detector.name}, weights {detector.weights_sha256[:12]}, preset {detector.preset}, "
        f"on {evaluation.software.device}",
    ]
    for label, counts in evaluation.outcomes.items():
        ended = ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "none"
        lines.append(f"Labelled {label}: {ended}")
    if videos:
        lines += [
            "",
            f"Videos with a score: {videos.real} real, {videos.fake} fake",
            f"  without score    {_rate(videos.without_score)} of all",
            f"  inconclusive     {_rate(videos.inconclusive)}",
            f"  false alarms     {_rate(videos.false_alarms)} of the real ones "
            f"(signs found: likely range above {detector.threshold_high:g})",
            f"  misses           {_rate(videos.misses)} of the fake ones "
            f"({videos.fake_without_signs.count} of them read as no signs found)",
            *_separation(videos.separation),
        ]
    lines += [
        "",
        f"Frames with a score: {frames.real} real, {frames.fake} fake",
        *_separation(frames.separation),
    ]
    if frames.false_alarms and frames.misses:
        lines += [
            f"  false alarms     {_rate(frames.false_alarms)} of the real ones "
            f"(score {detector.threshold_high:g} or more)",
            f"  misses           {_rate(frames.misses)} of the fake ones",
        ]
    speed = evaluation.speed
    lines += [
        "",
        f"Speed       {speed.frames} frames in {speed.seconds:.1f} s, {speed.frames_per_s:.1f} frames/s",
        "In brackets: 95 % intervals. They cover the choice of cases, not material of another kind.",
    ]
    return "\n".join(lines)


def _counts(evaluation: Evaluation) -> str:
    cases = sum(sum(counts.values()) for counts in evaluation.outcomes.values())
    said = f"{cases} cases"
    if evaluation.rows_left_out:
        said += f", {evaluation.rows_left_out} rows without a label left out"
    if evaluation.duplicates:
        said += f", {evaluation.duplicates} duplicates left out"
    return said


def _separation(separation: Separation | None) -> list[str]:
    if separation is None:
        return ["  AUC              needs both labels"]
    return [
        f"  AUC              {_estimate(separation.auc)}",
        f"  equal error rate {_estimate(separation.equal_error_rate)}",
        f"  avg. precision   {_estimate(separation.average_precision)}",
    ]


def _estimate(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f} (too few cases for an interval)"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def _rate(share: Rate) -> str:
    if share.value is None or share.low is None or share.high is None:
        return "none to count"
    return f"{share.count} of {share.of} = {share.value:.1%} ({share.low:.1%} to {share.high:.1%})"
