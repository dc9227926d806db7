"""`python -m benchmarks.upload`: how much memory does a large upload take from the server of the pages?

Prints one JSON object: the largest growth while a file comes in chunks, as from the page, and while one
comes as the body of a request, as from a program.
Exit code 1 if any is above 20 MB.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.pages import ask, serving_pages
from benchmarks.peaks import resident_mb
from benchmarks.server import fresh_server, load_average

MOST_MB = 20
CHUNK_BYTES = 8_000_000
HEAD = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.upload", description=__doc__)
    parser.add_argument("--gb", type=float, default=4, help="size of the file, billions of bytes")
    chunks = round(parser.parse_args(arguments).gb * 1e9 / CHUNK_BYTES)
    with (
        fresh_server(30) as settings,
        tempfile.TemporaryDirectory(dir="/var/tmp") as blobs,  # a disk; /tmp may be memory
        serving_pages(
            settings, {"DEEPTRACE_BLOBS": Path(blobs).as_uri(), "DEEPTRACE_MAX_UPLOAD_GB": "100"}
        ) as pid,
    ):
        _in_chunks(1)  # what is loaded once is loaded
        outcome: dict[str, Any] = {"gb": chunks * CHUNK_BYTES / 1e9, "load": load_average()}
        for name, work in {"chunks": _in_chunks, "body": _in_one_body}.items():
            with _Growth(pid) as growth:
                started_s = time.monotonic()
                work(chunks)
                took_s = time.monotonic() - started_s
            outcome[name] = {
                "grew_mb": round(growth.mb, 1),
                "from_mb": round(growth.from_mb, 1),
                "mb_per_s": round(chunks * CHUNK_BYTES / 1e6 / took_s, 1),
            }
    good = all(outcome[name]["grew_mb"] <= MOST_MB for name in ("chunks", "body"))
    sys.stdout.write(json.dumps({"upload": "passed" if good else "failed"} | outcome) + "\n")
    return 0 if good else 1


def _contents(chunks: int) -> Iterator[bytes]:
    """Chunks that differ, of a file that begins like an MP4."""
    noise = os.urandom(CHUNK_BYTES)
    for number in range(chunks):
        mark = HEAD if number == 0 else number.to_bytes(24, "big")
        yield mark + noise[len(mark) :]


def _in_chunks(chunks: int) -> None:
    upload_id = ask("POST", "/api/uploads", {"name": "large.mp4", "sizeBytes": chunks * CHUNK_BYTES})["id"]
    hasher = hashlib.sha256()
    for number, chunk in enumerate(_contents(chunks)):
        ask("PUT", f"/api/uploads/{upload_id}?offset={number * CHUNK_BYTES}", chunk)
        hasher.update(chunk)
    assert ask("POST", f"/api/uploads/{upload_id}/finish")["sha256"] == hasher.hexdigest()


def _in_one_body(chunks: int) -> None:
    headers = {"Content-Length": str(chunks * CHUNK_BYTES)}
    ask("POST", "/api/analyze?" + urlencode({"name": "large.mp4"}), _contents(chunks), headers)


class _Growth:
    """By how much the memory of a process grows at most within the block."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.from_mb = resident_mb(pid)
        self.mb = 0.0

    def __enter__(self) -> "_Growth":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            self.mb = max(self.mb, resident_mb(self._pid) - self.from_mb)


if __name__ == "__main__":
    sys.exit(main())
