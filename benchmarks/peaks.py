"""The most memory that processes held at any moment."""

import re
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

EVERY_S = 0.02


class ChildPeak:
    """Watches the child processes of this one while it is open.

    What the operating system says of ended children (getrusage) would count the memory of this very
    process, which a child shares between fork and exec. So they are asked while they live.
    """

    def __init__(self) -> None:
        self.mb = 0.0
        """The largest peak of any child, in MiB."""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(EVERY_S):
            for pid in children():
                if _has_started(pid):
                    self.mb = max(self.mb, peak_mb(pid))


def children() -> list[int]:
    """Child processes of this one."""
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        try:
            found += map(int, (task / "children").read_text().split())
        except OSError:
            continue  # the thread has ended meanwhile
    return found


def peak_mb(pid: int | str = "self") -> float:
    """The peak resident memory of a process in MiB; 0 if it is gone."""
    return _status_mb(pid, "VmHWM")


def resident_mb(pid: int | str = "self") -> float:
    """The resident memory of a process in MiB; 0 if it is gone."""
    return _status_mb(pid, "VmRSS")


def _status_mb(pid: int | str, field: str) -> float:
    try:
        found = re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def _has_started(pid: int) -> bool:
    """Whether it runs a program of its own by now."""
    try:
        return b"worker.media" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
