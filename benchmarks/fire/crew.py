"""The worker processes of a run: started, killed, frozen, thawed and replaced."""

import multiprocessing
import os
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Collection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from benchmarks.fire.worker import work
from deeptrace_core.settings import Settings

FROZEN_LEASES = (1.1, 2.5)

# A fork of a process that has imported everything starts in milliseconds; a new one takes a second of CPU.
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["benchmarks.fire.worker"])


class Crew:
    """Some workers. Whoever dies is replaced by one with another id."""

    def __init__(self, size: int, settings: Settings, ledgers: Path, broken: str | None) -> None:
        self._size = size
        self._arguments = (settings, ledgers)
        self._broken = broken
        self._lease_s = settings.lease_s
        self._workers: dict[str, ForkServerProcess] = {}
        self._thaw_at_s: dict[str, float] = {}
        self.counts: Counter[str] = Counter(killed=0, frozen=0, crashed=0, started=0)

    def fill_up(self) -> None:
        """Replace the dead, and thaw who was frozen long enough."""
        for worker_id, process in list(self._workers.items()):
            if not process.is_alive():
                self.counts["crashed"] += process.exitcode != -signal.SIGKILL
                process.join()
                del self._workers[worker_id]
                self._thaw_at_s.pop(worker_id, None)
        for worker_id, at_s in list(self._thaw_at_s.items()):
            if time.monotonic() > at_s:
                self._send(worker_id, signal.SIGCONT)
                del self._thaw_at_s[worker_id]
        while len(self._workers) < self._size:
            worker_id = uuid.uuid4().hex
            process = _forks.Process(
                target=work, args=(*self._arguments, worker_id, self._broken), daemon=True
            )
            process.start()
            self._workers[worker_id] = process
            self.counts["started"] += 1

    def kill_one(self, chance: random.Random) -> None:
        """kill -9, frozen or not."""
        worker_id = chance.choice(sorted(self._workers))
        self._send(worker_id, signal.SIGKILL)
        self.counts["killed"] += 1

    def freeze_one(self, chance: random.Random, busy: Collection[str]) -> None:
        """Stop one for longer than its lease; one of the busy, if any is awake, and never all at once."""
        awake = sorted(self._workers.keys() - self._thaw_at_s.keys())
        if len(awake) < 2:
            return
        worker_id = chance.choice([one for one in awake if one in busy] or awake)
        self._send(worker_id, signal.SIGSTOP)
        self._thaw_at_s[worker_id] = time.monotonic() + self._lease_s * chance.uniform(*FROZEN_LEASES)
        self.counts["frozen"] += 1

    def dismiss(self) -> None:
        """End them all."""
        for process in self._workers.values():
            process.kill()
            process.join()
        self._workers.clear()

    def _send(self, worker_id: str, number: signal.Signals) -> None:
        pid = self._workers[worker_id].pid
        assert pid is not None
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
