"""The database goes away and comes back: errors are quick and clear, and nothing is lost."""

import dataclasses
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from pymongo import MongoClient

from deeptrace_core.errors import SettingsError, StoreUnavailableError
from deeptrace_core.job import JobResult, JobState
from deeptrace_core.model import AnalysisOptions, Verdict
from deeptrace_core.settings import Settings, load_settings
from deeptrace_core.store import open_store
from deeptrace_core.store.mongod_binary import find_mongod
from deeptrace_core.store.mongod_folder import MongodFolder
from deeptrace_core.store.mongod_process import running_pid
from tests.store.conftest import make_media

RESULT = JobResult(report_sha256="c" * 64, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)
QUICK_S = 8.0
"""Two waits for a server that does not answer, and a busy machine."""


def test_store_survives_the_death_of_the_server(home: Path) -> None:
    """Calls fail quickly while the server is dead; the same store and the same claim go on afterwards."""
    settings = load_settings({"DEEPTRACE_HOME": str(home)})
    options = AnalysisOptions(detector="test")
    with open_store(settings) as store:
        store.jobs.submit(make_media(), options)
        running = store.jobs.claim("worker-1")
        assert running is not None
        store.jobs.wait(1)
        pid = running_pid(MongodFolder(root=home / "mongo"))
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

        for call in (store.ping, lambda: store.jobs.renew(running, None)):
            start = time.monotonic()
            with pytest.raises(StoreUnavailableError):
                call()
            assert time.monotonic() - start < QUICK_S
        store.jobs.wait(0.5)  # a worker's loop must not die of it

        store.revive()
        store.ping()
        store.jobs.complete(running, RESULT)
        assert store.jobs.get(running.id).state == JobState.COMPLETED

        submission = store.jobs.submit(make_media(), options)
        deadline = time.monotonic() + 30
        while (job := store.jobs.claim("worker-1")) is None:
            assert time.monotonic() < deadline
            store.jobs.wait(5)
        assert job.id == submission.job_id


def test_listening_resumes_when_the_server_is_back(home: Path) -> None:
    """After a restart of the server, a new job wakes the same waiting worker."""
    settings = load_settings({"DEEPTRACE_HOME": str(home)})
    with open_store(settings) as store:
        store.jobs.wait(10)
        pid = running_pid(MongodFolder(root=home / "mongo"))
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        store.jobs.wait(0.5)
        store.revive()
        store.jobs.submit(make_media(), AnalysisOptions(detector="test"))
        start = time.monotonic()
        store.jobs.wait(60)
        assert time.monotonic() - start < QUICK_S


def test_store_can_be_closed_while_the_server_is_dead(home: Path) -> None:
    """A process can end in good order without its database, and end twice."""
    store = open_store(load_settings({"DEEPTRACE_HOME": str(home)}))
    store.jobs.wait(1)
    pid = running_pid(MongodFolder(root=home / "mongo"))
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    start = time.monotonic()
    store.close()
    store.close()
    assert time.monotonic() - start < QUICK_S
    with pytest.raises(StoreUnavailableError, match="closed"):
        store.ping()


def test_opening_without_a_server_fails_quickly(settings: Settings, tmp_path: Path) -> None:
    """A page that opens while the database is down gets an answer it can show."""
    nowhere = str(tmp_path / "none.sock").replace("/", "%2F")
    start = time.monotonic()
    with pytest.raises(StoreUnavailableError, match="cannot be reached"):
        open_store(dataclasses.replace(settings, mongodb_uri=f"mongodb://{nowhere}/?directConnection=true"))
    assert time.monotonic() - start < QUICK_S


@pytest.mark.parametrize(
    "uri", ["nonsense", "http://localhost", "mongodb://", "mongodb://a:b:c@h/", "mongodb://h/a b?x"]
)
def test_address_that_is_none_is_a_wrong_setting(settings: Settings, uri: str) -> None:
    """A mistyped address is told apart from a server that is away."""
    with pytest.raises(SettingsError, match="DEEPTRACE_MONGODB_URI"):
        open_store(dataclasses.replace(settings, mongodb_uri=uri))


def test_stand_alone_server_is_refused_with_the_remedy(home: Path, settings: Settings) -> None:
    """A server without a replica set cannot serve, and the message says how to make it one."""
    socket = home / "alone.sock"
    command = [find_mongod(settings.mongod), "--dbpath", home, "--bind_ip", socket, "--nounixsocket"]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        uri = f"mongodb://{str(socket).replace('/', '%2F')}/?directConnection=true"
        with MongoClient(uri, serverSelectionTimeoutMS=30_000) as client:
            client.admin.command("ping")
        with pytest.raises(SettingsError, match="stand-alone") as raised:
            open_store(dataclasses.replace(settings, mongodb_uri=uri))
        assert "--replSet" in raised.value.advice
    finally:
        server.kill()
        server.wait()
