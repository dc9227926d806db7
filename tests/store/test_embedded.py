"""The embedded database starts, is shared, survives and ends, whatever its users do."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from deeptrace_core.errors import EmbeddedDatabaseError
from deeptrace_core.settings import PROJECT_ROOT
from deeptrace_core.store import mongod_process
from deeptrace_core.store.connection import connect
from deeptrace_core.store.embedded import EmbeddedMongod
from deeptrace_core.store.mongod_folder import MongodFolder
from deeptrace_core.store.mongod_process import running_pid


class User:
    """A process that uses the server. See `embedded_user.py`."""

    def __init__(self, home: Path) -> None:
        program = [sys.executable, str(Path(__file__).with_name("embedded_user.py")), str(home)]
        self.process = subprocess.Popen(
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT_ROOT,
            env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
        )

    def tell(self, command: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def ask(self, command: str) -> str:
        self.tell(command)
        return self.answer()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def users(home: Path) -> Iterator[list[User]]:
    """Four processes, none of which uses the server yet."""
    processes = [User(home) for _ in range(4)]
    yield processes
    for user in processes:
        user.kill()


def is_alive(pid: int) -> bool:
    """Whether the process runs. One that has ended but was not collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def server_of(home: Path) -> int:
    pid = running_pid(MongodFolder(root=home / "mongo"))
    assert pid is not None
    return pid


def kill_and_wait(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    while is_alive(pid):
        time.sleep(0.01)


def test_simultaneous_starts_make_one_server_for_all(users: list[User]) -> None:
    """Processes that start together share one server, which stops with the last of them."""
    for user in users:
        user.tell("start")
    pids = {int(user.answer()) for user in users}
    assert len(pids) == 1
    assert [user.ask("write") for user in users] == ["done"] * 4
    assert users[0].ask("count") == "4"

    pid = pids.pop()
    for user in users[:3]:
        assert user.ask("release") == "done"
        assert is_alive(pid)
    assert users[3].ask("count") == "4"
    users[3].ask("release")
    assert not is_alive(pid)


def test_server_outlives_users_that_are_killed(users: list[User]) -> None:
    """A violent end of its users does not stop the server; the next user finds it and can stop it."""
    pid = int(users[0].ask("start"))
    users[1].ask("start")
    users[0].kill()
    users[1].kill()
    assert is_alive(pid)
    assert int(users[2].ask("start")) == pid
    users[2].ask("release")
    assert not is_alive(pid)


def test_killed_server_comes_back_with_its_data(home: Path, users: list[User]) -> None:
    """After a kill -9, users that notice together start one new server, and nothing is lost."""
    first = int(users[0].ask("start"))
    users[1].ask("start")
    users[0].ask("write")
    kill_and_wait(first)
    for user in users:
        user.tell("start")
    pids = {int(user.answer()) for user in users}
    assert len(pids) == 1
    assert first not in pids
    assert [user.ask("count") for user in users] == ["1"] * 4


def test_starts_during_a_stop_are_served(users: list[User]) -> None:
    """A process that starts while the last user stops the server gets a new one."""
    for _ in range(2):
        users[0].ask("start")
        users[0].tell("release")
        time.sleep(0.1)
        users[1].tell("start")
        assert users[0].answer() == "done"
        assert is_alive(int(users[1].answer()))
        assert users[1].ask("write") == "done"
        users[1].ask("release")


def test_start_is_cheap_while_the_server_lives(home: Path) -> None:
    """A supervisor may call it every second."""
    with EmbeddedMongod(home, None) as mongod:
        start = time.monotonic()
        for _ in range(50):
            mongod.start()
        assert time.monotonic() - start < 1


def test_server_is_reachable_by_its_socket_alone(home: Path) -> None:
    """No TCP port, no second socket, and nobody else may connect."""
    with EmbeddedMongod(home, None) as mongod:
        pid = server_of(home)
        inodes = set()
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed since it was listed
                found = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(entry))
                if found:
                    inodes.add(found.group(1))

        def rows(table: str) -> list[list[str]]:
            return [line.split() for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]]

        tcp = [row for table in ("tcp", "tcp6") for row in rows(table) if row[9] in inodes]
        sockets = {row[7] for row in rows("unix") if row[6] in inodes and len(row) > 7}
        assert (tcp, sockets) == ([], {str(mongod.folder.socket)})
        assert stat.S_IMODE(mongod.folder.socket.stat().st_mode) == 0o700
        assert stat.S_IMODE(mongod.folder.root.stat().st_mode) == 0o700
        assert stat.S_IMODE(mongod.folder.socket.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["long" * 30, "with, comma and ünicode %20"])
def test_any_folder_can_be_home(home: Path, name: str) -> None:
    """A path too long for a socket, or one that would be misread, gets its socket elsewhere, closed."""
    with EmbeddedMongod(home / name, None) as mongod:
        parent = mongod.folder.socket.parent
        assert parent.parent == Path("/tmp")
        assert (stat.S_IMODE(parent.stat().st_mode), parent.stat().st_uid) == (0o700, os.getuid())
        with connect(mongod.start()) as client:
            client.test.documents.insert_one({})
    parent.rmdir()


def test_place_taken_by_somebody_else_is_refused(home: Path) -> None:
    """In /tmp another user may have put something in our place; we do not use it."""
    folder = MongodFolder(root=home / ("long" * 30) / "mongo")
    folder.socket.parent.symlink_to(home)
    try:
        with pytest.raises(EmbeddedDatabaseError, match="somebody else"):
            EmbeddedMongod(folder.root.parent, None).start()
    finally:
        folder.socket.parent.unlink()


