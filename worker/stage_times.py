"""How much of an analysis each stage took."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class StageTimes:
    """Wall-clock time by stage. Stages overlap, so together they may take longer than the whole."""

    def __init__(self) -> None:
        self._spent_s: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Count the time of this block. Each stage belongs to one thread."""
        started_s = time.perf_counter()
        try:
            yield
        finally:
            self._spent_s[stage] += time.perf_counter() - started_s

    def shares(self) -> dict[str, float]:
        """Of the time of all stages, 0 to 1, in the order in which they began."""
        whole_s = sum(self._spent_s.values()) or 1.0
        return {stage: spent_s / whole_s for stage, spent_s in self._spent_s.items()}

    def __str__(self) -> str:
        told = [f"{round(100 * share)} % {stage}" for stage, share in self.shares().items()]
        return ", ".join(told) or "nothing to do"
