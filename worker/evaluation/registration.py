"""What of an evaluation stands in every later report by the same detector."""

from deeptrace_core.accuracy import FALSE_ALARMS, MISSES
from deeptrace_core.model import AccuracyFigure
from worker.evaluation.figures import Evaluation
from worker.evaluation.metrics import Estimate, Rate


def accuracy_figures(evaluation: Evaluation) -> tuple[AccuracyFigure, ...]:
    """Error rates and AUC by video where the list has videos, and the AUC by frame."""
    figures = []
    videos, frames = evaluation.videos, evaluation.frames
    if videos:
        scored = videos.real + videos.fake
        data = f"{evaluation.set_name}, {scored:,} {'video' if scored == 1 else 'videos'}"
        figures += [
            _figure(metric, share, data)
            for metric, share in ((FALSE_ALARMS, videos.false_alarms), (MISSES, videos.misses))
            if share.of
        ]
        if videos.separation:
            figures.append(_figure("video AUC", videos.separation.auc, data))
    if frames.separation:
        data = f"{evaluation.set_name}, {frames.real + frames.fake:,} frames"
        figures.append(_figure("frame AUC", frames.separation.auc, data))
    return tuple(figures)


def _figure(metric: str, found: Rate | Estimate, data: str) -> AccuracyFigure:
    assert found.value is not None
    return AccuracyFigure(
        metric=metric, value=found.value, data=data, origin="measured", low=found.low, high=found.high
    )
