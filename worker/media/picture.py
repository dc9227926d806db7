"""Still pictures, each opened in the decoder process by the plugin of Pillow that fits its first bytes."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

# All that is needed later, since no file can be opened then; and no other plugin ever sees a file.
from PIL import ExifTags, Image, ImageCms
from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from deeptrace_core.containers import HEAD_BYTES, SAVE_AS_JPEG, heif_of, picture_of
from deeptrace_core.errors import MediaTooLargeError, UnreadableMediaError
from deeptrace_core.model import MediaKind
from worker.media.container import check_picture
from worker.media.index import VideoIndex
from worker.media.limits import MILLION, Limits

PLUGINS: dict[str, Callable[[BinaryIO], ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": WebPImageFile,
    "BMP": BmpImageFile,
    "TIFF": TiffImageFile,
}

TURNS = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT, 0),
    3: (Image.Transpose.ROTATE_180, 180),
    4: (Image.Transpose.FLIP_TOP_BOTTOM, 180),
    5: (Image.Transpose.TRANSPOSE, 270),
    6: (Image.Transpose.ROTATE_270, 90),
    7: (Image.Transpose.TRANSVERSE, 90),
    8: (Image.Transpose.ROTATE_90, 270),
}
"""EXIF's orientation -> what makes the picture upright, and how far that turns it clockwise in degrees. 2, 4,
5 and 7 are mirrored, too."""

SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N")
CONVERTIBLE = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV")
COLOUR_MANAGED = ("L", "RGB", "RGBA", "CMYK")

FAULTS = (SyntaxError, OSError, ValueError, EOFError, Image.DecompressionBombError)
"""What Pillow says of a file that is not as its format asks."""

BEHIND = (255, 255, 255)
"""What is seen through a transparent picture: the white of most pages."""


def format_of(file: int) -> str | None:
    """The format of a still picture, as Pillow names it; None for any other file.

    Args:
        file: a descriptor open for reading; its position stays where it is.

    Raises:
        UnreadableMediaError: it is a picture of a format that is not read here.
    """
    head = os.pread(file, HEAD_BYTES, 0)
    if heif := heif_of(head):
        raise UnreadableMediaError(
            f"The file is a picture in the format {heif}, which is not read here.", advice=SAVE_AS_JPEG
        )
    return picture_of(head)


@contextmanager
def open_picture(file: int, limits: Limits) -> Iterator[ImageFile]:
    """Open a picture and look at its header; nothing is decoded.

    Args:
        file: a descriptor of a file of which `format_of` names a format.

    Raises:
        UnreadableMediaError: it is damaged, or there are several pictures in it of which none stands for all.
        MediaTooLargeError: it has more than `limits.picture_px` pixels.
    """
    name = format_of(file)
    assert name is not None
    # WebP's plugin makes room for the picture while it opens it, unless that is more than twice of this.
    Image.MAX_IMAGE_PIXELS = limits.picture_px // 2
    os.lseek(file, 0, os.SEEK_SET)
    with os.fdopen(file, "rb", closefd=False) as stream:
        try:
            picture = PLUGINS[name](stream)
        except Image.DecompressionBombError as error:
            raise MediaTooLargeError(
                f"The picture is too large: at most {limits.picture_px // MILLION} million pixels can be "
                "analyzed."
            ) from error
        except FAULTS as error:
            raise _damaged() from error
        with picture:
            check_picture(*picture.size, limits)
            _check_alone(picture)
            yield picture


def index_picture(file: int, limits: Limits) -> VideoIndex:
    """What is in a picture, as a video of one frame at time 0.

    Raises:
        UnreadableMediaError, MediaTooLargeError: see `open_picture`.
    """
    with open_picture(file, limits) as picture:
        rotation_deg = TURNS.get(_orientation(picture), (None, 0))[1]
        # The plugin for TIFF turns its pictures itself, and names their upright size.
        turned = rotation_deg in (90, 270) and not isinstance(picture, TiffImageFile)
        width_px, height_px = picture.size
        return VideoIndex(
            kind=MediaKind.PICTURE,
            container=format_of(file) or "",
            video_codec="",
            width_px=height_px if turned else width_px,
            height_px=width_px if turned else height_px,
            rotation_deg=rotation_deg,
            has_audio=False,
            more_pictures=more_pictures(picture),
            times_s=np.zeros(1),
        )


def read_picture(file: int, limits: Limits) -> NDArray[np.uint8]:
    """The whole picture, upright: shape (height, width, 3), uint8, RGB.

    Transparent parts become white, colours those of sRGB, and of 16 bits the upper 8 are kept.

    Raises:
        UnreadableMediaError: it is damaged or was cut short, or has colours of an unknown kind.
        MediaTooLargeError: see `open_picture`.
    """
    with open_picture(file, limits) as picture:
        try:
            picture.load()
            turn = TURNS.get(_orientation(picture))
            rgb = _rgb(picture)
            upright = rgb.transpose(turn[0]) if turn else rgb
        except FAULTS as error:
            raise _damaged() from error
        return np.ascontiguousarray(upright)


def _check_alone(picture: ImageFile) -> None:
    try:
        count = int(getattr(picture, "n_frames", 1))
    except FAULTS as error:
        raise _damaged() from error
    if count < 2:
        return
    if isinstance(picture, TiffImageFile):
        raise UnreadableMediaError(
            f"There are {count} pictures in this TIFF file, and none stands for all.",
            advice="Save the one that matters as a file of its own, and keep the original.",
        )
    raise UnreadableMediaError(
        f"The picture is animated: it has {count} frames, and animations in this format are not read here.",
        advice="Convert it to GIF or MP4, submit that, and keep the original: the report will name the copy.",
    )


def _orientation(picture: ImageFile) -> int:
    try:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except (*FAULTS, TypeError, KeyError):
        return 1  # a tag that cannot be read turns nothing


def more_pictures(picture: ImageFile) -> int:
    """How many previews or maps of depth or brightness lie behind a JPEG picture (Multi-Picture Format)."""
    if not isinstance(picture, JpegImageFile):
        return 0
    try:
        index: Any = picture._getmp() or {}
        return max(int(index.get(0xB001, 1)) - 1, 0)
    except (*FAULTS, TypeError, KeyError, IndexError):
        return 0


def _rgb(picture: Image.Image) -> Image.Image:
    if picture.mode in SIXTEEN_BITS:
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8)).convert("RGB")
    if picture.mode not in CONVERTIBLE:
        raise UnreadableMediaError(
            f"The picture has colours of a kind that is not read here ({picture.mode}).", advice=SAVE_AS_JPEG
        )
    seen = picture.convert("RGBA") if picture.has_transparency_data else picture
    if seen.mode == "P":
        seen = seen.convert("RGB")
    managed = _in_srgb(seen, picture.info.get("icc_profile"))
    if managed.mode != "RGBA":
        return managed.convert("RGB")
    opaque = Image.new("RGB", managed.size, BEHIND)
    opaque.paste(managed, mask=managed.getchannel("A"))
    return opaque


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in the colours of the web. A profile that cannot be used is as good as none."""
    if not profile or picture.mode not in COLOUR_MANAGED:
        return picture
    wanted = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        managed = ImageCms.profileToProfile(
            picture, source, ImageCms.createProfile("sRGB"), outputMode=wanted
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return managed if managed is not None else picture


def _damaged() -> UnreadableMediaError:
    return UnreadableMediaError(
        "The picture is damaged, or was cut short: it could not be decoded to its end."
    )
