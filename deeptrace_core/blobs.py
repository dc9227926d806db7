"""Bytes that are kept: videos and reports, named by their SHA-256.

The same bytes have the same name, so writing twice is harmless and nothing is ever overwritten by
something else. What has a name is complete: bytes get it only when all of them are safe.
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any, BinaryIO
from urllib.parse import unquote, urlsplit

import fsspec
from botocore.exceptions import BotoCoreError

from deeptrace_core.errors import (
    BlobMissingError,
    EnvironmentFault,
    MediaChangedError,
    MediaTooLargeError,
    SettingsError,
)

PIECE_BYTES = 1024 * 1024
NAME = re.compile(r"[0-9a-f]{64}")
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


class Blobs:
    """One storage for all processes: a folder (`file:///...`), or what else fsspec knows (`s3://...`)."""

    def __init__(self, url: str) -> None:
        """
        Raises:
            SettingsError: fsspec cannot use the address.
        """
        parts = urlsplit(url)
        if parts.scheme == "file":
            # By hand: fsspec does not undo the percent signs that a space in a path becomes.
            url = unquote(parts.path)
            if parts.netloc not in ("", "localhost") or not url.startswith("/"):
                raise SettingsError(
                    f"DEEPTRACE_BLOBS needs a whole path: file:///folder, not {parts.geturl()}."
                )
        elif not parts.scheme:
            raise SettingsError("DEEPTRACE_BLOBS must begin with file:// or s3://.")
        try:
            # Other processes write too: neither a listing nor a connection of an earlier setting is kept.
            self._files, self._root = fsspec.core.url_to_fs(
                url, use_listings_cache=False, skip_instance_cache=parts.scheme == "s3"
            )
        except (ImportError, ValueError) as error:
            raise SettingsError(f"DEEPTRACE_BLOBS cannot be used: {error}") from error
        self._folder = Path(url) if parts.scheme == "file" else None

    def put_stream(self, stream: BinaryIO, max_bytes: int | None = None) -> tuple[str, int]:
        """Keep what the stream gives, in pieces of 1 MiB, so that memory does not grow with the file.

        Returns:
            The SHA-256, and the size in bytes.

        Raises:
            MediaTooLargeError: it gives more than `max_bytes`. Nothing is kept.
            EnvironmentFault: the storage is full or cannot be written. Nothing is kept.
        """
        with self._new_part() as part:
            sha256, size_bytes = _copy(stream, part, max_bytes)
            with _explaining_faults():
                part.flush()
                os.fsync(part.fileno())
                self._publish(Path(part.name), sha256)
        return sha256, size_bytes

    def put_bytes(self, data: bytes) -> str:
        """Keep these bytes. Returns their SHA-256. Raises as `put_stream`."""
        return self.put_stream(BytesIO(data))[0]

    @property
    def parts_folder(self) -> Path | None:
        """Where files may grow that `adopt` will take without copying; None where there is no such folder.

        What lies there for long is removed by `delete_parts_before`.
        """
        return self._folder / "tmp" if self._folder is not None else None

    def adopt(self, part: Path, sha256: str) -> None:
        """Keep a complete file, which the caller has hashed, and remove it where it lies.

        Raises:
            EnvironmentFault: the storage is full or cannot be written. The file stays.
        """
        with _explaining_faults():
            with part.open("rb") as file:
                os.fsync(file.fileno())
            self._publish(part, sha256)
            part.unlink(missing_ok=True)

    def read(self, sha256: str) -> bytes:
        """All bytes of a small blob, checked against their name.

        Raises:
            BlobMissingError: there is no such blob.
            MediaChangedError: the stored bytes are not what they were.
            EnvironmentFault: the storage cannot be read.
        """
        with _explaining_faults(sha256):
            data: bytes = self._files.cat_file(self._path(sha256))
        if hashlib.sha256(data).hexdigest() != sha256:
            raise MediaChangedError(
                f"The stored file {sha256} is damaged: its SHA-256 differs.",
                advice="Check the disk it is stored on, and bring the file back from a copy.",
            )
        return data

    def size_bytes(self, sha256: str) -> int:
        """How large a blob is.

        Raises:
            BlobMissingError: there is no such blob.
            EnvironmentFault: the storage cannot be read.
        """
        with _explaining_faults(sha256):
            return int(self._files.size(self._path(sha256)))

    def pieces(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to before `end`, in pieces of at most 1 MiB. Their content is not checked.

        Raises:
            BlobMissingError: there is no such blob.
            EnvironmentFault: the storage cannot be read.
        """
        path = self._path(sha256)
        while start < end:
            with _explaining_faults(sha256):
                piece = self._files.cat_file(path, start=start, end=min(start + PIECE_BYTES, end))
            if not piece:
                raise BlobMissingError(f"The stored file {sha256} ends too early.")
            yield piece
            start += len(piece)

    @contextmanager
    def local_file(self, sha256: str) -> Iterator[Path]:
        """A file of this machine with the bytes, for reading only and only within the block.

        Its content is not checked.

        Raises:
            BlobMissingError: there is no such blob.
            EnvironmentFault: the storage cannot be read.
        """
        path = self._path(sha256)
        if self._folder is not None:
            if not self.exists(sha256):
                raise BlobMissingError(f"The stored file {sha256} is missing.")
            yield Path(path)
            return
        with tempfile.TemporaryDirectory(prefix="deeptrace-") as folder:
            copy = Path(folder) / sha256
            with _explaining_faults(sha256):
                self._files.get_file(path, str(copy))
            yield copy

    def exists(self, sha256: str) -> bool:
        """Whether these bytes are kept here.

        Raises:
            EnvironmentFault: the storage cannot be read.
        """
        with _explaining_faults():
            return bool(self._files.isfile(self._path(sha256)))

    def usage(self) -> tuple[int, int]:
        """How many files are kept here, and how many bytes. Asks for all of them: not for every moment.

        Raises:
            EnvironmentFault: the storage cannot be read.
        """
        with _explaining_faults():
            found = self._files.find(f"{self._root}/sha256", detail=True)
        return len(found), sum(entry["size"] or 0 for entry in found.values())

    def free_bytes(self) -> int | None:
        """How much room is left on the disk of the storage; None where that has no meaning."""
        if self._folder is None:
            return None
        place = self._folder
        while not place.exists():  # nothing was kept yet
            place = place.parent
        return shutil.disk_usage(place).free

    def now_s(self) -> float:
        """The time on the clock of the storage, to which the ages of blobs belong.

        Raises:
            EnvironmentFault: the storage cannot be written.
        """
        if self._folder is not None:
            with self._new_part() as part:
                return os.fstat(part.fileno()).st_mtime
        mark = f"{self._root}/tmp/clock"
        with _explaining_faults():
            self._files.pipe_file(mark, b"now")
            return _put_at_s(self._files.info(mark))

    def put_before(self, moment_s: float) -> Iterator[list[str]]:
        """Names of what was put before a time on the clock of the storage, in lists of bounded length.

        Raises:
            EnvironmentFault: the storage cannot be read.
        """
        for number in range(256):
            with _explaining_faults():
                found = self._files.find(f"{self._root}/sha256/{number:02x}", detail=True)
            names = {path.rsplit("/", 1)[-1]: entry for path, entry in found.items()}
            yield [
                name for name, entry in names.items() if NAME.fullmatch(name) and _put_at_s(entry) < moment_s
            ]

    def delete_if_put_before(self, sha256: str, moment_s: float) -> bool:
        """Delete a blob, unless it was put again meanwhile. False if it stays, or was not there.

        Raises:
            EnvironmentFault: the storage cannot be written.
        """
        path = self._path(sha256)
        with _explaining_faults():
            try:
                with nullcontext() if self._folder is None else _locked(Path(path).parent):
                    if _put_at_s(self._files.info(path)) >= moment_s:
                        return False
                    self._files.rm_file(path)
            except FileNotFoundError:
                return False
        return True

    def delete_parts_before(self, moment_s: float) -> int:
        """Delete what uploads left behind that were killed. Returns how many files.

        Raises:
            EnvironmentFault: the storage cannot be written.
        """
        count = 0
        if self._folder is not None:
            with _explaining_faults():
                for part in (self._folder / "tmp").glob("*"):
                    with suppress(FileNotFoundError):  # its upload ends at this moment
                        if part.stat().st_mtime < moment_s:
                            part.unlink()
                            count += 1
        return count

    def _path(self, sha256: str) -> str:
        # Names come from documents and addresses; only a hash can never lead out of the storage.
        if not isinstance(sha256, str) or not NAME.fullmatch(sha256):
            raise BlobMissingError("This is not the name of a stored file: it is no SHA-256.")
        return f"{self._root}/sha256/{sha256[:2]}/{sha256}"

    @contextmanager
    def _new_part(self) -> Iterator[IO[bytes]]:
        """A file for bytes whose name is not known yet. It is removed unless it was renamed."""
        with _explaining_faults():
            parts = None
            if self._folder is not None:
                parts = self._folder / "tmp"  # on the same disk, so that renaming is one step
                parts.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = tempfile.NamedTemporaryFile(dir=parts, delete=False)  # noqa: SIM115 (closed below)
        try:
            yield part
        finally:
            with suppress(OSError):  # what matters was flushed before, or has failed already
                part.close()
            with suppress(FileNotFoundError):
                os.unlink(part.name)

    def _publish(self, part: Path, sha256: str) -> None:
        path = self._path(sha256)
        if self._folder is None:
            self._files.put_file(str(part), path)
            return
        folder = Path(path).parent
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder) as descriptor:
            part.replace(path)
            os.fsync(descriptor)  # without it a power cut can take back the renaming


