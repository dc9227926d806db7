"""One run: submit, strike, cancel, until all jobs have ended or none does any more; then look for damage."""

import os
import random
import shutil
import signal
import statistics
import tempfile
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from benchmarks.fire.checker import ENDED, Evidence, find_damage
from benchmarks.fire.crew import Crew
from benchmarks.fire.ledger import Entry, Ledger, read_ledgers
from benchmarks.fire.plans import Plan, plan_of
from deeptrace_core.errors import EnvironmentFault
from deeptrace_core.job import StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.settings import load_settings
from deeptrace_core.store import Store, open_store
from deeptrace_core.store.connection import connect
from deeptrace_core.store.embedded import EmbeddedMongod
from deeptrace_core.store.mongod_process import running_pid

OPTIONS = AnalysisOptions(detector="torture")
TICK_S = 0.25
KILLS_A_TICK = 0.3
FREEZES_A_TICK = 0.12
CANCELLED_WHEN_SUBMITTED = 0.02
SUBMITTERS = 3
SHOWN = 10


Client = MongoClient[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to run."""

    seed: int
    jobs: int = 10_000
    workers: int = 8
    lease_s: float = 1.5
    server_kills: int = 2
    broken: str | None = None
    stall_s: float = 60
    """The run is over when no job has ended for so long."""


class _Submitters:
    """Threads that submit jobs, and cancel some of them at once."""

    def __init__(self, order: Order, store: Store, ledger: Ledger) -> None:
        self._order = order
        self._store = store
        self._ledger = ledger
        self.submitted: set[str] = set()
        self._threads = [
            threading.Thread(target=self._submit, args=(number,), daemon=True) for number in range(SUBMITTERS)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def at_work(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def _submit(self, number: int) -> None:
        chance = random.Random(f"{self._order.seed} {number}")
        for _ in range(number, self._order.jobs, SUBMITTERS):
            sha256 = uuid.UUID(int=chance.getrandbits(128)).hex * 2
            media = StoredMedia(sha256=sha256, size_bytes=1, name="clip.mp4")
            while True:
                try:
                    job_id = self._store.jobs.submit(media, OPTIONS).job_id
                    break
                except EnvironmentFault:
                    time.sleep(0.2)
            self.submitted.add(job_id)
            if chance.random() < CANCELLED_WHEN_SUBMITTED:
                cancel(self._store, self._ledger, job_id)


def cancel(store: Store, ledger: Ledger, job_id: str) -> None:
    """Cancel, and note the answer. Without an answer, ask again: it is what a person would do."""
    begin_s = time.monotonic()
    while True:
        try:
            state = store.jobs.cancel(job_id)
            break
        except EnvironmentFault:
            time.sleep(0.2)
    ledger.note("cancel", job=job_id, state=state.value, begin_s=begin_s)


def run(order: Order) -> dict[str, Any]:
    """Returns what happened, as JSON has it; under `damage` what should not have."""
    started_s = time.monotonic()
    with _home() as home, EmbeddedMongod(home, load_settings().mongod) as mongod:
        uri = mongod.start()
        settings = load_settings(
            {
                "DEEPTRACE_HOME": str(home),
                "DEEPTRACE_MONGODB_URI": uri,
                "DEEPTRACE_LEASE_S": str(order.lease_s),
            }
        )
        ledgers = home / "ledgers"
        crew = Crew(order.workers, settings, ledgers, order.broken)
        with open_store(settings) as store, connect(uri) as client:
            ledger = Ledger(ledgers, "leader")
            submitters = _Submitters(order, store, ledger)
            try:
                server_kills = _fight(order, mongod, crew, store, ledger, client, submitters)
            finally:
                crew.dismiss()
            mongod.start()
            evidence = _evidence(order, ledgers, client, submitters.submitted)
    return _summary(order, evidence, crew.counts, server_kills, time.monotonic() - started_s)


def _fight(
    order: Order,
    mongod: EmbeddedMongod,
    crew: Crew,
    store: Store,
    ledger: Ledger,
    client: Client,
    submitters: _Submitters,
) -> int:
    chance = random.Random(order.seed)
    rows = client.get_default_database("deeptrace")["jobs"]
    server_kills = ended = 0
    last_end_s = time.monotonic()
    while time.monotonic() - last_end_s < order.stall_s:
        before_s = time.monotonic()
        mongod.start()
        crew.fill_up()
        last_end_s += time.monotonic() - before_s  # nothing can end meanwhile
        time.sleep(TICK_S)
        try:
            now_ended = rows.count_documents({"status": {"$in": ENDED}})
            running = list(rows.find({"status": "PROCESSING"}, {"worker_id": 1}))
        except PyMongoError:
            continue
        if now_ended > ended:
            ended, last_end_s = now_ended, time.monotonic()
        if ended >= order.jobs and not submitters.at_work:
            break
        long = [row for row in running if plan_of(row["_id"]) is Plan.LONG]
        if chance.random() < KILLS_A_TICK:
            crew.kill_one(chance)
        if chance.random() < FREEZES_A_TICK:
            crew.freeze_one(chance, {row["worker_id"] for row in long})
        if running and chance.random() < 0.25:
            cancel(store, ledger, chance.choice(long or running)["_id"])
        if server_kills < order.server_kills and ended > order.jobs * (server_kills + 1) / (
            order.server_kills + 1
        ):
            pid = running_pid(mongod.folder)
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
                server_kills += 1
    return server_kills


def _evidence(order: Order, ledgers: Path, client: Client, submitted: set[str]) -> Evidence:
    database = client.get_default_database("deeptrace")
    pictures: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in database["thumbnails"].find():
        pictures[row["_id"]["job"]].append((row["_id"]["token"], row["webp"].hex()))
    completions: defaultdict[str, list[int]] = defaultdict(list)
    for event in database["audit_events"].find({"event": "completed"}):
        completions[event["job"]].append(event["token"])
    return Evidence(
        entries=read_ledgers(ledgers),
        jobs={row["_id"]: row for row in database["jobs"].find()},
        pictures=pictures,
        completions=completions,
        submitted=set(submitted),
        lease_s=order.lease_s,
    )


def _summary(
    order: Order, evidence: Evidence, crew: Counter[str], server_kills: int, seconds: float
) -> dict[str, Any]:
    damage = find_damage(evidence)
    rows = evidence.jobs.values()
    events = Counter(entry.event for entry in evidence.entries)
    claims = [entry for entry in evidence.entries if entry.event == "claimed"]
    cancels = Counter(entry.state for entry in evidence.entries if entry.event == "cancel")
    return {
        **asdict(order),
        "seconds": round(seconds, 1),
        "load_average": os.getloadavg()[0],
        "workers_killed": crew["killed"],
        "workers_frozen": crew["frozen"],
        "workers_crashed": crew["crashed"],
        "server_killed": server_kills,
        "claims": len(claims),
        "claim_ms": _percentiles(claims),
        "lapsed": sum(row["lapses"] for row in rows),
        "released": sum(row["releases"] for row in rows),
        "refused": {event: count for event, count in sorted(events.items()) if "LEASE_LOST" in event},
        "cancelled_while": dict(sorted(cancels.items())),
        "states": dict(sorted(Counter(row["status"] for row in rows).items())),
        "damage": dict(sorted(Counter(one.kind for one in damage).items())),
        "examples": [asdict(one) for one in damage[:SHOWN]],
    }


def _percentiles(claims: list[Entry]) -> dict[str, float]:
    took_ms = sorted((claim.end_s - claim.begin_s) * 1000 for claim in claims)
    if len(took_ms) < 2:
        return {}
    cuts = statistics.quantiles(took_ms, n=100)
    return {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1), "max": round(took_ms[-1], 1)}


@contextmanager
def _home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="dt-fire-", dir="/tmp"))  # short: a socket's path is limited
    try:
        yield home
    finally:
        shutil.rmtree(home)
