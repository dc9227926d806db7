"""Pulling weights, against a real HTTP server on this machine."""

import dataclasses
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from deeptrace_core.canonical import digest
from deeptrace_core.errors import (
    DeepTraceError,
    EnvironmentFault,
    ModelUnavailableError,
    WeightsRejectedError,
)
from deeptrace_core.settings import PROJECT_ROOT, Settings
from worker.weights.files import expected_sha256, read_verified, stored_path
from worker.weights.pull import pull
from worker.weights.registry import RegisteredWeights


@dataclass
class Hub:
    """A server of files. Change the other fields to make it misbehave."""

    address: str
    files: dict[str, bytes]
    cut_at: int | None = None
    stalled: bool = False
    requests: int = 0


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("NO_PROXY", "*")
    ended = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.requests += 1
            body = hub.files.get(self.path)
            if body is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: hub.cut_at])
            if hub.stalled:
                ended.wait(60)

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub = Hub(address=f"http://127.0.0.1:{server.server_port}", files={})
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield hub
        ended.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def entry(entry: RegisteredWeights, hub: Hub, published: bytes) -> RegisteredWeights:
    """The entry, published on the hub."""
    hub.files["/weights/Some.h5"] = published
    return dataclasses.replace(entry, address=f"{hub.address}/weights/Some.h5")


def assert_nothing_left(settings: Settings) -> None:
    """Neither a file under the final name nor a partial one."""
    left = list(settings.weights_dir.rglob("*")) if settings.weights_dir.exists() else []
    assert left == []


