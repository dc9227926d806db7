"""One suite over every kind of storage, and what only a folder can promise."""

import errno
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import s3fs

from deeptrace_core.blobs import Blobs
from deeptrace_core.errors import (
    BlobMissingError,
    EnvironmentFault,
    MediaChangedError,
    MediaTooLargeError,
    SettingsError,
)

MIB = 1024 * 1024


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The address of a real S3-compatible server (moto's) on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    endpoint = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(endpoint):
                    break
            except OSError:
                time.sleep(0.1)
        yield endpoint
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def s3_bucket(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a new bucket, and the environment that leads there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    bucket = f"blobs-{uuid.uuid4().hex}"
    s3fs.S3FileSystem(skip_instance_cache=True).mkdir(bucket)
    return bucket


@pytest.fixture(params=["file", "memory", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """A storage of each kind: a folder, memory, and an S3 server behind a connection."""
    if request.param == "file":
        return Blobs((tmp_path / "blöbs with space").as_uri())
    if request.param == "memory":
        return Blobs(f"memory://{uuid.uuid4().hex}")
    return Blobs(f"s3://{request.getfixturevalue('s3_bucket')}/deeptrace")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


def files_in(folder: Path) -> list[Path]:
    return [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size_bytes", [0, 1, MIB - 1, MIB, 3 * MIB + 7])
def test_stream_comes_back(blobs: Blobs, size_bytes: int) -> None:
    """What was put is read back bit for bit, under its SHA-256."""
    data = os.urandom(size_bytes)
    assert blobs.put_stream(BytesIO(data)) == (sha256(data), size_bytes)
    assert blobs.exists(sha256(data))
    assert blobs.read(sha256(data)) == data
    with blobs.local_file(sha256(data)) as path:
        assert path.read_bytes() == data


@pytest.mark.parametrize(("start", "end"), [(0, 0), (0, 1), (5, MIB + 7), (MIB - 1, 3 * MIB), (0, 3 * MIB)])
def test_a_part_comes_in_pieces(blobs: Blobs, start: int, end: int) -> None:
    """Just these bytes, none larger than a mebibyte; and how large the whole is."""
    data = os.urandom(3 * MIB)
    name = blobs.put_bytes(data)
    pieces = list(blobs.pieces(name, start, end))
    assert b"".join(pieces) == data[start:end]
    assert all(len(piece) <= MIB for piece in pieces)
    assert blobs.size_bytes(name) == len(data)
    with pytest.raises(BlobMissingError):
        blobs.size_bytes("a" * 64)
    with pytest.raises(BlobMissingError):
        list(blobs.pieces("a" * 64, 0, 1))


def test_same_bytes_are_one_blob(blobs: Blobs) -> None:
    """Putting the same bytes again changes nothing, also at the same time."""
    threads = [threading.Thread(target=blobs.put_bytes, args=(b"same" * MIB,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert blobs.put_bytes(b"same" * MIB) == sha256(b"same" * MIB)
    assert blobs.read(sha256(b"same" * MIB)) == b"same" * MIB


def test_missing_blob_is_said_to_be_missing(blobs: Blobs) -> None:
    """A blob that is not there is an error of its own, with its name."""
    name = sha256(b"never put")
    assert not blobs.exists(name)
    with pytest.raises(BlobMissingError, match=name):
        blobs.read(name)
    with pytest.raises(BlobMissingError, match=name), blobs.local_file(name):
        pass


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "/" + "a" * 63, None]
)
def test_name_that_is_no_hash_is_refused(blobs: Blobs, name: str) -> None:
    """Only a hash can name a blob, so that no name leads out of the storage."""
    with pytest.raises(BlobMissingError, match="no SHA-256"):
        blobs.read(name)
    with pytest.raises(BlobMissingError, match="no SHA-256"):
        blobs.exists(name)
    with pytest.raises(BlobMissingError, match="no SHA-256"), blobs.local_file(name):
        pass


def test_limit_is_exact(blobs: Blobs) -> None:
    """As many bytes as allowed are kept; one more is refused."""
    data = os.urandom(2 * MIB)
    assert blobs.put_stream(BytesIO(data), max_bytes=len(data)) == (sha256(data), len(data))
    with pytest.raises(MediaTooLargeError, match="2,097,151 bytes"):
        blobs.put_stream(BytesIO(data + b"x"), max_bytes=len(data) - 1)


def test_local_file_of_a_folder_is_the_file(folder: Path) -> None:
    """On one machine a worker reads the stored file itself, without a copy."""
    name = Blobs(folder.as_uri()).put_bytes(b"data")
    with Blobs(folder.as_uri()).local_file(name) as path:
        assert path == folder / "sha256" / name[:2] / name


def test_local_file_of_a_remote_storage_is_removed() -> None:
    """A downloaded copy does not outlive its use."""
    blobs = Blobs(f"memory://{uuid.uuid4().hex}")
    with blobs.local_file(blobs.put_bytes(b"data")) as path:
        assert path.exists()
    assert not path.parent.exists()


def test_refused_stream_leaves_nothing(folder: Path) -> None:
    """A file that is too large, or whose upload breaks off, takes no space."""

    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionResetError(errno.ECONNRESET, "the browser went away")
            return super().read(size)

    blobs = Blobs(folder.as_uri())
    with pytest.raises(MediaTooLargeError):
        blobs.put_stream(BytesIO(bytes(2 * MIB)), max_bytes=MIB)
    with pytest.raises(ConnectionResetError):
        blobs.put_stream(Broken(bytes(2 * MIB)))
    assert files_in(folder) == []


def test_full_disk_is_said_to_be_full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up during an upload gives a clear answer and keeps nothing."""

    def no_space(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(EnvironmentFault, match="no space left"):
        Blobs(folder.as_uri()).put_bytes(b"data")
    assert files_in(folder) == []


def test_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    """Where a file stands in place of the folder, the message names the setting."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EnvironmentFault, match="cannot be used") as raised:
        Blobs((tmp_path / "file").as_uri()).put_bytes(b"data")
    assert "DEEPTRACE_BLOBS" in raised.value.advice


def test_damaged_blob_is_not_given_out(folder: Path) -> None:
    """Bytes that are not what was put are never taken for it, and putting them again mends them."""
    blobs = Blobs(folder.as_uri())
    name = blobs.put_bytes(b"data")
    (folder / "sha256" / name[:2] / name).write_bytes(b"dat!")
    with pytest.raises(MediaChangedError, match=name):
        blobs.read(name)
    blobs.put_bytes(b"data")
    assert blobs.read(name) == b"data"


def test_blobs_are_closed_to_other_users(folder: Path) -> None:
    """Videos of people are not readable by everybody on the machine."""
    blobs = Blobs(folder.as_uri())
    with blobs.local_file(blobs.put_bytes(b"data")) as path:
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("url", ["", "blobs", "/srv/blobs", "nonsense://x", "file://host/x", "file:relative"])
def test_address_that_is_none_is_a_wrong_setting(url: str) -> None:
    """A mistyped address is found when the program starts, not at the first upload."""
    with pytest.raises(SettingsError, match="DEEPTRACE_BLOBS"):
        Blobs(url)


def test_large_blob_survives_s3(s3_bucket: str) -> None:
    """A video goes up in parts and comes down whole, and another process sees it."""
    data = os.urandom(60 * MIB)
    name, _ = Blobs(f"s3://{s3_bucket}/videos").put_stream(BytesIO(data))
    with Blobs(f"s3://{s3_bucket}/videos").local_file(name) as path:
        assert sha256(path.read_bytes()) == name


def test_bucket_that_is_not_there_is_explained(s3_bucket: str) -> None:
    """A wrong name in the setting is an answer, not a stack trace."""
    with pytest.raises(EnvironmentFault, match="cannot be used"):
        Blobs("s3://no-such-bucket/deeptrace").put_bytes(b"data")


def test_s3_server_that_is_away_is_explained(s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is a server that does not answer."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(EnvironmentFault, match="cannot be used"):
        Blobs(f"s3://{s3_bucket}/elsewhere").put_bytes(b"data")


def test_blobs_are_found_and_deleted_by_their_age(blobs: Blobs) -> None:
    """By the clock of the storage, in every kind of it; what is young stays, what is gone is no error."""
    name = blobs.put_bytes(b"data")
    now_s = blobs.now_s()
    assert [found for names in blobs.put_before(now_s - 60) for found in names] == []
    assert [found for names in blobs.put_before(now_s + 60) for found in names] == [name]
    assert not blobs.delete_if_put_before(name, now_s - 60)
    assert blobs.exists(name)
    assert blobs.delete_if_put_before(name, now_s + 60)
    assert not blobs.exists(name)
    assert not blobs.delete_if_put_before(name, now_s + 60)


def test_usage_counts_what_is_kept(tmp_path: Path) -> None:
    """Files and bytes; half-written ones do not count."""
    blobs = Blobs((tmp_path / "new" / "blobs").as_uri())
    assert blobs.usage() == (0, 0)
    assert (blobs.free_bytes() or 0) > 0
    blobs.put_bytes(b"one")
    blobs.put_bytes(b"three")
    assert blobs.usage() == (2, 8)
