"""Where the embedded database keeps its files and its socket."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus

from deeptrace_core.errors import EmbeddedDatabaseError

MAX_SOCKET_PATH_BYTES = 107  # sockaddr_un of Linux, less the closing zero


@dataclass(frozen=True, kw_only=True)
class MongodFolder:
    """The files of one embedded server."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "db"

    @property
    def log(self) -> Path:
        return self.root / "mongod.log"

    @property
    def output(self) -> Path:
        """What mongod printed before it had a log."""
        return self.root / "mongod.out"

    @property
    def pid_file(self) -> Path:
        return self.root / "mongod.pid"

    @property
    def version_file(self) -> Path:
        """The version of the server that opened the data last."""
        return self.root / "version"

    @property
    def server_lock(self) -> Path:
        """Locked by mongod itself, which inherits the descriptor: locked means alive."""
        return self.root / "mongod.flock"

    @property
    def users_lock(self) -> Path:
        """Locked, shared, by each process that uses the server."""
        return self.root / "users.flock"

    @property
    def socket(self) -> Path:
        """The server's only address. Its name must end in .sock for pymongo."""
        path = self.root / "run" / "m.sock"
        # --bind_ip takes a list, so a comma would cut the path in two.
        if len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES and "," not in str(path):
            return path
        # Not the temporary folder of the environment: all processes must come to the same place.
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(f"/tmp/dt-{os.getuid()}-{name}/m.sock")

    @property
    def uri(self) -> str:
        return f"mongodb://{quote_plus(str(self.socket))}/?directConnection=true"

    def prepare(self) -> None:
        """Make the folders, closed to other users.

        Raises:
            EmbeddedDatabaseError: a folder cannot be made, or the one in /tmp is somebody else's.
        """
        try:
            for folder in (self.root, self.data, self.socket.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.root, self.socket.parent):
                _check_private(folder)
        except OSError as error:
            raise EmbeddedDatabaseError(
                f"The folder of the embedded database cannot be used: {error}.",
                advice="Make it writable, or set DEEPTRACE_HOME to a folder of your own.",
            ) from error


def _check_private(folder: Path) -> None:
    # lstat: in /tmp another user may have put a link in our place.
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise EmbeddedDatabaseError(
            f"{folder} belongs to somebody else.",
            advice="Remove it, or set DEEPTRACE_HOME to a folder of your own with a short path.",
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)
