"""What each process did and was told, in files of their own that no database can lose.

A line is written with one system call, so a killed process leaves whole lines only. Times are those of the
machine's monotonic clock, which all processes share.
"""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One call to the queue: when it began, when it was answered, and the answer."""

    event: str
    job: str = ""
    token: int = 0
    worker: str = ""
    state: str = ""
    begin_s: float
    end_s: float


class Ledger:
    """The file of one process."""

    def __init__(self, folder: Path, writer: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(folder / writer, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._writer = writer

    def note(
        self, event: str, *, job: str = "", token: int = 0, state: str = "", begin_s: float | None = None
    ) -> None:
        """Add a line. Without `begin_s` it tells of an intention."""
        now_s = time.monotonic()
        entry = Entry(
            event=event,
            job=job,
            token=token,
            worker=self._writer,
            state=state,
            begin_s=now_s if begin_s is None else begin_s,
            end_s=now_s,
        )
        os.write(self._file, (json.dumps(asdict(entry)) + "\n").encode())


def read_ledgers(folder: Path) -> list[Entry]:
    """All entries of all processes, in the order in which they were answered."""
    entries = [
        Entry(**json.loads(line)) for path in folder.iterdir() for line in path.read_text().splitlines()
    ]
    return sorted(entries, key=lambda entry: entry.end_s)
