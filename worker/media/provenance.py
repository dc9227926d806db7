"""Where a file says that it comes from, read in a confined process. No fault here ends an analysis."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import cattrs

from deeptrace_core.errors import (
    DecoderFailedError,
    DecoderUnavailableError,
    InputError,
    MediaTooLargeError,
    SettingsError,
    UnreadableMediaError,
)
from deeptrace_core.provenance import ContainerFacts, Credentials, NotRead, NotReadReason, Provenance
from worker.media.answers import Answers
from worker.media.limits import Limits
from worker.media.process import DecoderProcess
from worker.media.wire import COUNT, Kind

log = logging.getLogger(__name__)

CHILD = "worker.media.provenance_child"
PEM = b"-----BEGIN CERTIFICATE-----"
SLOWEST_BYTES_S = 20_000_000
"""How fast a file is hashed at the very least, apart from `Limits`: about a tenth of what was measured."""

ADVICE = "Nothing else in this report rests on it. Analyze the video again to have it tried again."

FAULTS = (UnreadableMediaError, MediaTooLargeError, DecoderFailedError, DecoderUnavailableError, OSError)
"""What reading may end with. What `on_wait` raises is none of these."""

_converter = cattrs.Converter(forbid_extra_keys=True)
_Facts = TypeVar("_Facts", ContainerFacts, Credentials)


class ProvenanceReader:
    """Reads the Content Credentials and the container of files. `read` is a `ReadProvenance`.

    Args:
        anchors: a PEM file with the certificates of those who may vouch for signers; without one nobody
            is on the list.
        child: the module that the process runs; tests give one that misbehaves.

    Raises:
        SettingsError: there is no certificate in the file, or no file.
    """

    def __init__(
        self, anchors: Path | None = None, limits: Limits | None = None, *, child: str = CHILD
    ) -> None:
        self._anchors = _certificates(anchors) if anchors else b""
        self._limits = limits or Limits()
        self._child = child

    def read(self, path: Path, *, on_wait: Callable[[], None]) -> Provenance:
        """What the file says; whatever cannot be read is said to be so.

        Args:
            on_wait: called every second or so while the process is waited for; what it raises ends the wait.
        """
        container: ContainerFacts | NotRead | None = None
        try:
            with (
                path.open("rb") as file,
                DecoderProcess(file.fileno(), self._patient(path), self._child, on_wait) as process,
            ):
                answers = Answers(process, self._limits)
                answers.ready()
                process.ask(COUNT.pack(len(self._anchors)) + self._anchors)
                container = _found(answers, Kind.CONTAINER, ContainerFacts)
                credentials = _found(answers, Kind.CREDENTIALS, Credentials)
        except FAULTS as error:
            failed = _failed(error)
            return Provenance(credentials=failed, container=container or failed)
        if isinstance(credentials, Credentials) and self._anchors:
            credentials = replace(credentials, trust_list_sha256=hashlib.sha256(self._anchors).hexdigest())
        return Provenance(credentials=credentials, container=container)

    def _patient(self, path: Path) -> Limits:
        """More time for larger files: the reader hashes all of it, and says nothing meanwhile."""
        more_s = path.stat().st_size / SLOWEST_BYTES_S
        limits = self._limits
        return replace(limits, cpu_base_s=limits.cpu_base_s + more_s, silence_s=limits.silence_s + more_s)


def _certificates(path: Path) -> bytes:
    try:
        pem = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"DEEPTRACE_TRUST_ANCHORS cannot be read: {error}.") from error
    if PEM not in pem:
        raise SettingsError(f"DEEPTRACE_TRUST_ANCHORS: there is no PEM certificate in {str(path)!r}.")
    return pem


def _found(answers: Answers, kind: Kind, type_: type[_Facts]) -> _Facts | NotRead:
    """The next answer, checked.

    Raises:
        DecoderFailedError: it is not what it should be.
    """
    document = answers.document(kind)
    try:
        if "reason" in document:
            return _converter.structure(document, NotRead)
        return _converter.structure(document, type_)
    except (cattrs.BaseValidationError, TypeError, ValueError) as error:
        log.warning("The reader of provenance answered nonsense: %s", kind.name)
        raise DecoderFailedError("The reader gave an answer that makes no sense.") from error


def _failed(error: Exception) -> NotRead:
    """What to say instead of an answer."""
    what = error.what if isinstance(error, InputError | DecoderUnavailableError) else f"{error}."
    log.warning("Where the file comes from could not be read: %s", what)
    return NotRead(
        reason=NotReadReason.READER_FAILED,
        explanation=what.removesuffix(" No result was produced."),
        advice=ADVICE,
    )
