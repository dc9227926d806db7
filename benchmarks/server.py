"""A database for one measurement, and processes that begin at the same moment."""

import multiprocessing
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deeptrace_core.settings import Settings, load_settings
from deeptrace_core.store.embedded import EmbeddedMongod

# A fork of a process that has imported everything starts in milliseconds; a new one takes a second of CPU.
forks = multiprocessing.get_context("forkserver")


@contextmanager
def fresh_server(lease_s: float) -> Iterator[Settings]:
    """The embedded database in a new folder, which is removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="dt-bench-", dir="/tmp"))  # short: a socket's path is limited
    try:
        with EmbeddedMongod(home, load_settings().mongod) as mongod:
            yield load_settings(
                {
                    "DEEPTRACE_HOME": str(home),
                    "DEEPTRACE_MONGODB_URI": mongod.start(),
                    "DEEPTRACE_LEASE_S": str(lease_s),
                }
            )
    finally:
        shutil.rmtree(home)


def percentiles_ms(took_s: Sequence[float]) -> dict[str, float]:
    """p50, p99 and the largest, in milliseconds."""
    cuts = statistics.quantiles(took_s, n=100)
    return {
        "p50_ms": round(cuts[49] * 1000, 1),
        "p99_ms": round(cuts[98] * 1000, 1),
        "max_ms": round(max(took_s) * 1000, 1),
    }


def load_average() -> float:
    """How busy the machine is beside the measurement, over the last minute."""
    return round(os.getloadavg()[0], 2)
