"""The sound of a file, decoded in a confined process."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import cattrs

from deeptrace_core.audio import AudioNotAssessed, AudioTrack
from deeptrace_core.errors import DecoderFailedError
from worker.audio.interface import NotHeardError, OpenSound
from worker.audio.windows import RATE_HZ, Samples
from worker.media.answers import Answers
from worker.media.limits import Limits
from worker.media.process import DecoderProcess
from worker.media.wire import Kind

CHILD = "worker.media.audio_child"

log = logging.getLogger(__name__)

_converter = cattrs.Converter(forbid_extra_keys=True)
_Said = TypeVar("_Said", AudioTrack, AudioNotAssessed)


class SoundReader:
    """Reads the sound of each file in a child process with limits (see `Limits`). An `OpensSound`.

    Args:
        child: the module that the process runs; tests give one that misbehaves.
    """

    def __init__(self, limits: Limits | None = None, *, child: str = CHILD) -> None:
        self._limits = limits or Limits()
        self._child = child

    @contextmanager
    def open(self, path: Path, *, on_wait: Callable[[], None]) -> Iterator[OpenSound]:
        """See `OpensSound.open`."""
        with (
            path.open("rb") as file,
            DecoderProcess(file.fileno(), self._limits, self._child, on_wait) as process,
        ):
            answers = Answers(process, self._limits)
            answers.ready()
            yield _SandboxedSound(answers, _structured(_heard(answers.document(Kind.TRACK)), AudioTrack))


class _SandboxedSound:
    """See `OpenSound`."""

    def __init__(self, answers: Answers, track: AudioTrack) -> None:
        self.track = track
        self._answers = answers

    def blocks(self) -> Iterator[tuple[float, Samples]]:
        """See `OpenSound.blocks`."""
        while (block := self._answers.samples(RATE_HZ)) is not None:
            yield block
        _heard(self._answers.document(Kind.HEARD))


def _heard(document: dict[str, Any]) -> dict[str, Any]:
    """The answer, unless it says that there is nothing to hear."""
    if "reason" in document:
        said = _structured(document, AudioNotAssessed)
        raise NotHeardError(said.reason, said.explanation, said.advice)
    return document


def _structured(document: dict[str, Any], type_: type[_Said]) -> _Said:
    """The answer, checked.

    Raises:
        DecoderFailedError: it is not what it should be.
    """
    try:
        return _converter.structure(document, type_)
    except (cattrs.BaseValidationError, TypeError, ValueError) as error:
        log.warning("The decoder of the sound answered nonsense.")
        raise DecoderFailedError("The decoder gave an answer that makes no sense.") from error
