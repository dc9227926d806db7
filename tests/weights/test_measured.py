"""Registered figures: kept by weights, named for one use of them, replaced by newer ones."""

import logging
from dataclasses import replace

import pytest

from deeptrace_core.errors import EnvironmentFault
from deeptrace_core.model import AccuracyFigure
from deeptrace_core.settings import Settings, load_settings
from tests.core.test_report import DETECTOR
from worker.weights.measured import register_figures, registered_figures


@pytest.fixture
def home(tmp_path) -> Settings:  # type: ignore[no-untyped-def]
    return load_settings({"DEEPTRACE_HOME": str(tmp_path / "home")})


def figure(value: float, data: str = "X, 9 videos") -> AccuracyFigure:
    return AccuracyFigure(metric="misses", value=value, data=data, origin="measured", low=0.1, high=0.9)


def test_what_was_registered_is_read_back(home: Settings) -> None:
    """Of all sets, in the order of registering; nothing before."""
    assert registered_figures(DETECTOR, home) == ()
    register_figures(DETECTOR, "X", (figure(0.5),), home)
    register_figures(DETECTOR, "Y", (figure(0.7, "Y, 3 videos"),), home)
    assert registered_figures(DETECTOR, home) == (figure(0.5), figure(0.7, "Y, 3 videos"))


def test_a_set_measured_again_is_replaced(home: Settings) -> None:
    """The newest figures count."""
    register_figures(DETECTOR, "X", (figure(0.5),), home)
    register_figures(DETECTOR, "X", (figure(0.6),), home)
    assert registered_figures(DETECTOR, home) == (figure(0.6),)


@pytest.mark.parametrize(
    "other",
    [
        replace(DETECTOR, weights_sha256="12" * 32),
        replace(DETECTOR, preset_sha256="12" * 32),
        replace(DETECTOR, threshold_low=0.1),
        replace(DETECTOR, threshold_high=0.9),
    ],
)
def test_another_use_of_the_weights_was_not_measured(home: Settings, other) -> None:  # type: ignore[no-untyped-def]
    """Other weights, crops or thresholds have other error rates."""
    register_figures(DETECTOR, "X", (figure(0.5),), home)
    assert registered_figures(other, home) == ()
    register_figures(other, "X", (figure(0.8),), home)
    assert registered_figures(DETECTOR, home) == (figure(0.5),)


@pytest.mark.parametrize("damage", ["", '{"set_name": "X"}', "[{}]", '[{"set_name": 1}]', "\x00"])
def test_a_damaged_file_stops_no_analysis_and_is_not_overwritten(
    home: Settings, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    """Reports then say "not measured", the log says why, and a person decides."""
    path = register_figures(DETECTOR, "X", (figure(0.5),), home)
    path.write_text(damage)
    with caplog.at_level(logging.WARNING):
        assert registered_figures(DETECTOR, home) == ()
    assert str(path) in caplog.text
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        register_figures(DETECTOR, "X", (figure(0.5),), home)
    assert path.read_text() == damage
