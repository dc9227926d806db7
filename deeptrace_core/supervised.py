"""A child process that is started again when it dies, with its log in a file."""

import subprocess
import time
from pathlib import Path

STOP_TIMEOUT_S = 20.0
MAX_LOG_BYTES = 5_000_000
MAX_PAUSE_S = 30.0
"""A process that dies at once every time is started ever more rarely, down to once in this time."""


class SupervisedProcess:
    """One child. It has a process group of its own, so that Ctrl-C in a terminal reaches only its parent,
    which then stops its children in the right order."""

    def __init__(self, name: str, command: list[str], *, folder: Path, log: Path) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._started_s = 0.0
        self._pause_s = 1.0

    @property
    def pid(self) -> int | None:
        """The process id, or None before the start."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it; its output goes to the log, whose last version is kept beside it."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > MAX_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.old"))
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._started_s = time.monotonic()

    def is_alive(self) -> bool:
        """Whether it runs now."""
        return self._process is not None and self._process.poll() is None

    def restart_if_dead(self) -> bool:
        """Start it again if it ended. True if it was started."""
        if self.is_alive():
            return False
        lived_s = time.monotonic() - self._started_s
        if lived_s < self._pause_s:
            return False
        self._pause_s = min(self._pause_s * 2, MAX_PAUSE_S) if lived_s < MAX_PAUSE_S else 1.0
        self.start()
        return True

    def stop(self) -> None:
        """Ask it to end (SIGTERM); end it by force if it does not within 20 s."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def last_words(self) -> str:
        """The last line of its log, for an error message."""
        lines = self.log.read_text(errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing.")
