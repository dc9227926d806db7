"""`python -m deeptrace_core up` as a child process of the tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deeptrace_core.settings import PROJECT_ROOT, Settings, load_settings


def wait_for(condition: Callable[[], bool], what: str, within_s: float = 120) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {within_s:.0f} s for {what}"
        time.sleep(0.1)


def processes_naming(text: str) -> list[int]:
    """Ids of the living processes whose command line or environment names a text, but this one."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            known = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if text.encode() in known:
            found.append(int(folder.name))
    return found


@dataclass
class RunningSystem:
    """One running DeepTrace with a home and a port of its own, and no file from outside the project."""

    home: Path
    port: int
    detector: str = ""
    """The default one; "" leaves it to the project."""
    _process: subprocess.Popen[str] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What it printed so far."""
        return (self.home / "up.out").read_text()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DEEPTRACE_HOME": str(self.home),
            "DEEPTRACE_PORT": str(self.port),
            "DEEPTRACE_WEIGHTS_MIRROR": "",
            "DEEPTRACE_DETECTOR": self.detector,
            "DEEPTRACE_LEASE_S": "4",
        }

    @property
    def settings(self) -> Settings:
        return load_settings(self.environment)

    def start(self) -> None:
        with (self.home / "up.out").open("w") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deeptrace_core", "up"],
                cwd=PROJECT_ROOT,
                env=os.environ | self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
            )
        wait_for(lambda: "Press Ctrl-C" in self.output or self._process_ended(), "the start")
        assert "Press Ctrl-C" in self.output, self.output

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(60)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.interrupt()

    def worker_pid(self) -> int:
        """The process id of the worker that is running now."""
        return self._pid_of(b"worker\0run")

    def mongod_pid(self) -> int:
        """The process id of the embedded database."""
        return self._pid_of(b"mongod\0")

    def _pid_of(self, words: bytes) -> int:
        for pid in processes_naming(str(self.home)):
            if words in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        raise AssertionError(f"no process {words!r} is running")

    def _process_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None
