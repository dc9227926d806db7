"""Everything also works under a base path, behind a proxy that serves other things beside it."""

from collections.abc import Iterator

import pytest
import requests

from deeptrace_core.blobs import Blobs
from deeptrace_core.settings import Settings
from pages.http import links, paths
from tests.e2e.conftest import free_port
from tests.http.server import Server


@pytest.fixture(scope="module")
def based(server_settings: Settings) -> Iterator[Server]:
    server = Server(settings=server_settings, port=free_port(), base="/some/where")
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.mark.usefixtures("links")
def test_files_are_under_the_base_path(
    based: Server, server_blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link contains it, and the route answers there; Streamlit alone would answer with its own page."""
    monkeypatch.setattr(paths, "base", lambda: based.base)
    url = links.media_url(server_blobs.put_bytes(b"data"), "video/mp4")
    assert url.startswith("/some/where/files/")
    assert requests.get(based.url.removesuffix(based.base) + url, timeout=30).content == b"data"
