"""The server of the pages as a process of its own, for benchmarks that ask it things."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from deeptrace_core.settings import PROJECT_ROOT, Settings

PORT = 8699
URL = f"http://127.0.0.1:{PORT}"


@contextmanager
def serving_pages(settings: Settings, more: Mapping[str, str] | None = None) -> Iterator[int]:
    """Start it with the home and the database of the settings, and give its process id.

    Args:
        more: further environment variables.
    """
    ours = {
        "DEEPTRACE_HOME": str(settings.home),
        "DEEPTRACE_MONGODB_URI": settings.mongodb_uri or "",
        "DEEPTRACE_BLOBS": settings.blobs_url,
        **(more or {}),
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={PORT}"]
    log = (settings.home / "pages.log").open("wb")
    with (
        log,
        subprocess.Popen(command, cwd=PROJECT_ROOT, env=os.environ | ours, stdout=log, stderr=log) as process,
    ):
        try:
            _wait_for_answer(process)
            yield process.pid
        finally:
            process.terminate()


def ask(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """One request of the API, and the document it answers. A dictionary is sent as JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=600)
    try:
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        connection.request(method, path, data, headers or {})
        answer = connection.getresponse()
        document: dict[str, Any] = json.loads(answer.read())
        assert answer.status < 300, document
        return document
    finally:
        connection.close()


def _wait_for_answer(process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            ask("GET", "/api/health")
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("The server did not start.")
