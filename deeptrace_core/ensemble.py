"""Several detectors as one: how their scores are combined, and what the report says of them.

The combined score is the one whose log-odds are the mean of the members' log-odds: a detector that is sure
counts for more than one that is not, and none of them can decide alone. It is the logarithmic opinion pool
with equal weights (Genest & Zidek, Statistical Science 1986). Thresholds are combined in the same way, so
that members which all stand at their thresholds stand together at that of the ensemble.
"""

import math
from collections.abc import Iterable, Sequence
from statistics import fmean

from deeptrace_core.canonical import digest
from deeptrace_core.model import DetectorInfo, LeftOut

SEPARATOR = "+"
"""Between the names of detectors that are used together."""

EXTREME = 0.001
"""Nearer to 0 or 1 than this no member counts: an overflowing network must not outvote all others."""


def member_names(name: str) -> tuple[str, ...]:
    """The detectors that a name stands for, each once, in order."""
    return tuple(dict.fromkeys(part.strip() for part in name.split(SEPARATOR)))


def combined(probabilities: Iterable[float]) -> float:
    """The probability, 0 to 1, whose log-odds are the mean of those given. At least one must be."""
    mean = fmean(_log_odds(probability) for probability in probabilities)
    return 1 / (1 + math.exp(-mean))


def ensemble_info(members: Sequence[DetectorInfo], left_out: Sequence[LeftOut]) -> DetectorInfo:
    """What a report says of these detectors together.

    Nothing is known of the errors of an ensemble from those of its members, so it has no figures until
    it is measured itself.
    """
    # Members with a threshold of 0 never say that there are no signs; with one of them, none can.
    lows = [member.threshold_low for member in members]
    return DetectorInfo(
        name=SEPARATOR.join(member.name for member in members),
        architecture="ensemble",
        weights_sha256=digest("".join(member.weights_sha256 for member in members).encode()),
        licence="; ".join(dict.fromkeys(member.licence for member in members)),
        preset=SEPARATOR.join(member.preset for member in members),
        preset_sha256=digest("".join(member.preset_sha256 for member in members).encode()),
        threshold_low=round(combined(lows), 6) if all(lows) else 0.0,
        threshold_high=round(combined(member.threshold_high for member in members), 6),
        accuracy=(),
        members=tuple(members),
        left_out=tuple(left_out),
    )


def _log_odds(probability: float) -> float:
    kept = min(max(probability, EXTREME), 1 - EXTREME)
    return math.log(kept / (1 - kept))
