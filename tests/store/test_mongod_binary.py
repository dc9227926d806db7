"""What is missing on a machine is said by name, with what to do."""

from pathlib import Path

import pytest

from deeptrace_core.errors import EmbeddedDatabaseError
from deeptrace_core.store.mongod_binary import check_avx, check_mongod, find_mongod


def program(folder: Path, script: str) -> Path:
    path = folder / "mongod"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return path


def test_installed_server_is_found_and_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program of the pip package is found, without a search on PATH."""
    monkeypatch.setenv("PATH", "")
    found = find_mongod(None)
    check_mongod(found)
    assert found.name == "mongod"


def test_configured_program_comes_first(tmp_path: Path) -> None:
    """Who names a program gets that one."""
    path = program(tmp_path, "exit 0")
    assert find_mongod(path) == path


def test_configured_program_must_exist(tmp_path: Path) -> None:
    """A wrong setting is named, and nothing else is run in its place."""
    (tmp_path / "text").write_text("not a program")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "text"):
        with pytest.raises(EmbeddedDatabaseError, match="DEEPTRACE_MONGOD"):
            find_mongod(path)


@pytest.mark.parametrize(
    ("library", "remedy"),
    [
        ("libcurl.so.4", "apt-get install libcurl4 "),
        ("libssl.so.3", "apt-get install libssl3 "),
        ("libodd.so.9", "package that contains libodd.so.9"),
    ],
)
def test_missing_library_is_named(tmp_path: Path, library: str, remedy: str) -> None:
    """A shared library that the system lacks is named, with the package to install and the other ways."""
    said = f"{library}: cannot open shared object file: No such file or directory"
    path = program(tmp_path, f"echo 'mongod: error while loading shared libraries: {said}' >&2; exit 127")
    with pytest.raises(EmbeddedDatabaseError, match=library) as raised:
        check_mongod(path)
    for part in (remedy, "DEEPTRACE_MONGODB_URI", "docker compose up"):
        assert part in raised.value.advice


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo \"version 'GLIBC_2.34' not found\" >&2; exit 1", "GLIBC_2.34"),
        ("kill -ILL $$", "AVX"),
        ("exit 7", "ended with 7"),
        ("echo hello", "not a MongoDB server"),
        ("echo 'db version v4.4.29'", "MongoDB 4.4.29; 6.0 or newer"),
    ],
)
def test_program_that_cannot_serve_is_refused(tmp_path: Path, script: str, said: str) -> None:
    """Whatever the program does in place of serving, the message tells what it was."""
    with pytest.raises(EmbeddedDatabaseError, match=said) as raised:
        check_mongod(program(tmp_path, script))
    assert "docker compose up" in raised.value.advice


def test_file_of_another_system_is_refused(tmp_path: Path) -> None:
    """A file that the kernel cannot run is no puzzle of error numbers."""
    path = program(tmp_path, "")
    path.write_bytes(b"\x7fELF garbage")
    with pytest.raises(EmbeddedDatabaseError, match="cannot be run"):
        check_mongod(path)


def test_processor_without_avx_is_refused() -> None:
    """Without AVX the server would die of an illegal instruction."""
    check_avx("processor : 0\nflags\t\t: fpu sse2 avx avx2\n")
    with pytest.raises(EmbeddedDatabaseError, match="AVX"):
        check_avx("processor : 0\nflags\t\t: fpu sse2 avx_like noavx\n")
