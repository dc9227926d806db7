"""What a file is by its first bytes, whatever its name says.

This keeps documents and pictures from being stored by mistake. Whether a video can be read, only its
decoder finds out, in the worker's sandbox.
"""

HEAD_BYTES = 512
"""As many first bytes as a file is told by."""

_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")


def container_of(head: bytes) -> str | None:
    """The kind of video file that begins with these bytes, or None."""
    if head[4:8] in _BOXES and not (head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"heic", b"mif1")):
        return "mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    if head.startswith((b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")):
        return "mpeg"
    # Packets of 188 bytes, or of 192 with a time before each, that all begin with the same byte.
    if head[0:377:188] == b"GGG" or head[4:389:192] == b"GGG":
        return "mpegts"
    if head.startswith(_ASF):
        return "asf"
    if head.startswith(b"FLV\x01"):
        return "flv"
    if head.startswith(b"OggS"):
        return "ogg"
    return None
