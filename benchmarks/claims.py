"""`python -m benchmarks.claims`: how fast can jobs be claimed, with a long history and with delayed jobs?

Each claim is the real one: journaled before it is answered, and noted in the audit trail. Prints one JSON
object for each measurement, and one that holds them against the bars.
"""

import argparse
import json
import sys
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

from pymongo import WriteConcern

from benchmarks.server import forks, fresh_server, load_average, percentiles_ms
from deeptrace_core.job import StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store
from deeptrace_core.store.job_document import new_job

WORKERS = (1, 4, 8)
CLAIMS_EACH = 250
DELAYED = 10_000
BATCH = 5_000
BARS = {"claims_per_s": 300, "p50_ms": 15, "p99_ms": 60, "slower_at_most": 2}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims", description=__doc__)
    parser.add_argument("--million", action="store_true", help="also with 1,000,000 finished jobs")
    parsed = parser.parse_args(arguments)
    forks.set_forkserver_preload(["deeptrace_core.store"])
    outcomes = []
    with fresh_server(lease_s=3600) as settings, open_store(settings) as store:
        finished = 0
        for wanted in (0, 100_000, 1_000_000)[: 3 if parsed.million else 2]:
            _insert(store, wanted - finished, **_FINISHED)
            finished = wanted
            outcomes += [_measure(settings, store, workers, finished, 0) for workers in WORKERS]
        _insert(store, DELAYED, **_DELAYED)
        outcomes.append(_measure(settings, store, WORKERS[-1], finished, DELAYED))
    _print(_judged(outcomes))
    return 0


_FINISHED: dict[str, Any] = {
    "status": "COMPLETED",
    "ready": False,
    "attempt": 1,
    "winner": 1,
    "worker_id": "w",
    "finished_at": datetime.now(UTC),
    "result": {"report_sha256": "0" * 64, "verdict": "INCONCLUSIVE"},
}
_DELAYED: dict[str, Any] = {
    "ready": False,
    "priority": 9,
    "attempt": 1,
    "run_at": datetime.now(UTC) + timedelta(days=1),
}


def _insert(store: Store, count: int, **fields: Any) -> None:
    """Put jobs into the database as they would be by now, without going through their lives."""
    jobs = store._database.get_collection("jobs", write_concern=WriteConcern(w=1))
    options = AnalysisOptions(detector="benchmark")
    created_at = datetime.now(UTC) - timedelta(days=1)
    for start in range(0, count, BATCH):
        rows = []
        for _ in range(min(BATCH, count - start)):
            media = StoredMedia(sha256=uuid.uuid4().hex * 2, size_bytes=1, name="clip.mp4")
            row = new_job(media, options, priority=0, owner="")
            rows.append({**row, "created_at": created_at, "run_at": created_at, **fields})
        jobs.insert_many(rows, ordered=False)


def _measure(settings: Settings, store: Store, workers: int, finished: int, delayed: int) -> dict[str, Any]:
    _insert(store, workers * CLAIMS_EACH)
    start, answers = forks.Barrier(workers), forks.Queue()
    processes = [
        forks.Process(target=_claim, args=(settings, start, answers, number)) for number in range(workers)
    ]
    for process in processes:
        process.start()
    spans = [answers.get() for _ in processes]
    for process in processes:
        process.join()
    took_s = [end_s - begin_s for span in spans for begin_s, end_s in span]
    seconds = max(span[-1][1] for span in spans) - min(span[0][0] for span in spans)
    store._database["jobs"].delete_many({"status": "PROCESSING"})
    outcome = {
        "workers": workers,
        "finished": finished,
        "delayed": delayed,
        "claims_per_s": round(len(took_s) / seconds),
        **percentiles_ms(took_s),
        "load_average": load_average(),
    }
    _print(outcome)
    return outcome


def _claim(
    settings: Settings, start: Barrier, answers: "Queue[list[tuple[float, float]]]", number: int
) -> None:
    spans = []
    with open_store(settings) as store:
        store.jobs.queue_depth()  # connected
        start.wait()
        for _ in range(CLAIMS_EACH):
            begin_s = time.monotonic()
            assert store.jobs.claim(f"worker-{number}") is not None
            spans.append((begin_s, time.monotonic()))
    answers.put(spans)


def _judged(outcomes: list[dict[str, Any]]) -> dict[str, Any]:
    full = [outcome for outcome in outcomes if outcome["workers"] == WORKERS[-1]]
    first, rest = full[0], full[1:]
    slower = max(outcome["p50_ms"] for outcome in rest) / first["p50_ms"]
    met = {
        "claims_per_s": first["claims_per_s"] >= BARS["claims_per_s"],
        "p50_ms": first["p50_ms"] <= BARS["p50_ms"],
        "p99_ms": first["p99_ms"] <= BARS["p99_ms"],
        "slower_at_most": slower <= BARS["slower_at_most"],
    }
    return {"bars": BARS, "met": met, "slowest_to_first": round(slower, 2)}


def _print(outcome: object) -> None:
    sys.stdout.write(json.dumps(outcome) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
