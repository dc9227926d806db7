"""What a picture says of itself: its format, and what cameras and programs wrote into it."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from PIL import ExifTags
from PIL.ImageFile import ImageFile

from deeptrace_core.provenance import ContainerFacts, FrameTiming, StreamFacts, Tag
from worker.media.hints import hints_of
from worker.media.limits import Limits
from worker.media.picture import more_pictures, open_picture
from worker.media.tags import TEXT_CHARACTERS, cut, sorted_out

KEPT = frozenset(
    {
        *("software", "datetime", "datetimeoriginal", "datetimedigitized", "offsettimeoriginal", "make"),
        *("model", "lensmodel", "orientation", "hostcomputer", "creation time", "creatortool"),
    }
)
"""Names in lower case. All others may tell about people or places, and their values stay in the file."""

STRUCTURE = frozenset(
    {
        *("imagewidth", "imagelength", "bitspersample", "compression", "photometricinterpretation"),
        *("stripoffsets", "samplesperpixel", "rowsperstrip", "stripbytecounts", "xresolution", "yresolution"),
        *("planarconfiguration", "resolutionunit", "exifoffset", "colorspace", "exifimagewidth", "predictor"),
        *("exifimageheight", "exifversion", "ycbcrpositioning", "flashpixversion", "componentsconfiguration"),
    }
)
"""What the format needs, and says nothing of its origin."""

CREATOR_TOOL = re.compile(rb"""xmp:CreatorTool(?:=["']|>)([^"'<]{1,160})""")


def picture_facts(file: int, limits: Limits, *, now: datetime | None = None) -> ContainerFacts:
    """Read what stands beside the pixels.

    Args:
        file: a descriptor of a picture, open for reading.
        now: the time of reading, if it is not the present.

    Raises:
        UnreadableMediaError, MediaTooLargeError: see `open_picture`.
    """
    with open_picture(file, limits) as picture:
        kept, others = sorted_out(_texts(picture), KEPT, STRUCTURE)
        profile = f"{picture.mode}, colour profile" if picture.info.get("icc_profile") else picture.mode
        return ContainerFacts(
            brands=None,
            streams=(StreamFacts(kind="picture", codec=picture.format, profile=profile, bits_per_s=None),),
            more_streams=more_pictures(picture),
            tags=kept,
            other_tags=others,
            frame_timing=FrameTiming.UNKNOWN,
            frames_per_s=None,
            key_frames=0,
            key_frame_median_s=None,
            key_frame_longest_s=None,
            hidden_frames=0,
            hints=hints_of(kept, b"", 0, now=now or datetime.now(UTC)),
        )


def _texts(picture: ImageFile) -> Iterator[Tag]:
    """All that is written in it, by name."""
    exif = picture.getexif()
    yield from _exif("EXIF", exif)
    yield from _exif("EXIF", exif.get_ifd(ExifTags.IFD.Exif))
    for name, value in picture.info.items():
        if isinstance(name, str) and isinstance(value, str):
            yield _tag("text", name, value)
        elif name in ("comment", "photoshop"):
            yield _tag("file", str(name), "")
    xmp = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp") or b""
    for value in CREATOR_TOOL.findall(xmp.encode() if isinstance(xmp, str) else xmp):
        yield _tag("XMP", "CreatorTool", value.decode(errors="replace"))


def _exif(place: str, tags: Mapping[int, Any]) -> Iterator[Tag]:
    for number, value in tags.items():
        name = ExifTags.TAGS.get(number, f"tag {number}")
        yield _tag(place, name, value if isinstance(value, str) else str(value)[: 2 * TEXT_CHARACTERS])


def _tag(place: str, name: str, value: str) -> Tag:
    return Tag(place=place, name=cut(name), value=cut(value.replace("\0", " ").strip()))
