"""One real mongod for the whole run; a fresh database for each test that asks for one."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from deeptrace_core.settings import Settings, load_settings
from deeptrace_core.store import Store, open_store
from deeptrace_core.store.embedded import EmbeddedMongod


@pytest.fixture(scope="session")
def mongodb_uri() -> Iterator[str]:
    """The address of a server that ends with the run. It names no database."""
    home = Path(tempfile.mkdtemp(prefix="dt-test-", dir="/tmp"))  # short: a socket's path is limited
    try:
        with EmbeddedMongod(home, load_settings().mongod) as mongod:
            yield mongod.folder.uri
    finally:
        shutil.rmtree(home)


@pytest.fixture
def settings(mongodb_uri: str, tmp_path: Path) -> Settings:
    """Settings with a database and folders of their own. No process of this test run shares them."""
    database = f"test_{uuid.uuid4().hex}"
    return load_settings(
        {
            "DEEPTRACE_HOME": str(tmp_path),
            "DEEPTRACE_MONGODB_URI": mongodb_uri.replace("/?", f"/{database}?"),
        }
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """The store of `settings`."""
    with open_store(settings) as opened:
        yield opened
