"""Real mongods, few for the whole run; a fresh database for each test that asks for one."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from deeptrace_core.settings import Settings, load_settings
from deeptrace_core.store import Store, open_store
from deeptrace_core.store.embedded import EmbeddedMongod


def _fast_folder() -> str:
    """In memory where there is room, so that no write waits for a disk. Short: a socket has a short path."""
    memory = "/dev/shm"
    return memory if os.path.isdir(memory) and shutil.disk_usage(memory).free > 2e9 else "/tmp"


DATABASES_A_SERVER = 150
"""A server keeps about 50 files open for each of them, and may have only so many in all."""


class Servers:
    """Real servers, one after another; all end with the run."""

    def __init__(self) -> None:
        self._running = ExitStack()
        self._uri = ""
        self._left = 0

    def uri(self) -> str:
        """The address of a server with room for another database. It names no database."""
        if not self._left:
            home = Path(tempfile.mkdtemp(prefix="dt-test-", dir=_fast_folder()))
            self._running.callback(shutil.rmtree, home)
            mongod = self._running.enter_context(EmbeddedMongod(home, load_settings().mongod))
            self._uri, self._left = mongod.folder.uri, DATABASES_A_SERVER
        self._left -= 1
        return self._uri

    def stop(self) -> None:
        self._running.close()


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """What starts servers when they are wanted."""
    started = Servers()
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="session")
def mongodb_uri(servers: Servers) -> str:
    """The address of a server that ends with the run. It names no database."""
    return servers.uri()


@pytest.fixture(scope="session", autouse=True)
def converted_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where networks are kept as OpenVINO runs them: one place for all processes of a run, since each
    takes seconds."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "converted"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEEPTRACE_CONVERTED", str(folder))
        yield folder


@pytest.fixture
def settings(servers: Servers, tmp_path: Path, converted_dir: Path) -> Settings:
    """Settings with a database and folders of their own. No process of this test run shares them."""
    database = f"test_{uuid.uuid4().hex}"
    return load_settings(
        {
            "DEEPTRACE_HOME": str(tmp_path),
            "DEEPTRACE_CONVERTED": str(converted_dir),
            "DEEPTRACE_MONGODB_URI": servers.uri().replace("/?", f"/{database}?"),
        }
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """The store of `settings`."""
    with open_store(settings) as opened:
        yield opened


@pytest.fixture
def database(settings: Settings) -> Iterator[Database[dict[str, Any]]]:
    """The same database without the store, to see and to change what the store does not offer."""
    client: MongoClient[dict[str, Any]] = MongoClient(settings.mongodb_uri)
    with client:
        yield client.get_default_database()
