"""The embedded database: a real mongod on this machine, shared by all processes with the same home.

Each process that uses it holds a shared lock; mongod holds a lock of its own. The kernel frees both at a
death of any kind, so nothing here trusts a pid file, a socket file or a clean ending.
"""

import socket
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from deeptrace_core.errors import EmbeddedDatabaseError
from deeptrace_core.store import mongod_process
from deeptrace_core.store.file_lock import open_lock_file, try_exclusive, try_shared, unlock_and_close
from deeptrace_core.store.mongod_folder import MongodFolder
from deeptrace_core.store.replica_set import wait_until_primary

START_TIMEOUT_S = 150.0
POLL_S = 0.05


class EmbeddedMongod:
    """One use of the embedded server. The last use that ends stops it."""

    def __init__(self, home: Path, program: Path | None) -> None:
        """
        Args:
            home: the folder of all that DeepTrace keeps; the server takes `mongo` in it.
            program: the mongod to run, or None to look for one.
        """
        self._folder = MongodFolder(root=(home / "mongo").resolve())
        self._program = program
        self._users_lock: int | None = None
        self._ready_pid: int | None = None
        # Pages and supervisors may call from several threads of one process.
        self._mutex = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    @property
    def folder(self) -> MongodFolder:
        return self._folder

    def start(self) -> str:
        """Make sure that the server runs and takes writes. Cheap when it does; call it again at any time.

        Returns:
            The URI to connect to.

        Raises:
            EmbeddedDatabaseError: it could not be started. The text says why and what to do.
        """
        with self._mutex:
            if self._ready_pid is not None and self._ready_pid == mongod_process.running_pid(self._folder):
                return self._folder.uri
            deadline_s = time.monotonic() + START_TIMEOUT_S
            self._folder.prepare()
            was_used = self._users_lock is not None
            try:
                self._take_users_lock(deadline_s)
                self._run(deadline_s)
            except BaseException:
                if not was_used:
                    self._release()
                raise
            self._ready_pid = mongod_process.running_pid(self._folder)
            return self._folder.uri

    def release(self) -> None:
        """End this use. If it was the last one on this machine, stop the server and wait for its end."""
        with self._mutex:
            self._release()

    def _release(self) -> None:
        if self._users_lock is None:
            return
        lock, self._users_lock, self._ready_pid = self._users_lock, None, None
        try:
            # Kept during the stop: who starts now waits for the end, and then starts anew.
            if try_exclusive(lock):
                mongod_process.stop(self._folder)
        finally:
            unlock_and_close(lock)

    def _take_users_lock(self, deadline_s: float) -> None:
        if self._users_lock is not None:
            return
        lock = open_lock_file(self._folder.users_lock)
        try:
            while not try_shared(lock):
                if time.monotonic() > deadline_s:
                    raise EmbeddedDatabaseError(
                        "Another process is stopping the embedded database and does not come to an end."
                    )
                time.sleep(POLL_S)
        except BaseException:
            unlock_and_close(lock)
            raise
        self._users_lock = lock

    def _run(self, deadline_s: float) -> None:
        while True:
            mongod_process.launch_if_dead(self._folder, self._program)
            if self._listens() and wait_until_primary(self._folder.uri, self._folder.socket, deadline_s):
                return
            if time.monotonic() > deadline_s:
                raise EmbeddedDatabaseError(
                    f"The embedded database runs, but does not answer at {self._folder.socket}.",
                    advice=f"Look into its log, {self._folder.log}. You can also do without it: "
                    + EmbeddedDatabaseError.default_advice,
                )
            time.sleep(POLL_S)

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self._folder.socket))
            except OSError:
                return False
            return True
