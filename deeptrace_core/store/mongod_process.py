"""Start, recognise and stop one mongod process. A lock that it inherits is held while it lives."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from deeptrace_core.errors import EmbeddedDatabaseError
from deeptrace_core.store.data_version import note_version, refuse_older_program
from deeptrace_core.store.file_lock import is_locked, open_lock_file, try_exclusive
from deeptrace_core.store.mongod_binary import check_mongod, find_mongod
from deeptrace_core.store.mongod_folder import MongodFolder

LAUNCH_TIMEOUT_S = 120
"""A start after a crash replays the journal, which takes seconds; this is for a very slow disk."""
STOP_TIMEOUT_S = 20
POLL_S = 0.02
LOG_ROTATE_BYTES = 8_000_000
DISK_RESERVE_BYTES = 300_000_000
"""mongod kills itself when the disk is full, so it is not started just before that."""


def launch_if_dead(folder: MongodFolder, program: Path | None) -> None:
    """Start mongod, unless it runs already or another process is starting it.

    Returns once the new server listens. Safe to call from many processes at once: mongod's own lock is
    not enough, since a second mongod unlinks the socket of the first before it gives up.

    Raises:
        EmbeddedDatabaseError: it cannot run here, or did not start.
    """
    lock = open_lock_file(folder.server_lock)
    try:
        if try_exclusive(lock):
            _check_disk(folder)
            found = find_mongod(program)
            version = check_mongod(found)
            refuse_older_program(folder, version)
            _launch(folder, found, lock)
            note_version(folder, version)
    finally:
        os.close(lock)  # mongod keeps the lock through its own copy of the descriptor


def running_pid(folder: MongodFolder) -> int | None:
    """The process id of the server of this folder, or None if it does not run."""
    if not is_locked(folder.server_lock):
        return None
    try:
        pid = int(folder.pid_file.read_text())
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    # The file may be old and the number somebody else's by now.
    return pid if os.fsencode(folder.data) in arguments else None


def stop(folder: MongodFolder) -> None:
    """Stop the server and wait for its end. Does nothing if it does not run."""
    pid = running_pid(folder)
    if pid is None:
        return
    _signal(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while is_locked(folder.server_lock):
        if time.monotonic() > deadline:
            # Everything acknowledged is in the journal; the next start replays it.
            _signal(pid, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(POLL_S)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _launch(folder: MongodFolder, program: Path, lock: int) -> None:
    if folder.log.exists() and folder.log.stat().st_size > LOG_ROTATE_BYTES:
        folder.log.replace(folder.log.with_suffix(".log.1"))
    log_start = folder.log.stat().st_size if folder.log.exists() else 0
    # A file, not a pipe: the server would keep a pipe open, and reading it would never end.
    with folder.output.open("wb") as output:
        try:
            ended = subprocess.run(
                _command(folder, program),
                pass_fds=[lock],
                start_new_session=True,  # Ctrl-C in the terminal is for us to handle, not for mongod
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "LC_ALL": "C"},  # mongod dies of a locale that is not installed
                timeout=LAUNCH_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EmbeddedDatabaseError(f"The embedded database did not start: {error}.") from error
    if ended.returncode != 0:
        why = _first_error(folder, log_start) or f"it ended with {ended.returncode} and gave no reason"
        raise EmbeddedDatabaseError(
            f"The embedded database did not start: {why}",
            advice=f"Its log is {folder.log}. You can also do without it: "
            + EmbeddedDatabaseError.default_advice,
        )


def _command(folder: MongodFolder, program: Path) -> list[str]:
    command = [str(program), "--fork"]  # returns when the server listens, and leaves no child to us
    command += ["--dbpath", str(folder.data), "--pidfilepath", str(folder.pid_file)]
    # A path in --bind_ip means: no TCP. --nounixsocket removes only the shared socket in /tmp.
    command += ["--bind_ip", str(folder.socket), "--nounixsocket", "--filePermissions", "0700"]
    command += ["--replSet", "rs0", "--oplogSize", "256", "--networkMessageCompressors", "disabled"]
    command += ["--wiredTigerCacheSizeGB", "0.25"]
    command += ["--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=16MB)"]
    command += ["--slowms", "1000", "--quiet", "--logpath", str(folder.log), "--logappend"]
    command += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
    return command


def _check_disk(folder: MongodFolder) -> None:
    free_bytes = shutil.disk_usage(folder.root).free
    if free_bytes < DISK_RESERVE_BYTES:
        raise EmbeddedDatabaseError(
            f"The disk is nearly full: {free_bytes // 1_000_000} MB are free, and the embedded database "
            f"needs {DISK_RESERVE_BYTES // 1_000_000} MB.",
            advice=f"Free some space on the disk of {folder.root}, or set DEEPTRACE_HOME to another disk. "
            "You can also do without it: " + EmbeddedDatabaseError.default_advice,
        )


def _first_error(folder: MongodFolder, log_start_bytes: int) -> str | None:
    """The first error in the log after a position: later ones follow from it. Else the last line printed."""
    if folder.log.exists():
        with folder.log.open("rb") as log:
            log.seek(log_start_bytes)
            for line in log:
                if text := _error_text(line):
                    return text
    printed = folder.output.read_text(errors="replace").splitlines()
    return next((line for line in reversed(printed) if line.strip()), None)


def _error_text(line: bytes) -> str | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if entry.get("s") not in ("E", "F"):
        return None
    details = entry.get("attr") or {}
    reason = details.get("message", details.get("error"))
    if isinstance(reason, dict):
        reason = reason.get("error_str", reason.get("errmsg"))
    return ": ".join(str(part) for part in (entry.get("msg"), reason, details.get("path")) if part)
