"""How often a detector is wrong, as far as that was measured, in words."""

from deeptrace_core.model import AccuracyFigure, DetectorInfo

FALSE_ALARMS = "false alarms"
"""The metric: the share of unmanipulated videos with a score in which signs were found."""
MISSES = "misses"
"""The metric: the share of manipulated videos with a score in which signs were not found."""


def error_rates(detector: DetectorInfo) -> str | None:
    """ "measured on X, 40 videos: false alarms 5 % (likely 1 % to 24 %), misses 40 % (...)", or None.

    One such phrase for each set on which the error rates at these thresholds were measured.
    """
    by_set: dict[str, list[AccuracyFigure]] = {}
    for figure in detector.accuracy:
        if figure.origin == "measured" and figure.metric in (FALSE_ALARMS, MISSES):
            by_set.setdefault(figure.data, []).append(figure)
    return (
        "; ".join(
            f"measured on {data}: {', '.join(f'{figure.metric} {_share(figure)}' for figure in figures)}"
            for data, figures in by_set.items()
        )
        or None
    )


def limit(detector: DetectorInfo) -> str:
    """The sentence that stands among the limits of each report by this detector."""
    return f"Error rates of {detector.name}: {error_rates(detector) or 'not measured on material like this'}."


def _share(figure: AccuracyFigure) -> str:
    if figure.low is None or figure.high is None:
        return _percent(figure.value)
    return f"{_percent(figure.value)} (likely {_percent(figure.low)} to {_percent(figure.high)})"


def _percent(value: float) -> str:
    return f"{round(100 * value, 1):g} %"