def test_home_may_be_moved(home: Path) -> None:
    """A folder that was renamed, or copied to another place, serves there with its data."""
    with EmbeddedMongod(home / "a", None) as mongod, connect(mongod.start()) as client:
        client.test.documents.insert_one({})
    (home / "a").rename(home / "b")
    with EmbeddedMongod(home / "b", None) as mongod, connect(mongod.start()) as client:
        client.test.documents.insert_one({})
        assert client.test.documents.count_documents({}) == 2


def test_stranger_is_never_stopped(home: Path) -> None:
    """A process id in a file proves nothing: what is not our server gets no signal."""
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        with EmbeddedMongod(home, None) as mongod:
            pid = server_of(home)
            mongod.folder.pid_file.write_text(f"{stranger.pid}\n")
        assert stranger.poll() is None
        mongod.folder.pid_file.write_text(f"{pid}\n")
    finally:
        stranger.kill()
        stranger.wait()


def test_second_use_in_one_process_keeps_the_server(home: Path) -> None:
    """Two stores of one process are two uses, from whatever thread they end."""
    with EmbeddedMongod(home, None) as first:
        pid = server_of(home)
        second = EmbeddedMongod(home, None)
        second.start()
        thread = threading.Thread(target=second.release)
        thread.start()
        thread.join()
        second.release()
        assert is_alive(pid)
        first.start()
    assert not is_alive(pid)


def test_failed_start_quotes_the_log(home: Path) -> None:
    """The reason of the server is shown, not a number, and the way out."""
    folder = MongodFolder(root=home / "mongo")
    folder.data.mkdir(parents=True)
    (folder.data / "storage.bson").write_bytes(b"garbage")
    with pytest.raises(
        EmbeddedDatabaseError, match=r"did not start: Unable to read the storage engine metadata"
    ) as raised:
        EmbeddedMongod(home, None).start()
    assert "DEEPTRACE_MONGODB_URI" in raised.value.advice
    assert str(folder.log) in raised.value.advice
    (folder.data / "storage.bson").unlink()
    with EmbeddedMongod(home, None):  # and the failure left no lock behind
        pass


def test_nearly_full_disk_is_told_before_the_start(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server would kill itself on a full disk, so it is not started just before that."""
    monkeypatch.setattr(mongod_process, "DISK_RESERVE_BYTES", 10**15)
    with pytest.raises(EmbeddedDatabaseError, match="nearly full") as raised:
        EmbeddedMongod(home, None).start()
    assert "docker compose up" in raised.value.advice


def test_home_that_cannot_be_written_is_explained(home: Path) -> None:
    """A home in the place of a file names the setting."""
    (home / "file").touch()
    with pytest.raises(EmbeddedDatabaseError, match="cannot be used") as raised:
        EmbeddedMongod(home / "file", None).start()
    assert "DEEPTRACE_HOME" in raised.value.advice


def test_large_log_is_put_aside_at_the_start(home: Path) -> None:
    """The log does not grow for ever."""
    folder = MongodFolder(root=home / "mongo")
    folder.root.mkdir()
    folder.log.write_bytes(b"x" * (mongod_process.LOG_ROTATE_BYTES + 1))
    with EmbeddedMongod(home, None):
        assert folder.log.stat().st_size < 1_000_000
    assert folder.log.with_name("mongod.log.1").stat().st_size > mongod_process.LOG_ROTATE_BYTES


def test_data_of_a_newer_server_are_refused_untouched(home: Path) -> None:
    """After a downgrade of mongod the message names both versions and the way out; nothing was changed."""
    with EmbeddedMongod(home, None) as mongod:
        folder = mongod.folder
        assert re.fullmatch(r"\d+\.\d+\.\d+", folder.version_file.read_text().strip())
    written = folder.version_file.read_text()
    folder.version_file.write_text("99.1.2\n")
    before = {path: path.stat().st_mtime_ns for path in folder.data.rglob("*")}
    with pytest.raises(
        EmbeddedDatabaseError, match=r"written by MongoDB 99\.1\.2.* older MongoDB 6\."
    ) as raised:
        EmbeddedMongod(home, None).start()
    assert "DEEPTRACE_MONGOD=" in raised.value.advice
    assert before == {path: path.stat().st_mtime_ns for path in folder.data.rglob("*")}
    folder.version_file.write_text(written)
    with EmbeddedMongod(home, None):
        pass


def test_stale_files_of_a_dead_server_are_no_hindrance(home: Path) -> None:
    """A socket nobody listens at, and the id of a process that is somebody else's: the next start goes on."""
    with EmbeddedMongod(home, None) as mongod:
        folder = mongod.folder
        mongod.start()
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(folder.socket))
    folder.pid_file.write_text(f"{os.getpid()}\n")
    (folder.data / "mongod.lock").write_text(f"{os.getpid()}\n")
    with EmbeddedMongod(home, None) as mongod, connect(mongod.start()) as client:
        client.test.documents.insert_one({})


def test_folder_that_nobody_may_write_is_explained() -> None:
    """Not even root may make a folder there."""
    with pytest.raises(EmbeddedDatabaseError, match="cannot be used") as raised:
        EmbeddedMongod(Path("/sys/kernel"), None).start()
    assert "DEEPTRACE_HOME" in raised.value.advice
