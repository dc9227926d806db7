"""How a network is spread over the cores of a CPU."""

from enum import Enum, auto


class Spread(Enum):
    """What the cores share. Cores that share one run wait for each other, layer by layer."""

    OVER_PICTURES = auto()
    """Each picture is run on its own, and several at the same time: the most for a long video."""
    WITHIN_A_RUN = auto()
    """One run on all cores: for what comes one at a time."""
    NOTHING = auto()
    """One core: for networks so small that sharing costs more than it gains."""
