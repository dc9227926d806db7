"""How large the manifest in an MP4 or MOV file says it is, before anybody loads it into memory."""

import os
import struct

MANIFEST_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The user type of the box, from the C2PA specification, "Embedding manifests into BMFF-based assets"."""

MAX_BOXES = 200_000
"""Boxes to look at. Fragmented files have two for each fragment: a day in fragments of a second."""


def manifest_bytes(file: int) -> int:
    """Size in bytes of the largest manifest box at the top level; 0 where there is none.

    Args:
        file: a descriptor open for reading; its position stays where it is.
    """
    end = os.fstat(file).st_size
    largest, at = 0, 0
    for _ in range(MAX_BOXES):
        head = os.pread(file, 32, at)
        if len(head) < 8:
            break
        size, kind = struct.unpack_from(">I4s", head)
        body = 8
        if size == 1 and len(head) >= 16:  # the size stands behind, in 64 bits
            (size,) = struct.unpack_from(">Q", head, 8)
            body = 16
        elif size == 0:  # to the end of the file
            size = end - at
        if size < body:
            break  # no box: this is another format, or damaged
        if kind == b"uuid" and head[body : body + 16] == MANIFEST_BOX:
            largest = max(largest, size)
        at += size
    return largest
