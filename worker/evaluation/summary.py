"""Outcomes and labels -> the figures of an evaluation. A case without a score is counted, never scored."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import Verdict
from worker.evaluation.figures import SCHEMA, Bin, Evaluation, FrameFigures, Separation, Speed, VideoFigures
from worker.evaluation.labels import FAKE, REAL, Sample
from worker.evaluation.measure import Outcome, Recipe
from worker.evaluation.metrics import (
    Estimate,
    auc,
    auc_interval,
    average_precision,
    bootstrapped,
    equal_error_rate,
    rate,
)

BINS = 10

Measured = tuple[Sample, Outcome]


def evaluation_of(
    measured: Sequence[Measured],
    recipe: Recipe,
    *,
    set_name: str,
    labels_sha256: str,
    made_at: str,
    rows_left_out: int,
    duplicates: int,
) -> Evaluation:
    """All figures; see `Evaluation` for the arguments."""
    detector = recipe.info
    return Evaluation(
        schema=SCHEMA,
        set_name=set_name,
        labels_sha256=labels_sha256,
        made_at=made_at,
        detector=detector,
        options=recipe.options,
        software=recipe.software,
        recipe_sha256=recipe.sha256,
        rows_left_out=rows_left_out,
        duplicates=duplicates,
        outcomes=outcome_counts(measured),
        videos=video_figures(measured),
        frames=frame_figures(measured, threshold_high=detector.threshold_high),
        speed=speed(measured),
    )


def outcome_counts(measured: Sequence[Measured]) -> dict[str, dict[str, int]]:
    """See `Evaluation.outcomes`."""
    counts: dict[str, Counter[str]] = {REAL: Counter(), FAKE: Counter()}
    for sample, outcome in measured:
        ended = outcome.reason or outcome.verdict or "SCORED"
        counts[FAKE if sample.fake else REAL][str(ended)] += 1
    return {label: dict(sorted(found.items())) for label, found in counts.items()}


def video_figures(measured: Sequence[Measured]) -> VideoFigures | None:
    """See `Evaluation.videos`."""
    videos = [(sample.fake, outcome) for sample, outcome in measured if sample.is_video]
    if not videos:
        return None
    scored = [(fake, outcome) for fake, outcome in videos if outcome.score is not None]
    verdicts = Counter((fake, outcome.verdict) for fake, outcome in scored)
    real, fake = sum(not fake for fake, _ in scored), sum(fake for fake, _ in scored)
    scores = np.array([outcome.score for _, outcome in scored], dtype=np.float64)
    labels = np.array([fake for fake, _ in scored], dtype=bool)
    return VideoFigures(
        real=real,
        fake=fake,
        without_score=rate(len(videos) - len(scored), len(videos)),
        inconclusive=rate(
            verdicts[True, Verdict.INCONCLUSIVE] + verdicts[False, Verdict.INCONCLUSIVE], len(scored)
        ),
        false_alarms=rate(verdicts[False, Verdict.SIGNS_FOUND], real),
        misses=rate(fake - verdicts[True, Verdict.SIGNS_FOUND], fake),
        fake_without_signs=rate(verdicts[True, Verdict.NO_SIGNS_FOUND], fake),
        separation=_separation(scores, labels, np.arange(len(scores))),
        reliability=reliability(scores, labels),
    )


def frame_figures(measured: Sequence[Measured], *, threshold_high: float) -> FrameFigures:
    """See `Evaluation.frames`."""
    counts = [len(outcome.frame_scores) for _, outcome in measured]
    scores = np.array([score for _, outcome in measured for score in outcome.frame_scores], dtype=np.float64)
    labels = np.repeat(np.array([sample.fake for sample, _ in measured], dtype=bool), counts)
    case = np.repeat(np.arange(len(counts)), counts)
    suspicious = scores >= threshold_high
    separate = not any(sample.is_video for sample, _ in measured)
    real, fake = int(np.sum(~labels)), int(np.sum(labels))
    return FrameFigures(
        real=real,
        fake=fake,
        separation=_separation(scores, labels, case),
        false_alarms=rate(int(np.sum(suspicious & ~labels)), real) if separate else None,
        misses=rate(int(np.sum(~suspicious & labels)), fake) if separate else None,
        reliability=reliability(scores, labels),
    )


def _separation(
    scores: NDArray[np.float64], fake: NDArray[np.bool_], case: NDArray[np.int64]
) -> Separation | None:
    if fake.all() or not fake.any():
        return None
    cases, case = np.unique(case, return_inverse=True)
    area, errors, precision = bootstrapped((auc, equal_error_rate, average_precision), scores, fake, case)
    if len(cases) == len(scores):
        # Of independent cases there is an interval that needs no crowd.
        low, high = auc_interval(area.value, int(fake.sum()), int((~fake).sum()))
        area = Estimate(value=area.value, low=low, high=high)
    return Separation(auc=area, equal_error_rate=errors, average_precision=precision)


def reliability(scores: NDArray[np.float64], fake: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """The columns of a reliability diagram: ten of equal width; a score of 1 is in the last."""
    column = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    bins = []
    for number in range(BINS):
        inside = column == number
        bins.append(
            Bin(
                low=number / BINS,
                high=(number + 1) / BINS,
                mean_score=float(scores[inside].mean()) if inside.any() else None,
                fake=rate(int(fake[inside].sum()), int(inside.sum())),
            )
        )
    return tuple(bins)


def speed(measured: Sequence[Measured]) -> Speed:
    """See `Evaluation.speed`."""
    seconds = sum(outcome.seconds for _, outcome in measured)
    frames = sum(outcome.frames for _, outcome in measured)
    return Speed(seconds=seconds, frames=frames, frames_per_s=frames / seconds if seconds else 0.0)
