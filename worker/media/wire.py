"""What the decoder process and its parent say to each other.

The child writes messages: `HEADER` (kind and length of what follows), then the payload.
The parent writes one thing: how many frames it wants, and their indices, as 64-bit integers; or to
`provenance_child` how long the list of trust anchors is, and the list.
"""

import json
import os
import struct
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

from worker.media.limits import Limits

HEADER = struct.Struct("<BQ")
"""Kind, and length of the payload in bytes."""

FRAME = struct.Struct("<QII")
"""Index, width and height of a frame, before its pixels (RGB, 3 bytes each, in rows)."""

BLOCK = struct.Struct("<d")
"""The time of the first sample of a block of sound, in seconds, before its samples (32-bit floats)."""

COUNT = struct.Struct("<Q")
"""How much was done, and how many frames are wanted."""

TEXT_BYTES = 64 * 1024
"""The longest JSON that may be sent."""


class Kind(IntEnum):
    """Messages of the child, in the order in which they come."""

    READY = 1
    """JSON: what holds the child, see `Confinement`. From here on it reads the file."""
    LISTED = 2
    """`COUNT`: packets seen while listing frames; at most one a second."""
    INDEX = 3
    """JSON: the fields of `VideoIndex` but for the times."""
    TIMES = 4
    """`VideoIndex.times_s` as 64-bit floats."""
    DECODED = 5
    """`COUNT`: frames decoded; at most one a second."""
    FRAME = 6
    """`FRAME` and the pixels of a wanted frame."""
    REFUSED = 7
    """JSON: code, what and advice of an error, and a detail for the log. The last message."""
    CONTAINER = 8
    """JSON: `ContainerFacts` or `NotRead`. The first answer of `provenance_child`."""
    CREDENTIALS = 9
    """JSON: `Credentials` or `NotRead`. Its second and last."""
    TRACK = 10
    """JSON: `AudioTrack`, or `AudioNotAssessed` and nothing more. The first answer of `audio_child`."""
    SAMPLES = 11
    """`BLOCK` and the samples that follow each other; without either at the end of the track."""
    HEARD = 12
    """JSON: empty if the whole track was decoded, else `AudioNotAssessed`. The last of `audio_child`."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a child is started with."""

    file: int
    """A descriptor open for reading, inherited by the child."""
    parent_pid: int
    limits: Limits

    def encode(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def decode(text: str) -> "Order":
        fields: dict[str, Any] = json.loads(text)
        return Order(**fields | {"limits": Limits(**fields["limits"])})


def send(pipe: int, kind: Kind, *parts: bytes | memoryview) -> None:
    """Write one message; blocks while the reader is busy.

    Raises:
        BrokenPipeError: nobody reads any more.
    """
    for part in (HEADER.pack(kind, sum(len(part) for part in parts)), *parts):
        view = memoryview(part)
        while view:
            view = view[os.write(pipe, view) :]
