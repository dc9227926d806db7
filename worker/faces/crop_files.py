"""Reading face crops from picture files that anybody may have made."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from deeptrace_core.errors import InputError
from worker.detectors.interface import Crops

MAX_PICTURE_PX = 64_000_000
"""A face crop is far smaller; this keeps a malicious picture from filling the memory."""


def read_crop(path: Path, size_px: int) -> Crops:
    """One picture at the preset's size: shape (size, size, 3), uint8, RGB.

    Raises:
        InputError: it is not a whole picture of 8 bits a channel.
    """
    # Pillow, since OpenCV fills what a truncated file lacks with grey and says nothing.
    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > MAX_PICTURE_PX:
                raise InputError(f"it has {picture.width} x {picture.height} pixels")
            if picture.mode.startswith(("I", "F")):
                raise InputError("it has more than 8 bits a channel")
            pixels = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise InputError("it is not a picture that can be read") from error
    except (OSError, ValueError, SyntaxError) as error:  # what Pillow raises on damaged files
        raise InputError(f"it is damaged or cannot be read ({error})") from error
    shrinks = min(pixels.shape[:2]) > size_px
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (size_px, size_px), interpolation=interpolation), np.uint8)
