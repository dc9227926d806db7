"""Files on their way in: taken piece by piece, resumed where they broke off, hashed as they come.

What has arrived is a part file and, beside it, a note of what was promised; so an upload goes on after a
broken connection and after a restart of the server. Nothing here holds a file in memory.
"""

import dataclasses
import errno
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from deeptrace_core.blobs import DISK_FULL, PIECE_BYTES, Blobs
from deeptrace_core.containers import HEAD_BYTES, SAVE_AS_JPEG, container_of, heif_of
from deeptrace_core.errors import (
    EnvironmentFault,
    FileTooLargeError,
    NotAVideoError,
    RequestInvalidError,
    UploadConflictError,
    UploadNotFoundError,
)
from deeptrace_core.job import StoredMedia

KEPT_S = 24 * 3600.0
"""How long an upload waits for its next piece."""
SPARE_BYTES = 500_000_000
"""Left free on the disk, for the database and the logs."""
MAX_NAME_CHARS = 1_000
ID = re.compile(r"[0-9a-f]{32}")
Hashers = dict[str, tuple[int, "hashlib._Hash"]]
"""By the id of an upload: how many of its bytes are hashed, and the hash so far."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """One file on its way."""

    id: str
    name: str
    size_bytes: int | None
    """None while the sender has not said it."""
    sha256: str | None = None
    """Once the file is complete and stored."""
    owner: str = ""
    """Who sends it; "" where that was not written down."""


class Uploads:
    """All uploads of this server. Its methods may be called from any thread."""

    def __init__(self, blobs: Blobs, folder: Path, *, max_bytes: int) -> None:
        """
        Args:
            folder: where parts lie if the blobs are not in a folder of this machine.
        """
        self._blobs = blobs
        self._folder = blobs.parts_folder or folder
        self._max_bytes = max_bytes
        # Of those only that this process has seen from their first byte on.
        self._hashers: dict[str, tuple[int, hashlib._Hash]] = {}

    def begin(self, name: str, size_bytes: int | None, *, owner: str = "") -> Upload:
        """Expect a file.

        Raises:
            FileTooLargeError, RequestInvalidError: it is larger than is accepted here, or empty.
            EnvironmentFault: there is no space for it.
        """
        if size_bytes is not None:
            self._check_size(size_bytes)
            if size_bytes == 0:
                raise RequestInvalidError(
                    "This file is empty: it has 0 bytes.",
                    advice="Check that it was copied completely, or get it again from its source.",
                )
        self._sweep()
        upload = Upload(
            id=secrets.token_hex(16), name=name[:MAX_NAME_CHARS], size_bytes=size_bytes, owner=owner
        )
        with _explaining_faults():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < (size_bytes or 0) + SPARE_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._part(upload.id).touch(mode=0o600, exist_ok=False)
            self._note(upload)
        self._hashers[upload.id] = (0, hashlib.sha256())
        return upload

    def get(self, upload_id: str) -> Upload:
        """An upload, complete or not.

        Raises:
            UploadNotFoundError: there is none, or it waited for too long.
        """
        if not isinstance(upload_id, str) or not ID.fullmatch(upload_id):
            raise UploadNotFoundError
        try:
            return Upload(**json.loads(self._note_file(upload_id).read_bytes()))
        except (FileNotFoundError, ValueError, TypeError) as error:
            raise UploadNotFoundError from error

    def have_bytes(self, upload: Upload) -> int:
        """How much of it has arrived.

        Raises:
            UploadNotFoundError: its part is gone.
        """
        if upload.sha256 is not None:
            return upload.size_bytes or 0
        try:
            return self._part(upload.id).stat().st_size
        except FileNotFoundError as error:
            raise UploadNotFoundError from error

    @contextmanager
    def writing(self, upload: Upload, offset: int) -> Iterator["PartWriter"]:
        """Take bytes from `offset` on. What was written stays, whatever ends the block.

        Whoever comes later may go on at once: the connection of the one before may be dead, and nobody
        has noticed. Each write goes to the end of the part or nowhere.

        Raises:
            UploadConflictError: the part ends elsewhere.
            NotAVideoError: this is no file of a kind that is read here. The upload is over.
        """
        limit = self._max_bytes if upload.size_bytes is None else upload.size_bytes
        try:
            with self._part(upload.id).open("r+b") as part:
                have = part.seek(0, os.SEEK_END)
                if have != offset:
                    raise UploadConflictError(f"The upload goes on at byte {have}, not {offset}.")
                yield PartWriter(part, have, limit, self._hashers, upload.id)
                with _explaining_faults():
                    os.fdatasync(part.fileno())
                with suppress(FileNotFoundError):  # cancelled meanwhile
                    os.utime(self._note_file(upload.id))
        except FileNotFoundError as error:
            raise UploadNotFoundError from error
        except NotAVideoError:
            self.cancel(upload.id)
            raise

    def finish(self, upload: Upload) -> StoredMedia:
        """Store the complete file under its hash. May be called again.

        Raises:
            UploadConflictError: some of it has not arrived.
            NotAVideoError: it is of no kind that is read here.
        """
        with self._alone(upload.id):
            stored = self.get(upload.id)
            if stored.sha256 is not None:
                return media_of(stored)
            have = self.have_bytes(upload)
            if upload.size_bytes is None:
                upload = dataclasses.replace(upload, size_bytes=have)
            if have != upload.size_bytes:
                raise UploadConflictError(f"{have:,} of {upload.size_bytes:,} bytes have arrived.")
            with self._part(upload.id).open("rb") as part:
                head = part.read(HEAD_BYTES)
            if container_of(head) is None:
                self.cancel(upload.id)
                raise _refusal(head)
            sha256 = self._sha256(upload, have)
            self._blobs.adopt(self._part(upload.id), sha256)
            upload = dataclasses.replace(upload, sha256=sha256)
            with _explaining_faults():
                self._note(upload)
        return media_of(upload)

    def cancel(self, upload_id: str) -> None:
        """Forget an upload and what has arrived of it. A file that is stored already stays until the sweep.

        Raises:
            UploadNotFoundError: there is none.
        """
        upload = self.get(upload_id)
        self._hashers.pop(upload.id, None)
        with _explaining_faults():
            self._part(upload.id).unlink(missing_ok=True)
            self._note_file(upload.id).unlink(missing_ok=True)

    @contextmanager
    def _alone(self, upload_id: str) -> Iterator[None]:
        """Keep out whoever else would finish it: storing may take longer than a sender waits."""
        try:
            with self._note_file(upload_id).open("rb") as note:
                fcntl.flock(note, fcntl.LOCK_EX)
                yield
        except FileNotFoundError as error:
            raise UploadNotFoundError from error

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > self._max_bytes:
            raise FileTooLargeError(
                f"The file has {size_bytes:,} bytes; at most {self._max_bytes:,} are accepted here."
            )

    def _sha256(self, upload: Upload, have: int) -> str:
        counted, hasher = self._hashers.pop(upload.id, (0, hashlib.sha256()))
        if counted != have:  # this process came later than the first byte
            hasher = hashlib.sha256()
            with self._part(upload.id).open("rb") as part:
                while piece := part.read(PIECE_BYTES):
                    hasher.update(piece)
        return hasher.hexdigest()

    def _sweep(self) -> None:
        """Remove what waited for too long."""
        before_s = time.time() - KEPT_S
        for note in self._folder.glob("upload-*.json"):
            with suppress(OSError):  # somebody else was faster
                if note.stat().st_mtime < before_s:
                    note.with_suffix(".part").unlink(missing_ok=True)
                    note.unlink(missing_ok=True)
                    self._hashers.pop(note.stem.removeprefix("upload-"), None)

    def _part(self, upload_id: str) -> Path:
        return self._folder / f"upload-{upload_id}.part"

    def _note_file(self, upload_id: str) -> Path:
        return self._folder / f"upload-{upload_id}.json"

    def _note(self, upload: Upload) -> None:
        fresh = self._note_file(upload.id).with_suffix(".new")
        fresh.write_text(json.dumps(dataclasses.asdict(upload)))
        fresh.replace(self._note_file(upload.id))


class PartWriter:
    """Writes to the end of one part."""

    def __init__(self, part: IO[bytes], have: int, limit: int, hashers: Hashers, upload_id: str) -> None:
        self.have_bytes = have
        self._part = part
        self._limit = limit
        self._hashers = hashers
        self._upload_id = upload_id

    def write(self, piece: bytes) -> None:
        """Append.

        Raises:
            UploadConflictError: somebody else went on with this upload.
            FileTooLargeError: this is more than was promised, or is accepted. It is not written.
            NotAVideoError: the file begins like none that is read here.
            EnvironmentFault: the disk is full.
        """
        if self.have_bytes + len(piece) > self._limit:
            raise FileTooLargeError(f"More than {self._limit:,} bytes came.")
        if self.have_bytes == 0 and len(piece) >= HEAD_BYTES and container_of(piece) is None:
            raise _refusal(piece)
        with _explaining_faults():
            # Keeps out threads of this process and, on a shared disk, other hosts.
            fcntl.flock(self._part, fcntl.LOCK_EX)
            try:
                if self._part.seek(0, os.SEEK_END) != self.have_bytes:
                    raise UploadConflictError
                self._part.write(piece)
                self._part.flush()
                counted, hasher = self._hashers.get(self._upload_id, (-1, hashlib.sha256()))
                if counted == self.have_bytes:
                    hasher.update(piece)
                    self._hashers[self._upload_id] = (counted + len(piece), hasher)
            finally:
                fcntl.flock(self._part, fcntl.LOCK_UN)
        self.have_bytes += len(piece)


def media_of(upload: Upload) -> StoredMedia:
    """The stored file of a complete upload."""
    if upload.sha256 is None or upload.size_bytes is None:
        raise UploadConflictError("Not all of the file has arrived.")
    return StoredMedia(sha256=upload.sha256, size_bytes=upload.size_bytes, name=upload.name)


def _refusal(head: bytes) -> NotAVideoError:
    """What to say of a file that begins with these bytes."""
    if heif := heif_of(head):
        return NotAVideoError(
            f"This is a picture in the format {heif}, which is not read here.", advice=SAVE_AS_JPEG
        )
    return NotAVideoError()


@contextmanager
def _explaining_faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise EnvironmentFault(
                "There is no space left to store the file.", advice="Free some space, and go on."
            ) from error
        raise EnvironmentFault(
            f"The file cannot be stored: {error}.",
            advice="Check DEEPTRACE_BLOBS, and that this user may write there.",
        ) from error
