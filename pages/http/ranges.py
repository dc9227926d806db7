"""The Range header: which bytes of a file are asked for (RFC 9110, section 14)."""

import re

_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")


class UnsatisfiableRange(Exception):
    """The range begins behind the end of the file."""


def parse_range(header: str | None, size_bytes: int) -> tuple[int, int] | None:
    """From which byte to before which; None for the whole file.

    What cannot be read, and several ranges at once, count as not asked for, as the RFC allows.

    Raises:
        UnsatisfiableRange: none of these bytes exist.
    """
    found = _RANGE.fullmatch(header.replace(" ", "")) if header and header.isascii() else None
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(size_bytes - int(last), 0), size_bytes
    else:
        start, end = int(first), min(int(last) + 1, size_bytes) if last else size_bytes
        if last and int(last) < int(first):
            return None
    if start >= size_bytes or start >= end:
        raise UnsatisfiableRange
    return start, end
