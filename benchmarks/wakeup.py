"""`python -m benchmarks.wakeup`: how soon does an idle worker take a new job, and what does idling cost?

The workers are real ones, but for the analysis. Prints one JSON object. Operations are what the server counts
(serverStatus.opcounters), less the drivers' own heartbeats (hello), which are given beside them.
"""

import argparse
import json
import os
import random
import signal
import statistics
import sys
import time
import uuid
from collections.abc import Sequence
from multiprocessing.queues import Queue
from typing import Any, NoReturn, cast

from pymongo import MongoClient

from benchmarks.server import forks, fresh_server, load_average, percentiles_ms
from deeptrace_core.blobs import Blobs
from deeptrace_core.job import DetectorOffer, JobFailure, StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.settings import Settings
from deeptrace_core.store import open_store
from deeptrace_core.store.connection import connect
from worker.loop import Worker
from worker.models import Models

WORKERS = 8
JOBS = 60
BARS = {"median_ms": 30, "operations_per_s": 1}
DONE = JobFailure(code="MEASURED", what="Only a measurement.", advice="None.")


class NoModels:
    """A worker that announces itself needs to know no more than this."""

    device = "cpu"

    def audio_detector(self) -> NoReturn:
        raise NotImplementedError

    def offers(self) -> tuple[DetectorOffer, ...]:
        return ()


class QuickWorker(Worker):
    """Claims as the real one, tells when, and ends the job at once."""

    claimed_at_s: "Queue[tuple[str, float]]"

    def run_once(self) -> bool:
        job = self._store.jobs.claim(self.info.id)
        if job is None:
            return False
        self.claimed_at_s.put((job.id, time.monotonic()))
        self._store.jobs.fail(job, DONE, retry=False)
        return True


def work(settings: Settings, claimed_at_s: "Queue[tuple[str, float]]") -> None:
    """The process of one worker."""
    with open_store(settings) as store:
        worker = QuickWorker(store, Blobs(settings.blobs_url), cast(Models, NoModels()), settings)
        worker.claimed_at_s = claimed_at_s
        signal.signal(signal.SIGTERM, lambda _signal, _frame: worker.stop())
        worker.run()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wakeup", description=__doc__)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--idle-s", type=float, default=180)
    parsed = parser.parse_args(arguments)
    forks.set_forkserver_preload(["worker.loop"])
    with fresh_server(lease_s=30) as settings:
        claimed_at_s = forks.Queue()
        workers = [forks.Process(target=work, args=(settings, claimed_at_s)) for _ in range(parsed.workers)]
        for process in workers:
            process.start()
        try:
            outcome = _measure(settings, claimed_at_s, parsed)
        finally:
            for process in workers:
                process.terminate()
                process.join()
    sys.stdout.write(json.dumps(outcome) + "\n")
    return 0


def _measure(
    settings: Settings, claimed_at_s: "Queue[tuple[str, float]]", parsed: argparse.Namespace
) -> dict[str, Any]:
    assert settings.mongodb_uri is not None
    with open_store(settings) as store, connect(settings.mongodb_uri) as client:
        while len(store.workers.alive()) < parsed.workers:
            time.sleep(0.5)
        time.sleep(5)
        took_s = []
        for _ in range(parsed.jobs):
            time.sleep(random.uniform(0.2, 0.8))
            media = StoredMedia(sha256=uuid.uuid4().hex * 2, size_bytes=1, name="clip.mp4")
            begin_s = time.monotonic()
            job_id = store.jobs.submit(media, AnalysisOptions(detector="x")).job_id
            claimed_id, at_s = claimed_at_s.get(timeout=60)
            assert claimed_id == job_id
            took_s.append(at_s - begin_s)
        claim_load = load_average()
        time.sleep(5.0 * parsed.workers * 1.2 + 1)  # until each has seen how many they are
        before = _counts(client)
        time.sleep(parsed.idle_s)
        after = _counts(client)
    seconds = after["at_s"] - before["at_s"]
    operations = (after["operations"] - before["operations"] - 1) / seconds  # less our own question
    median_ms = statistics.median(took_s) * 1000
    return {
        "workers": parsed.workers,
        "jobs": parsed.jobs,
        "median_ms": round(median_ms, 1),
        **percentiles_ms(took_s),
        "load_average_then": claim_load,
        "idle_s": round(seconds),
        "operations_per_s": round(operations, 2),
        "heartbeats_per_s": round((after["heartbeats"] - before["heartbeats"]) / seconds, 2),
        "load_average": load_average(),
        "cpus": os.cpu_count(),
        "bars": BARS,
        "met": {
            "median_ms": median_ms < BARS["median_ms"],
            "operations_per_s": operations < BARS["operations_per_s"],
        },
    }


def _counts(client: MongoClient[dict[str, Any]]) -> dict[str, float]:
    status = client.admin.command("serverStatus")
    heartbeats = status["metrics"]["commands"]["hello"]["total"]
    everything = sum(count for count in status["opcounters"].values() if isinstance(count, int))
    return {"operations": everything - heartbeats, "heartbeats": heartbeats, "at_s": time.monotonic()}


if __name__ == "__main__":
    sys.exit(main())
