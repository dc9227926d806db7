"""A real server for all tests of the HTTP routes, and what is behind it."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from deeptrace_core.blobs import Blobs
from deeptrace_core.job import ACTIVE_STATES
from deeptrace_core.settings import Settings, load_settings
from deeptrace_core.store import Store, open_store
from tests.e2e.conftest import free_port
from tests.http.server import Server
from tests.pages.fresh_backend import fresh_backend
from tests.pages.samples import Desk


@pytest.fixture(scope="session")
def server_settings(mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One database and one folder for the server of all tests."""
    return load_settings(
        {
            "DEEPTRACE_HOME": str(tmp_path_factory.mktemp("server")),
            "DEEPTRACE_MONGODB_URI": mongodb_uri.replace("/?", f"/http_{uuid.uuid4().hex}?"),
        }
    )


@pytest.fixture(scope="session")
def server(server_settings: Settings) -> Iterator[Server]:
    server = Server(settings=server_settings, port=free_port())
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def server_store(server_settings: Settings) -> Iterator[Store]:
    with open_store(server_settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def server_blobs(server_settings: Settings) -> Blobs:
    return Blobs(server_settings.blobs_url)


@pytest.fixture
def desk(server_store: Store, server_blobs: Blobs) -> Desk:
    """What the server looks at, to fill it. No job waits there."""
    for job in server_store.jobs.history(limit=1000, states=ACTIVE_STATES):
        server_store.jobs.cancel(job.id)
    return Desk(store=server_store, blobs=server_blobs)


@pytest.fixture
def links(server_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process makes links with the key of the server."""
    with fresh_backend(server_settings, monkeypatch):
        yield


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A small file that begins like an MP4."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + uuid.uuid4().bytes * 1000)
    return path
