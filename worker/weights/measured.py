"""Figures measured on one's own material, kept on this machine by the weights they are about."""

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path

import cattrs

from deeptrace_core.errors import EnvironmentFault
from deeptrace_core.model import AccuracyFigure, DetectorInfo
from deeptrace_core.settings import Settings

log = logging.getLogger(__name__)

_converter = cattrs.Converter(forbid_extra_keys=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredOn:
    """What was measured on one set, and with which use of the weights: another use has other figures."""

    set_name: str
    preset_sha256: str
    threshold_low: float
    threshold_high: float
    figures: tuple[AccuracyFigure, ...]

    def is_about(self, info: DetectorInfo) -> bool:
        """Whether a detector uses the weights in this way."""
        used = (self.preset_sha256, self.threshold_low, self.threshold_high)
        return used == (info.preset_sha256, info.threshold_low, info.threshold_high)


def register_figures(
    info: DetectorInfo, set_name: str, figures: tuple[AccuracyFigure, ...], settings: Settings
) -> Path:
    """Keep what was measured on a set, in place of its earlier figures; returns the file.

    Raises:
        EnvironmentFault: the file cannot be written, or what is there cannot be read.
    """
    new = MeasuredOn(
        set_name=set_name,
        preset_sha256=info.preset_sha256,
        threshold_low=info.threshold_low,
        threshold_high=info.threshold_high,
        figures=figures,
    )
    path = _path(info, settings)
    others = [old for old in _read(path) if old.set_name != set_name or not old.is_about(info)]
    partial = path.with_suffix(".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(_converter.unstructure([*others, new]), indent=2) + "\n", "utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise EnvironmentFault(
            f"The figures could not be stored as {path} ({error.strerror}).",
            advice="Free some space or make the folder writable, or set DEEPTRACE_HOME to another one.",
        ) from error
    return path


def registered_figures(info: DetectorInfo, settings: Settings) -> tuple[AccuracyFigure, ...]:
    """All that was registered for this use of the weights. Nothing where the file cannot be read."""
    try:
        kept = _read(_path(info, settings))
    except EnvironmentFault as error:
        # Reports then say that nothing was measured, which claims less than is known, not more.
        log.warning("%s", error.diagnostics())
        return ()
    return tuple(figure for measured in kept if measured.is_about(info) for figure in measured.figures)


def _path(info: DetectorInfo, settings: Settings) -> Path:
    return settings.evaluations_dir / f"{info.weights_sha256}.json"


def _read(path: Path) -> list[MeasuredOn]:
    try:
        return _converter.structure(json.loads(path.read_text("utf-8")), list[MeasuredOn])
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, cattrs.BaseValidationError) as error:
        raise EnvironmentFault(
            f"The registered figures in {path} cannot be read.", advice="Delete the file and evaluate again."
        ) from error
