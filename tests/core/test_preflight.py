"""What must be true before anything can be installed."""

import shutil
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from deeptrace_core import preflight

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which nothing is installed yet."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_this_machine_is_fit_or_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room on the disk nothing stands in the way here: these tests run."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, 10**12))
    assert list(preflight.missing()) == []


def test_an_old_python_is_named_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says which version this is, and how to name another."""
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert "This is Python 3.9; DeepTrace needs 3.11 or newer" in "\n".join(preflight.missing())


def test_a_full_disk_is_told_before_the_download(monkeypatch: pytest.MonkeyPatch, empty_folder: Path) -> None:
    """Not after five gigabytes; and not again where a part is installed already."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 2 * 10**9))
    assert "Only 2.0 GB are free here" in "\n".join(preflight.missing())
    (empty_folder / ".venv").mkdir()
    assert list(preflight.missing()) == []
