"""A second `make run` on the same data folder."""

import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deeptrace_core.settings import PROJECT_ROOT
from deeptrace_core.store import open_store
from tests.e2e.conftest import free_port
from tests.e2e.system import RunningSystem, processes_naming, wait_for


@pytest.fixture
def first() -> Iterator[RunningSystem]:
    """A running one."""
    home = Path(tempfile.mkdtemp(prefix="dt-up-", dir="/tmp"))
    system = RunningSystem(home=home, port=free_port())
    try:
        system.start()
        yield system
    finally:
        system.stop()
        shutil.rmtree(home)


def answers(system: RunningSystem) -> bool:
    with urllib.request.urlopen(system.url) as answer:
        return bool(answer.status == 200)


def test_same_port_is_refused_and_another_port_shares_everything(first: RunningSystem) -> None:
    """On the same port it says so; on another one it is a second page and worker on one database, and the
    database stays until the last of them ends."""
    refused = subprocess.run(
        [sys.executable, "-m", "deeptrace_core", "up"],
        cwd=PROJECT_ROOT,
        env=os.environ | first.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 2
    assert f"Port {first.port} of 127.0.0.1 cannot be used" in refused.stderr
    assert "If DeepTrace is running already, use that one" in refused.stderr

    mongod = first.mongod_pid()
    second = dataclasses.replace(first, port=free_port())
    try:
        second.start()
        assert (answers(first), answers(second), second.mongod_pid()) == (True, True, mongod)
        with open_store(first.settings) as store:
            assert len(store.workers.alive()) == 2
        assert first.interrupt() == 0
        assert (answers(second), second.mongod_pid()) == (True, mongod)
        with open_store(first.settings) as store:
            store.ping()
    finally:
        second.stop()
    wait_for(lambda: processes_naming(str(first.home)) == [], "the end of every process", 20)