def test_downloads_the_published_file(
    entry: RegisteredWeights, settings: Settings, published: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file lands under its SHA-256 and can be loaded; no bar is drawn where no terminal is."""
    path = pull(entry, settings)
    assert path == stored_path(entry, settings) == settings.weights_dir / f"{entry.sha256}.h5"
    assert read_verified(entry, settings) == published
    assert [file.name for file in settings.weights_dir.iterdir()] == [path.name]
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask, "other users of the machine may read it"
    assert capsys.readouterr() == ("", "")


def test_a_file_that_is_right_is_not_downloaded_again(
    entry: RegisteredWeights, settings: Settings, hub: Hub
) -> None:
    """Pulling twice costs one download."""
    assert pull(entry, settings) == pull(entry, settings)
    assert hub.requests == 1


def test_a_damaged_file_is_replaced(entry: RegisteredWeights, settings: Settings, published: bytes) -> None:
    """The command that the error advises does mend it."""
    pull(entry, settings).write_bytes(b"damaged")
    with pytest.raises(WeightsRejectedError):
        read_verified(entry, settings)
    pull(entry, settings)
    assert read_verified(entry, settings) == published


def test_another_file_is_refused_and_nothing_is_left(
    entry: RegisteredWeights, settings: Settings, hub: Hub
) -> None:
    """A hub that was broken into cannot place a file here."""
    hub.files["/weights/Some.h5"] = b"not the published file"
    with pytest.raises(WeightsRejectedError) as error:
        pull(entry, settings)
    assert entry.sha256 in error.value.what
    assert digest(b"not the published file") in error.value.what
    assert_nothing_left(settings)


@pytest.mark.parametrize("cut_at", [0, 1, 100_000])
def test_a_broken_connection_leaves_nothing(
    entry: RegisteredWeights, settings: Settings, hub: Hub, cut_at: int
) -> None:
    """Part of a file is no file."""
    hub.cut_at = cut_at
    with pytest.raises(ModelUnavailableError, match="broke before the file was complete"):
        pull(entry, settings)
    assert_nothing_left(settings)


def test_a_killed_download_leaves_no_file_under_the_final_name(
    entry: RegisteredWeights, settings: Settings, hub: Hub, published: bytes
) -> None:
    """kill -9 halfway: the weights are still missing, not half there, and the next pull succeeds."""
    hub.cut_at, hub.stalled = 100_000, True
    code = f"""if True:
        import dataclasses
        from deeptrace_core.settings import load_settings
        from worker.weights.pull import pull
        from worker.weights.registry import registered
        entry = dataclasses.replace(
            registered("meso4-df"), address={entry.address!r}, sha256={entry.sha256!r}
        )
        pull(entry, load_settings({{"DEEPTRACE_HOME": {str(settings.home)!r}}}))"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT_ROOT) as process:
        deadline = time.monotonic() + 60
        while not any(file.stat().st_size for file in settings.home.rglob("*.h5")):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    assert not stored_path(entry, settings).exists()
    hub.cut_at, hub.stalled = None, False
    assert pull(entry, settings).read_bytes() == published


def test_a_missing_address_says_what_the_server_said(
    entry: RegisteredWeights, settings: Settings, hub: Hub
) -> None:
    """404 is told apart from being offline."""
    hub.files.clear()
    with pytest.raises(ModelUnavailableError, match="the server answered 404"):
        pull(entry, settings)
    assert_nothing_left(settings)


def offline_addresses() -> list[str]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed_port = unused.getsockname()[1]
    return [f"http://127.0.0.1:{closed_port}/Some.h5", "http://hub.invalid/Some.h5"]


@pytest.mark.parametrize("address", offline_addresses(), ids=["server down", "no such host"])
def test_offline_gives_one_line_and_a_way_out(
    entry: RegisteredWeights, settings: Settings, address: str
) -> None:
    """Without a network: one plain sentence, and the mirror as the way round it."""
    with pytest.raises(DeepTraceError) as error:
        pull(dataclasses.replace(entry, address=address), settings)
    assert error.value.what == (
        f"{address} could not be downloaded: the server cannot be reached from this machine."
    )
    assert "DEEPTRACE_WEIGHTS_MIRROR" in error.value.advice
    assert_nothing_left(settings)


def test_a_mirror_replaces_the_download(
    entry: RegisteredWeights, mirrored: Settings, published: bytes, hub: Hub
) -> None:
    """With a mirror that has the file, nothing goes over the network."""
    assert mirrored.weights_mirror is not None
    (mirrored.weights_mirror / "Some.h5").write_bytes(published)
    assert pull(entry, mirrored).read_bytes() == published
    assert hub.requests == 0


def test_a_wrong_file_in_the_mirror_is_refused(
    entry: RegisteredWeights, mirrored: Settings, hub: Hub
) -> None:
    """A wrong mirror is reported, not silently gone around."""
    assert mirrored.weights_mirror is not None
    (mirrored.weights_mirror / "Some.h5").write_bytes(b"something else")
    with pytest.raises(WeightsRejectedError, match=entry.sha256):
        pull(entry, mirrored)
    assert hub.requests == 0
    assert_nothing_left(mirrored)


def test_what_the_mirror_lacks_is_downloaded(
    entry: RegisteredWeights, mirrored: Settings, published: bytes
) -> None:
    """A mirror need not hold everything."""
    assert pull(entry, mirrored).read_bytes() == published


def test_a_folder_that_cannot_be_made_says_so(
    entry: RegisteredWeights, settings: Settings, tmp_path: Path
) -> None:
    """A file where the weights folder should be is a fault of this machine, told in one sentence."""
    settings.home.parent.joinpath("home").write_text("a file")
    with pytest.raises(EnvironmentFault, match="could not be stored"):
        pull(entry, settings)


@pytest.fixture
def unpublished(entry: RegisteredWeights) -> RegisteredWeights:
    """Weights whose authors state neither SHA-256 nor size."""
    return dataclasses.replace(entry, sha256=None, size_bytes=None)


def test_without_a_published_hash_the_first_one_is_kept(
    unpublished: RegisteredWeights, settings: Settings, published: bytes, hub: Hub
) -> None:
    """What came first is what every later file must be, and what is loaded."""
    pull(unpublished, settings)
    assert expected_sha256(unpublished, settings) == digest(published)
    assert read_verified(unpublished, settings) == published
    stored_path(unpublished, settings).unlink()
    hub.files["/weights/Some.h5"] = published[::-1]
    with pytest.raises(WeightsRejectedError, match=digest(published)):
        pull(unpublished, settings)
    assert expected_sha256(unpublished, settings) == digest(published)


def test_without_a_hash_nothing_is_loaded(
    unpublished: RegisteredWeights, mirrored: Settings, published: bytes
) -> None:
    """A file in the mirror alone is nobody's word."""
    assert mirrored.weights_mirror
    (mirrored.weights_mirror / unpublished.file_name).write_bytes(published)
    with pytest.raises(ModelUnavailableError, match="No SHA-256"):
        read_verified(unpublished, mirrored)
    pull(unpublished, mirrored)
    assert read_verified(unpublished, mirrored) == published
