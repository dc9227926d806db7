"""Advisory locks on files, which the kernel frees when their holder dies, however it dies."""

import fcntl
import os
from pathlib import Path


def open_lock_file(path: Path) -> int:
    """A descriptor for the lock file. Not passed on to programs that this process starts."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_exclusive(descriptor: int) -> bool:
    """Take the lock for oneself, or return False. A shared lock held before is lost either way."""
    return _try(descriptor, fcntl.LOCK_EX)


def try_shared(descriptor: int) -> bool:
    """Take the lock together with others, or return False because somebody has it exclusively."""
    return _try(descriptor, fcntl.LOCK_SH)


def unlock_and_close(descriptor: int) -> None:
    """Give the lock back."""
    # Closing alone would not do: a forked child may still hold a copy of the descriptor.
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether anybody holds the lock."""
    descriptor = open_lock_file(path)
    try:
        return not try_exclusive(descriptor)
    finally:
        os.close(descriptor)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
