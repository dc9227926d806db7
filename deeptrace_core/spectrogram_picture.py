"""A spectrogram as a picture. Standard library only: the exports are made where no imaging library is."""

import base64
import struct
import zlib

from deeptrace_core.audio import Spectrogram

RANGE_DB = 70
"""What is quieter than the loudest moment by more than this is black. Silence is not blown up."""

MAGMA = bytes.fromhex(
    "000004 0a0822 1d1147 36106b 51127c 6a1c81 832681 9c2e7f b73779"
    "d0416f e75263 f56b5c fc8961 fea772 fec488 fde2a3 fcfdbf"
)
"""From quiet to loud in steps that look alike: every 16th colour of matplotlib's map of that name (CC0)."""
LEVELS = 255


def png(spectrogram: Spectrogram) -> bytes:
    """A pixel for each band of each column, high tones above. Its palette has a colour for each level."""
    levels = base64.b64decode(spectrogram.levels)
    bands = len(spectrogram.edges_hz) - 1
    lines = b"".join(b"\0" + levels[band::bands] for band in reversed(range(bands)))
    header = struct.pack(">IIBBBBB", len(levels) // bands, bands, 8, 3, 0, 0, 0)
    chunks = {
        b"IHDR": header,
        b"PLTE": _palette(max(levels), RANGE_DB / -spectrogram.floor_db * LEVELS),
        b"IDAT": zlib.compress(lines, 9),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks.items()
    )


def _palette(loudest: int, span: float) -> bytes:
    """The colours of all levels, from `span` below the loudest one on: (LEVELS + 1) x 3 bytes."""
    quietest = max(loudest, span) - span
    return b"".join(_colour(min(max((level - quietest) / span, 0.0), 1.0)) for level in range(LEVELS + 1))


def _colour(share: float) -> bytes:
    steps = len(MAGMA) // 3 - 1
    below = min(int(share * steps), steps - 1)
    part = share * steps - below
    lower, upper = MAGMA[3 * below : 3 * below + 3], MAGMA[3 * below + 3 : 3 * below + 6]
    return bytes(round(a + part * (b - a)) for a, b in zip(lower, upper, strict=True))
