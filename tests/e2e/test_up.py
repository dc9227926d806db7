"""`make run`: starts everything, stops everything, says what is wrong."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deeptrace_core.settings import PROJECT_ROOT
from tests.e2e.conftest import free_port
from tests.e2e.system import RunningSystem, processes_naming, wait_for


@pytest.fixture
def fresh_system() -> Iterator[RunningSystem]:
    """Not yet started."""
    home = Path(tempfile.mkdtemp(prefix="dt-up-", dir="/tmp"))
    system = RunningSystem(home=home, port=free_port())
    try:
        yield system
    finally:
        system.stop()
        shutil.rmtree(home)


def test_it_starts_prints_the_address_and_ends_with_no_process_left(fresh_system: RunningSystem) -> None:
    """Ctrl-C ends pages, worker and database, in the right order, with exit code 0."""
    fresh_system.start()
    assert fresh_system.url in fresh_system.output
    assert "models pull" not in fresh_system.output, "the default detector comes with the project"
    with urllib.request.urlopen(fresh_system.url) as answer:
        assert answer.status == 200
    assert len(processes_naming(str(fresh_system.home))) >= 4
    assert fresh_system.interrupt() == 0
    wait_for(lambda: processes_naming(str(fresh_system.home)) == [], "the end of every process", 10)


def test_a_detector_without_weights_is_named_with_the_command(fresh_system: RunningSystem) -> None:
    """Who chooses a detector that must be downloaded is told so before the first video."""
    fresh_system.detector = "mesoinception4-df"
    fresh_system.start()
    assert "models pull mesoinception4-df" in fresh_system.output


def test_a_dead_worker_and_a_dead_database_come_back(fresh_system: RunningSystem) -> None:
    """The supervisor starts again what was killed."""
    fresh_system.start()
    worker = fresh_system.worker_pid()
    mongod = fresh_system.mongod_pid()
    os.kill(worker, signal.SIGKILL)
    os.kill(mongod, signal.SIGKILL)

    def back() -> bool:
        alive = processes_naming(str(fresh_system.home))
        commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in alive]
        return (
            worker not in alive
            and mongod not in alive
            and any(b"worker\0run" in command for command in commands)
            and any(b"mongod\0" in command for command in commands)
        )

    wait_for(back, "a new worker and a new database", 60)


def test_a_port_in_use_is_named_with_a_way_out(fresh_system: RunningSystem) -> None:
    """Exit code 2, the port, and how to choose another."""
    with subprocess.Popen(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(fresh_system.port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as other:
        try:
            wait_for(lambda: _answers(fresh_system.url), "the other server", 20)
            ended = subprocess.run(
                [sys.executable, "-m", "deeptrace_core", "up"],
                cwd=PROJECT_ROOT,
                env=os.environ | fresh_system.environment,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        finally:
            other.terminate()
    assert ended.returncode == 2
    assert f"Port {fresh_system.port} of 127.0.0.1 cannot be used" in ended.stderr
    assert "DEEPTRACE_PORT=" in ended.stderr


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url):
            return True
    except OSError:
        return False
