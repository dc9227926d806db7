"""What every worker does now and then: say that it is alive, and look after jobs of those that are not."""

import math
import random
import time

from pymongo.database import Database

from deeptrace_core.job import WorkerInfo
from deeptrace_core.store.connection import Document, Pipeline, translating_errors
from deeptrace_core.store.job_queries import CLAIMABLE
from deeptrace_core.store.jobs import CLAIM_ORDER, DUE, LAPSED, Jobs
from deeptrace_core.store.workers import ALIVE, Workers

BEAT_S = 5.0
"""About how often any of the workers beats; with more of them each one rests longer."""
LONGEST_REST_S = 60.0
JITTER = (0.8, 1.2)
GOOD_FOR_BEATS = 3


def _is_there(what: str, wanted: Document, order: list[tuple[str, int]]) -> Pipeline:
    # The order is that of an index: without it the server might read all jobs.
    found = {"_id": 0, "what": what}
    return [{"$match": wanted}, {"$sort": dict(order)}, {"$limit": 1}, {"$project": found}]


# One question instead of three writes that mostly change nothing: idle workers should cost nothing.
LOOK: Pipeline = [
    *_is_there("lapsed", LAPSED, [("lease_expires_at", 1)]),
    {"$unionWith": {"coll": "jobs", "pipeline": _is_there("due", DUE, [("run_at", 1)])}},
    {"$unionWith": {"coll": "jobs", "pipeline": _is_there("claimable", CLAIMABLE, CLAIM_ORDER)}},
    {"$unionWith": {"coll": "workers", "pipeline": [{"$match": ALIVE}, {"$count": "workers"}]}},
]


class Pulse:
    """The heartbeat of a worker process. Its leases have their own."""

    def __init__(self, database: Database[Document], jobs: Jobs, workers: Workers) -> None:
        self._collection = database["jobs"]
        self._jobs = jobs
        self._workers = workers
        self._announced_until_s = -math.inf

    def beat(self, info: WorkerInfo) -> float:
        """Take back lapsed jobs and let delayed ones be claimed, if there are any; announce the worker.

        Returns:
            After how many seconds to call it again.
        """
        with translating_errors():
            seen = list(self._collection.aggregate(LOOK))
        there = {row.get("what") for row in seen}
        if "lapsed" in there:
            self._jobs.reap()
        if "due" in there:
            self._jobs.promote()
        if "claimable" in there:
            self._jobs.wake()  # whose event may have been missed
        count = max([row["workers"] for row in seen if "workers" in row], default=1)
        rest_s = min(BEAT_S * count, LONGEST_REST_S)
        if self._announced_until_s - time.monotonic() < rest_s * GOOD_FOR_BEATS / 2:
            self._workers.announce(info, good_for_s=GOOD_FOR_BEATS * rest_s)
            self._announced_until_s = time.monotonic() + GOOD_FOR_BEATS * rest_s
        return rest_s * random.uniform(*JITTER)
