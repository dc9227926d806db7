"""What the tests of the worker share."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.peaks import children


def descriptors() -> set[tuple[str, str]]:
    """Open files and pipes; no sockets, since clients of a database open and close theirs as they like."""
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the one that lists them
            found.add((descriptor.name, os.readlink(descriptor)))
    return {(number, target) for number, target in found if not target.startswith(("socket:", "anon_inode:"))}


@pytest.fixture
def new_children() -> Callable[[], list[int]]:
    """Tells which processes were started since the test began; a database of other tests may be there."""
    before = children()
    return lambda: [pid for pid in children() if pid not in before]


@pytest.fixture
def nothing_is_left() -> Iterator[None]:
    """Whatever happened: no process and no open file remain."""
    before = sorted(children()), descriptors()
    yield
    assert (sorted(children()), descriptors()) == before