def _copy(stream: BinaryIO, part: IO[bytes], max_bytes: int | None) -> tuple[str, int]:
    hasher = hashlib.sha256()
    size_bytes = 0
    while piece := stream.read(PIECE_BYTES):
        size_bytes += len(piece)
        if max_bytes is not None and size_bytes > max_bytes:
            raise MediaTooLargeError(
                f"The file is larger than {max_bytes:,} bytes, the most that is accepted here."
            )
        hasher.update(piece)
        with _explaining_faults():  # not around the reading: a broken upload is no fault of the storage
            part.write(piece)
    return hasher.hexdigest(), size_bytes


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """Keep a blob from being deleted as too old at the moment in which it is put again."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network disks know no locks; the moment is short
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _put_at_s(entry: Mapping[str, Any]) -> float:
    """When a blob was put, in a listing of any kind of storage."""
    moment = entry.get("mtime") or entry.get("LastModified") or entry["created"]
    return moment.timestamp() if isinstance(moment, datetime) else float(moment)


@contextmanager
def _explaining_faults(sha256: str | None = None) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        if sha256 is None:
            raise _unusable(error) from error
        raise BlobMissingError(f"The stored file {sha256} is missing.") from error
    except BotoCoreError as error:  # s3:// without an answer; what the server answers comes as OSError
        raise _unusable(error) from error
    except OSError as error:
        if error.errno in DISK_FULL:
            raise EnvironmentFault(
                "There is no space left to store the file.",
                advice="Free some space, or set DEEPTRACE_BLOBS to another storage.",
            ) from error
        raise _unusable(error) from error


def _unusable(error: Exception) -> EnvironmentFault:
    return EnvironmentFault(
        f"The storage of files cannot be used: {error}.",
        advice="Check DEEPTRACE_BLOBS, and that this user may read and write there.",
    )
