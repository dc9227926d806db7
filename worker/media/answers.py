"""What a decoder process answers, checked: it read a stranger's file, and its word is not enough."""

import json
import logging
from functools import cache
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.errors import DecoderFailedError, MediaTooLargeError, UnreadableMediaError
from deeptrace_core.model import MediaKind
from worker.media.index import VideoIndex
from worker.media.limits import Limits
from worker.media.process import DecoderProcess
from worker.media.wire import BLOCK, COUNT, FRAME, TEXT_BYTES, Kind

log = logging.getLogger(__name__)

REFUSALS = {error.code: error for error in (UnreadableMediaError, MediaTooLargeError, DecoderFailedError)}
"""The errors that a decoder may end a job with."""

LONGEST_S = 1e20
"""Beyond all that time stamps of 64 bits can say."""

MOST_PICTURES = 2**16
"""Beyond all that files have beside the one that is looked at."""

LONGEST_BLOCK = 2**20
"""Samples of sound in one message."""

LOUDEST = 1e3
"""Full scale is 1. Files of floats may go beyond it, though not like this."""

LONGEST_TEXT = 1000

LARGEST_NUMBER = 2**53
"""JSON as RFC 8785 has it knows no larger whole number. Not even NaN is smaller."""


class Answers:
    """The messages of one process, in the order in which they must come.

    Each method raises what the process died of (see `DecoderProcess.read_into`), what it refused the file
    for (see `REFUSALS`), or `DecoderFailedError` if the answer makes no sense.
    """

    def __init__(self, process: DecoderProcess, limits: Limits) -> None:
        self._process = process
        self._limits = limits
        self._picture_px = 0
        self._packets = 0
        self._frames = 0
        self._audio_s = 0.0

    def ready(self) -> None:
        """Wait until the process holds nothing but the file."""
        for what, held in self._json(Kind.READY).items():
            if held is not True:
                _warn_of_gap(what)
        self._process.gets_the_file()

    def index(self) -> VideoIndex:
        """What is in the file."""
        fields = self._json(Kind.INDEX)
        length = self._expect(Kind.TIMES)
        if length % 8 or length > 8 * self._limits.frames:
            raise _nonsense(f"{length} bytes of times")
        times_s = np.empty(length // 8)
        self._process.read_into(times_s.data.cast("B"))
        try:
            index = VideoIndex(**fields | {"kind": MediaKind(fields["kind"])}, times_s=times_s)
            believable = _is_believable(index, self._limits)
        except (TypeError, ValueError, KeyError) as error:
            raise _nonsense(str(error)) from error
        if not believable:
            raise _nonsense(f"index {fields}")
        self._picture_px = index.width_px * index.height_px
        return index

    def frame(self, index: int) -> NDArray[np.uint8]:
        """The frame with this index: shape (height, width, 3), uint8, RGB."""
        length = self._expect(Kind.FRAME)
        head = self._read(FRAME.size)
        sent, width_px, height_px = FRAME.unpack(head)
        size_bytes = 3 * width_px * height_px
        if sent != index or length != FRAME.size + size_bytes:
            raise _nonsense(f"frame {sent} of {width_px} x {height_px} in {length} bytes for frame {index}")
        if not 0 < width_px * height_px <= self._limits.picture_px:
            raise _nonsense(f"a picture of {width_px} x {height_px}")
        image = np.empty((height_px, width_px, 3), dtype=np.uint8)
        self._process.read_into(image.data.cast("B"))
        self._frames = max(self._frames, index + 1)
        self._allow_cpu()
        return image

    def samples(self, rate_hz: int) -> tuple[float, NDArray[np.float32]] | None:
        """The next block of sound: the time of its first sample, and (n,) float32. None at the end."""
        length = self._expect(Kind.SAMPLES)
        if length == 0:
            return None
        count, odd = divmod(length - BLOCK.size, 4)
        if odd or not 0 < count <= LONGEST_BLOCK:
            raise _nonsense(f"{length} bytes of sound")
        (start_s,) = BLOCK.unpack(self._read(BLOCK.size))
        block = np.empty(count, dtype=np.float32)
        self._process.read_into(block.data.cast("B"))
        # Each comparison is false for what is no number, too.
        if not (abs(start_s) < LONGEST_S and bool((np.abs(block) <= LOUDEST).all())):
            raise _nonsense("sound that is no sound")
        self._audio_s += count / rate_hz
        if self._audio_s > self._limits.audio_s:
            raise _nonsense("more sound than was allowed")
        self._allow_cpu()
        return start_s, block

    def document(self, kind: Kind) -> dict[str, Any]:
        """A JSON object whose texts are printable and not long, and whose numbers a report can hold."""
        document: dict[str, Any] = _tame(self._json(kind))
        return document

    def _expect(self, wanted: Kind) -> int:
        """Length in bytes of the next message, which is of this kind, past any news of progress."""
        while True:
            kind, length = self._process.read_header()
            if kind == wanted:
                return length
            if kind == Kind.LISTED and wanted in (Kind.INDEX, Kind.CONTAINER, Kind.SAMPLES):
                self._packets = self._count(length, above=self._packets)
                self._allow_cpu()
            elif kind == Kind.DECODED and wanted is Kind.FRAME:
                self._frames = self._count(length, above=self._frames)
                self._allow_cpu()
            elif kind == Kind.REFUSED:
                self._raise_refusal(length)
            else:
                raise _nonsense(f"message {kind} in place of {wanted.name}")

    def _count(self, length: int, *, above: int) -> int:
        if length != COUNT.size:
            raise _nonsense(f"a count of {length} bytes")
        count = int(COUNT.unpack(self._read(length))[0])
        if not above < count <= self._limits.packets:
            raise _nonsense(f"a count of {count} after {above}")
        return count

    def _allow_cpu(self) -> None:
        """The process got further, so it may have more CPU time."""
        cpu_s = self._limits.cpu_s(
            packets=self._packets,
            frames=self._frames,
            picture_px=self._picture_px,
            audio_s=self._audio_s,
        )
        self._process.allow_cpu_s(cpu_s)

    def _raise_refusal(self, length: int) -> NoReturn:
        said = self._json_of(length)
        error = REFUSALS.get(str(said.get("code")), DecoderFailedError)
        if error is DecoderFailedError:
            log.warning("The decoder gave up: %s", _text(said.get("detail")))
        raise error(_text(said.get("what")), advice=_text(said.get("advice")))

    def _json(self, kind: Kind) -> dict[str, Any]:
        return self._json_of(self._expect(kind))

    def _json_of(self, length: int) -> dict[str, Any]:
        if length > TEXT_BYTES:
            raise _nonsense(f"a text of {length} bytes")
        try:
            said = json.loads(self._read(length))
        except (ValueError, RecursionError) as error:
            raise _nonsense(str(error)) from error
        if not isinstance(said, dict):
            raise _nonsense("JSON that is no object")
        return said

    def _read(self, length: int) -> bytes:
        buffer = bytearray(length)
        self._process.read_into(memoryview(buffer))
        return bytes(buffer)


def _is_believable(index: VideoIndex, limits: Limits) -> bool:
    return (
        all(isinstance(name, str) and name == _text(name) for name in (index.container, index.video_codec))
        and isinstance(index.has_audio, bool)
        and isinstance(index.more_pictures, int)
        and 0 <= index.more_pictures <= MOST_PICTURES
        and (_has_sound_alone(index) if index.kind is MediaKind.SOUND else _has_frames(index, limits))
    )


def _has_sound_alone(index: VideoIndex) -> bool:
    return (
        (index.width_px, index.height_px, index.rotation_deg, len(index.times_s)) == (0, 0, 0, 0)
        and index.has_audio
        and isinstance(index.sound_s, float)
        and 0 <= index.sound_s < LONGEST_S
    )


def _has_frames(index: VideoIndex, limits: Limits) -> bool:
    times_s = index.times_s
    return (
        all(isinstance(side, int) and side > 0 for side in (index.width_px, index.height_px))
        and index.width_px * index.height_px <= limits.picture_px
        and index.rotation_deg in (0, 90, 180, 270)
        and index.sound_s == 0
        and (len(times_s) == 1 if index.kind is MediaKind.PICTURE else len(times_s) > 0)
        and times_s[0] == 0
        and times_s[-1] < LONGEST_S
        and bool((np.diff(times_s) >= 0).all())  # false for what is no number, too
    )


def _tame(said: Any) -> Any:
    if isinstance(said, dict):
        return {_text(name): _tame(value) for name, value in said.items()}
    if isinstance(said, list):
        return [_tame(value) for value in said]
    if isinstance(said, str):
        return _text(said)
    if isinstance(said, int | float) and not abs(said) <= LARGEST_NUMBER:
        raise _nonsense(f"a number like {said!r:.40}")
    return said


def _text(said: object) -> str:
    """Something printable, and not long."""
    return "".join(character for character in str(said)[:LONGEST_TEXT] if character.isprintable())


def _nonsense(detail: str) -> DecoderFailedError:
    log.warning("The decoder process answered nonsense: %s", _text(detail))
    return DecoderFailedError(
        "The decoder gave an answer that makes no sense while reading this file. No result was produced."
    )


@cache
def _warn_of_gap(what: str) -> None:
    """Once in the life of a worker."""
    log.warning(
        "Videos are decoded with less protection than they could be: %s is not so on this machine. "
        "Install libseccomp (libseccomp.so.2) on a Linux kernel with seccomp.",
        _text(what),
    )
