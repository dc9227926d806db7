"""What a report says about how often its detector is wrong."""

from dataclasses import replace

from deeptrace_core.accuracy import error_rates, limit
from deeptrace_core.model import AccuracyFigure, DetectorInfo
from deeptrace_core.report import parse_report, report_bytes
from tests.core.test_report import DETECTOR, sample_report


def measured(metric: str, value: float, data: str = "X, 40 videos", **interval: float) -> AccuracyFigure:
    return AccuracyFigure(metric=metric, value=value, data=data, origin="measured", **interval)


def detector(*figures: AccuracyFigure) -> DetectorInfo:
    return replace(DETECTOR, accuracy=figures)


def test_both_rates_of_a_set_are_in_one_phrase() -> None:
    """Set, number of videos, and each rate with its range."""
    info = detector(
        measured("false alarms", 0.05, low=0.009, high=0.236),
        measured("misses", 0.4, low=0.2188, high=0.6134),
    )
    assert error_rates(info) == (
        "measured on X, 40 videos: false alarms 5 % (likely 0.9 % to 23.6 %), "
        "misses 40 % (likely 21.9 % to 61.3 %)"
    )
    assert limit(info) == f"Error rates of d: {error_rates(info)}."


def test_each_set_has_its_own_phrase() -> None:
    """Figures of different material are not mixed."""
    info = detector(measured("false alarms", 0.1), measured("misses", 0.2, "Y, 9 videos"))
    assert error_rates(info) == (
        "measured on X, 40 videos: false alarms 10 %; measured on Y, 9 videos: misses 20 %"
    )


def test_other_figures_are_no_error_rates() -> None:
    """An AUC has no threshold, and what authors publish was not measured here."""
    published = replace(measured("misses", 0.01), origin="published")
    info = detector(measured("frame AUC", 0.99), published)
    assert error_rates(info) is None
    assert limit(info) == "Error rates of d: not measured on material like this."


def test_every_report_by_a_detector_says_it() -> None:
    """Among its limits, and first."""
    assert sample_report().limits[0] == "Error rates of d: not measured on material like this."


def test_intervals_survive_the_bytes() -> None:
    """And so does their absence."""
    figures = (measured("misses", 0.4, low=0.2, high=0.6), measured("frame AUC", 0.9))
    report = replace(sample_report(), detector=detector(*figures))
    assert parse_report(report_bytes(report)).detector == report.detector
