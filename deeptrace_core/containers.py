"""What a file is by its first bytes, whatever its name says.

This keeps documents and programs from being stored by mistake, and says which decoder is for a picture.
Whether a file can be read, only its decoder finds out, in the worker's sandbox.
"""

HEAD_BYTES = 512
"""As many first bytes as a file is told by."""

_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_HEIF_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "HEIC"),
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
}
_MPEG_AUDIO_LAYERS = (0b01, 0b10)
"""III (MP3) and II. Layer I looks like the beginning of a text in UTF-16, and nobody sends it."""

SAVE_AS_JPEG = (
    "Save it as JPEG or PNG with the program or the phone that shows it, submit that copy, and keep the "
    "original: the report will name the copy."
)


def container_of(head: bytes) -> str | None:
    """The kind of video, picture or sound file that begins with these bytes, or None."""
    if heif_of(head):
        return None
    return picture_of(head) or _moving(head) or _sound(head)


def picture_of(head: bytes) -> str | None:
    """The format of the still picture that begins with these bytes, as Pillow names it, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    # The size of the second header too: two letters alone begin many a text.
    if head.startswith(b"BM") and head[14:18] in (b"\x0c\0\0\0", b"\x28\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0"):
        return "BMP"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "TIFF"
    return None


def heif_of(head: bytes) -> str | None:
    """ "HEIC" or "AVIF" for a picture of the HEIF family, which is not read here; None for anything else."""
    return _HEIF_BRANDS.get(head[8:12]) if head[4:8] == b"ftyp" else None


def _moving(head: bytes) -> str | None:
    if head[4:8] in _BOXES:
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
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    return None


def _sound(head: bytes) -> str | None:
    if head.startswith((b"RIFF", b"RF64")) and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"fLaC"):
        return "flac"
    if head.startswith(b"ID3"):
        return "mp3"
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "aac"  # ADTS
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        layer, rate, frequency = head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
        if layer in _MPEG_AUDIO_LAYERS and rate != 0xF and frequency != 3:
            return "mp3"
    return None
