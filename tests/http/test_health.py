"""What the server says of itself while its database is away, and how little memory large files take."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from deeptrace_core.blobs import Blobs
from deeptrace_core.settings import load_settings
from pages.http import links
from tests.e2e.conftest import free_port
from tests.http.server import Server

SIZE_BYTES = 200_000_000


@pytest.fixture
def orphan(tmp_path: Path) -> Iterator[Server]:
    """A server without a database."""
    uri = f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0"
    settings = load_settings({"DEEPTRACE_HOME": str(tmp_path), "DEEPTRACE_MONGODB_URI": uri})
    server = Server(settings=settings, port=free_port())
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_a_server_without_a_database_is_alive_but_not_ready(orphan: Server) -> None:
    """503 with the code that everybody else sees, too; the figures say so, and no video is taken."""
    assert requests.get(f"{orphan.url}/api/health", timeout=30).ok
    for path in ("ready", "jobs"):
        answer = requests.get(f"{orphan.url}/api/{path}", timeout=30)
        assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert "deeptrace_database_up 0.0" in requests.get(f"{orphan.url}/api/metrics", timeout=30).text


@pytest.mark.usefixtures("links")
def test_a_large_file_is_given_out_in_flat_memory(
    server: Server, server_blobs: Blobs, tmp_path: Path
) -> None:
    """200 MB, whole and in its last part: the server grows by less than 20 MB."""
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(SIZE_BYTES)
    with path.open("rb") as file:
        sha256, _ = server_blobs.put_stream(file)
    url = server.url + links.media_url(sha256, "video/mp4")
    requests.get(url, headers={"Range": "bytes=0-9"}, timeout=30)
    before_mb, most_mb, hasher = server.rss_mb(), 0.0, hashlib.sha256()
    with requests.get(url, stream=True, timeout=30) as answer:
        for piece in answer.iter_content(1_000_000):
            hasher.update(piece)
            most_mb = max(most_mb, server.rss_mb())
    last = requests.get(url, headers={"Range": f"bytes={SIZE_BYTES - 50_000_000}-"}, timeout=30)
    assert hasher.hexdigest() == sha256
    assert len(last.content) == 50_000_000
    assert max(most_mb, server.rss_mb()) - before_mb < 20
