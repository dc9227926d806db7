"""Worker processes with a life, and a clock, of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from deeptrace_core.settings import PROJECT_ROOT, Settings


class Host:
    """A process of its own. See `other_host.py`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def tell(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def ask(self, command: str) -> str:
        self.tell(command)
        return self.answer()


@contextmanager
def host(settings: Settings, shift_s: float = 0, lease_s: float = 30) -> Iterator[Host]:
    """Another worker process on the same database, with its clock shifted."""
    environment = {
        **os.environ,
        "DEEPTRACE_HOME": str(settings.home),
        "DEEPTRACE_MONGODB_URI": settings.mongodb_uri or "",
        "DEEPTRACE_LEASE_S": str(lease_s),
    }
    command = [sys.executable, "-m", "tests.store.other_host", str(shift_s)]
    with subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Host(process)
        finally:
            process.kill()
