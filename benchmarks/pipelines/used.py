"""What a run cost: this process and its children."""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any


class Used:
    """Counts from its making on."""

    def __init__(self) -> None:
        self._wall_s, self._cpu_s = time.perf_counter(), _cpu_s()

    def tell(self, **more: Any) -> None:
        """Print what was used since, and more, as JSON."""
        figures: dict[str, Any] = {
            "wall_s": time.perf_counter() - self._wall_s,
            "cpu_s": _cpu_s() - self._cpu_s,
            "peak_rss_mb": _peak_rss_mb(),
        }
        json.dump(figures | more, sys.stdout)


def _peak_rss_mb() -> float:
    # Not ru_maxrss of getrusage, in which the process that started this one counts.
    status = Path("/proc/self/status").read_text().splitlines()
    [peak] = (line.split()[1] for line in status if line.startswith("VmHWM"))
    return int(peak) / 1024


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
