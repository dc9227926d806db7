"""Workers and the server are killed and frozen at random; each job still ends once, by one winner."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from pymongo.errors import AutoReconnect

from deeptrace_core.job import JobState
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.settings import PROJECT_ROOT, load_settings
from deeptrace_core.store import open_store
from deeptrace_core.store.connection import connect
from deeptrace_core.store.embedded import EmbeddedMongod
from deeptrace_core.store.mongod_process import running_pid
from tests.store.conftest import make_media
from tests.store.torture_worker import fingerprint

JOBS = 200
WORKERS = 5
LEASE_S = 1.0
STRIKE_EVERY_S = 0.7
SERVER_DIES_AFTER = 60
GIVE_UP_S = 120
SEED = 20261121


class Crew:
    """Some worker processes. Whoever dies is replaced."""

    def __init__(self, uri: str, home: Path) -> None:
        self._command = [sys.executable, "-m", "tests.store.torture_worker", str(home / "notes")]
        self._environment = {
            **os.environ,
            "DEEPTRACE_HOME": str(home),
            "DEEPTRACE_MONGODB_URI": uri,
            "DEEPTRACE_LEASE_S": str(LEASE_S),
        }
        self._workers: list[subprocess.Popen[bytes]] = []
        self._frozen: dict[subprocess.Popen[bytes], float] = {}
        self.crashed = 0

    def fill_up(self) -> None:
        for worker in [worker for worker in self._workers if worker.poll() is not None]:
            self._workers.remove(worker)
            self.crashed += worker.returncode != -signal.SIGKILL
        while len(self._workers) < WORKERS:
            self._workers.append(subprocess.Popen(self._command, cwd=PROJECT_ROOT, env=self._environment))

    def strike(self, chance: random.Random) -> None:
        """Kill one, freeze one for longer than its lease, and let those go that were frozen long enough."""
        for worker, until in list(self._frozen.items()):
            if time.monotonic() > until:
                worker.send_signal(signal.SIGCONT)
                del self._frozen[worker]
        awake = [worker for worker in self._workers if worker not in self._frozen]
        if chance.random() < 0.5 and len(awake) > 1:
            worker = chance.choice(awake)
            worker.send_signal(signal.SIGSTOP)
            self._frozen[worker] = time.monotonic() + 1.5 * LEASE_S
        else:
            chance.choice(self._workers).kill()

    def dismiss(self) -> None:
        for worker in self._workers:
            worker.kill()
            worker.wait()


def test_no_job_is_lost_or_done_twice(home: Path) -> None:
    """After kill -9 of workers and of the server, every job is complete, and by exactly one claim."""
    chance = random.Random(SEED)
    with EmbeddedMongod(home, None) as mongod:
        uri = mongod.start()
        settings = load_settings(
            {"DEEPTRACE_HOME": str(home), "DEEPTRACE_MONGODB_URI": uri, "DEEPTRACE_LEASE_S": str(LEASE_S)}
        )
        crew = Crew(uri, home)
        server_deaths = 0
        with open_store(settings) as store, connect(uri) as client:
            jobs = client.deeptrace.jobs
            options = AnalysisOptions(detector="test")
            ids = {store.jobs.submit(make_media(), options).job_id for _ in range(JOBS)}
            jobs.update_many(
                {}, {"$set": {"max_attempts": 1000}}
            )  # deaths are what is tested here, not the limit
            try:
                deadline = time.monotonic() + GIVE_UP_S
                done = 0
                while done < JOBS:
                    assert time.monotonic() < deadline, f"{JOBS - done} jobs never ended"
                    mongod.start()
                    crew.fill_up()
                    time.sleep(STRIKE_EVERY_S)
                    with suppress(AutoReconnect):
                        done = jobs.count_documents({"status": "COMPLETED"})
                    crew.strike(chance)
                    if done > SERVER_DIES_AFTER and not server_deaths:
                        server_deaths += 1
                        pid = running_pid(mongod.folder)
                        assert pid is not None
                        os.kill(pid, signal.SIGKILL)
            finally:
                crew.dismiss()

            noted = [line.split() for line in (home / "notes").read_text().splitlines()]
            assert (crew.crashed, server_deaths) == (0, 1)
            assert {row["_id"] for row in jobs.find({}, {"_id": 1})} == ids
            assert len({job_id for job_id, _ in noted}) == len(noted)
            winners = {}
            for job_id in ids:
                job = store.jobs.get(job_id)
                assert job.state is JobState.COMPLETED
                assert job.result is not None
                winner = fingerprint(job_id, job.attempt, job.worker_id)
                pictures = [picture.webp.hex() for picture in store.results.thumbnails(job)]
                assert (job.result.report_sha256, pictures) == (winner, [winner])
                winners[job_id] = winner
            assert all(winners[job_id] == report for job_id, report in noted)
            attempts = [row["attempt"] for row in jobs.find({}, {"attempt": 1})]
            assert sum(attempts) > JOBS  # otherwise nothing was put to the test
