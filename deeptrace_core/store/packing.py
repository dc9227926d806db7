"""Columns of numbers as bytes: little-endian, so that any machine reads what any other wrote."""

import math
import struct
from collections.abc import Sequence

INTEGER = "I"
"""32 bits without sign."""
NUMBER = "d"
"""64 bits: every number comes back bit for bit. NaN, which no score can be, stands for None."""


def pack_numbers(column: Sequence[float | None]) -> bytes:
    """Numbers, some of which may be missing."""
    values = [math.nan if value is None else value for value in column]
    return struct.pack(f"<{len(values)}{NUMBER}", *values)


def unpack_numbers(data: bytes) -> list[float | None]:
    """See `pack_numbers`."""
    values = struct.unpack(f"<{len(data) // struct.calcsize(NUMBER)}{NUMBER}", data)
    return [None if math.isnan(value) else value for value in values]


def pack_integers(column: Sequence[int]) -> bytes:
    """Integers from 0 to 2**32 - 1."""
    return struct.pack(f"<{len(column)}{INTEGER}", *column)


def unpack_integers(data: bytes) -> list[int]:
    """See `pack_integers`."""
    return list(struct.unpack(f"<{len(data) // struct.calcsize(INTEGER)}{INTEGER}", data))
