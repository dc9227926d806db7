"""Files on their way, below HTTP: other kinds of storage, full disks, and what is left behind."""

import hashlib
import os
import shutil
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from deeptrace_core.blobs import Blobs
from deeptrace_core.containers import container_of
from deeptrace_core.errors import (
    EnvironmentFault,
    FileTooLargeError,
    NotAVideoError,
    UploadConflictError,
    UploadNotFoundError,
)
from deeptrace_core.uploads import KEPT_S, Upload, Uploads
from tests.test_blobs import s3_bucket, s3_endpoint

__all__ = ["s3_bucket", "s3_endpoint"]  # fixtures

DATA = b"\x00\x00\x00\x18ftypisom" + os.urandom(3_000_000)


@pytest.fixture(params=["file", "memory", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """A storage of each kind."""
    if request.param == "file":
        return Blobs((tmp_path / "blobs").as_uri())
    if request.param == "memory":
        return Blobs(f"memory://{uuid.uuid4().hex}")
    return Blobs(f"s3://{request.getfixturevalue('s3_bucket')}/deeptrace")


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return uploads_in(Blobs((tmp_path / "blobs").as_uri()), tmp_path)


def uploads_in(blobs: Blobs, folder: Path) -> Uploads:
    return Uploads(blobs, folder / "uploads", max_bytes=10_000_000)


def send(uploads: Uploads, upload: Upload, data: bytes, offset: int = 0) -> None:
    with uploads.writing(upload, offset) as writer:
        for start in range(0, len(data), 700_000):
            writer.write(data[start : start + 700_000])


def test_a_file_arrives_in_every_storage(blobs: Blobs, tmp_path: Path) -> None:
    """And nothing of it stays behind beside the note of what became of it."""
    uploads = uploads_in(blobs, tmp_path)
    upload = uploads.begin("a.mp4", len(DATA))
    send(uploads, upload, DATA[:1_000_000])
    send(uploads, upload, DATA[1_000_000:], 1_000_000)
    media = uploads.finish(upload)
    assert media.sha256 == hashlib.sha256(DATA).hexdigest()
    assert blobs.read(media.sha256) == DATA
    assert uploads.finish(uploads.get(upload.id)) == media
    assert [path.suffix for path in tmp_path.rglob("upload-*")] == [".json"]


def test_another_process_goes_on(blobs: Blobs, tmp_path: Path) -> None:
    """Its hash is that of the whole, though it saw the end only."""
    upload = uploads_in(blobs, tmp_path).begin("a.mp4", len(DATA))
    send(uploads_in(blobs, tmp_path), upload, DATA[:1_000_000])
    other = uploads_in(blobs, tmp_path)
    assert other.have_bytes(upload) == 1_000_000
    send(other, upload, DATA[1_000_000:], 1_000_000)
    assert other.finish(upload).sha256 == hashlib.sha256(DATA).hexdigest()


def test_two_writers_do_not_mix(uploads: Uploads) -> None:
    """The slower one is told; what is there is whole."""
    upload = uploads.begin("a.mp4", len(DATA))
    with uploads.writing(upload, 0) as slow:
        send(uploads, upload, DATA)
        with pytest.raises(UploadConflictError):
            slow.write(DATA[:1000])
    assert uploads.finish(upload).sha256 == hashlib.sha256(DATA).hexdigest()


def test_finishing_twice_at_once_is_finishing_once(uploads: Uploads) -> None:
    """A sender that did not wait for the answer asks again while the first is being stored."""
    upload = uploads.begin("a.mp4", len(DATA))
    send(uploads, upload, DATA)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(uploads.finish, [upload] * 8))
    assert {media.sha256 for media in found} == {hashlib.sha256(DATA).hexdigest()}


def test_what_waits_for_too_long_is_removed(uploads: Uploads, tmp_path: Path) -> None:
    """By the next one that begins; what is young stays."""
    old, young = uploads.begin("old.mp4", 100), uploads.begin("young.mp4", 100)
    (note,) = tmp_path.rglob(f"upload-{old.id}.json")
    os.utime(note, (time.time() - KEPT_S - 60,) * 2)
    uploads.begin("new.mp4", 100)
    with pytest.raises(UploadNotFoundError):
        uploads.get(old.id)
    assert uploads.get(young.id) == young
    assert not list(tmp_path.rglob(f"*{old.id}*"))


def test_a_disk_without_room_is_said_before_the_file_comes(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not when half of it has been sent."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(EnvironmentFault, match="no space left"):
        uploads.begin("a.mp4", 5_000_000)


def test_the_limit_holds_without_a_promised_size(uploads: Uploads) -> None:
    """A stream of unknown length ends where the limit is."""
    upload = uploads.begin("a.mp4", None)
    with uploads.writing(upload, 0) as writer:
        for _ in range(3):
            writer.write(DATA)
        with pytest.raises(FileTooLargeError, match="10,000,000"):
            writer.write(DATA)


def test_a_document_is_refused_at_its_first_bytes(uploads: Uploads) -> None:
    """And forgotten."""
    upload = uploads.begin("a.mp4", 5000)
    with pytest.raises(NotAVideoError), uploads.writing(upload, 0) as writer:
        writer.write(b"PK\x03\x04" + bytes(4996))
    with pytest.raises(UploadNotFoundError):
        uploads.get(upload.id)


def test_a_picture_that_is_not_read_here_is_refused_with_what_to_do(uploads: Uploads) -> None:
    """Phones of one maker store nothing else."""
    upload = uploads.begin("IMG_1.HEIC", 5000)
    with pytest.raises(NotAVideoError, match="HEIC") as raised, uploads.writing(upload, 0) as writer:
        writer.write(b"\x00\x00\x00\x18ftypheic" + bytes(4988))
    assert "Save it as JPEG or PNG" in raised.value.advice


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"\x00\x00\x00\x20ftypmp42", "mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "mp4"),
        (b"\x00\x00\x00\x08wide", "mp4"),
        (b"\x1a\x45\xdf\xa3\x01", "matroska"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "avi"),
        (b"\x00\x00\x01\xba\x44", "mpeg"),
        ((b"G" + bytes(187)) * 3, "mpegts"),
        ((bytes(4) + b"G" + bytes(187)) * 3, "mpegts"),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "asf"),
        (b"FLV\x01\x05", "flv"),
        (b"OggS\x00\x02", "ogg"),
        (b"GIF89a\x40\x01", "gif"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "WEBP"),
        (b"BM" + bytes(12) + b"\x28\0\0\0", "BMP"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"MM\0*\0\0\0\x08", "TIFF"),
        (b"\x00\x00\x00\x20ftypM4A ", "mp4"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "wav"),
        (b"fLaC\x00\x00", "flac"),
        (b"ID3\x04\x00", "mp3"),
        (b"\xff\xfb\x90\x64", "mp3"),
        (b"\xff\xf1\x50\x80", "aac"),
        (b"\x00\x00\x00\x18ftypheic", None),
        (b"\x00\x00\x00\x18ftypmif1", None),
        (b"\x00\x00\x00\x18ftypavif", None),
        (b"\xff\xfeH\0e\0l\0l\0o\0", None),
        (b"BMW is a maker of cars", None),
        (b"GGG", None),
        (b"MZ\x90\x00", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_files_are_told_by_their_first_bytes(head: bytes, container: str | None) -> None:
    """Kinds of video, picture and sound, and what is none."""
    assert container_of(head) == container
