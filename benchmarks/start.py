"""`python -m benchmarks.start`: how long from starting a worker until it has claimed a job that waits?

The real command with a real database. Prints one JSON object with the median of five starts, in seconds.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import uuid
from pathlib import Path

from benchmarks.server import fresh_server, load_average
from deeptrace_core.job import JobState, StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.settings import PROJECT_ROOT, Settings
from deeptrace_core.store import Store, open_store

STARTS = 5
LEASE_S = 30
LOOK_S = 0.01


def main() -> int:
    """Measure and print."""
    with fresh_server(lease_s=LEASE_S) as settings, open_store(settings) as store:
        took_s = [_start(store, settings) for _ in range(STARTS)]
    outcome = {"load": load_average(), "median_s": statistics.median(took_s), "took_s": took_s}
    sys.stdout.write(json.dumps(outcome) + "\n")
    return 0


def _start(store: Store, settings: Settings) -> float:
    media = StoredMedia(sha256=uuid.uuid4().hex * 2, size_bytes=1, name="waiting.mp4")
    job_id = store.jobs.submit(media, AnalysisOptions(detector=settings.detector)).job_id
    environment = {
        "DEEPTRACE_HOME": str(settings.home),
        "DEEPTRACE_MONGODB_URI": str(settings.mongodb_uri),
    }
    with Path(os.devnull).open("w") as nowhere:
        started = time.perf_counter()
        worker = subprocess.Popen(
            [sys.executable, "-m", "worker", "run"],
            cwd=PROJECT_ROOT,
            env=os.environ | environment,
            stderr=nowhere,
        )
        try:
            while store.jobs.get(job_id).state is JobState.PENDING and not store.jobs.get(job_id).attempt:
                time.sleep(LOOK_S)
            return time.perf_counter() - started
        finally:
            worker.terminate()
            worker.wait()


if __name__ == "__main__":
    sys.exit(main())
