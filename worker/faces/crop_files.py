"""Reading face crops from picture files that anybody may have made."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from deeptrace_core.errors import InputError
from worker.detectors.interface import Crops
from worker.faces.crops import Preset, as_square

MAX_PICTURE_PX = 64_000_000
"""A face crop is far smaller; this keeps a malicious picture from filling the memory."""


NEAREST_PIXEL = frozenset({"meso256"})
"""Presets whose authors bring pictures to size by taking the nearest pixel: MesoNet's example.py reads them
with Keras' flow_from_directory, which does so by default. Smoother pictures score differently: on MesoNet's
own validation faces the frame AUC of Meso4 is 0.962 this way and 0.970 with averaging."""


def read_crop(path: Path, preset: Preset) -> Crops:
    """One picture at the preset's size, as its authors resize pictures: shape (size, size, 3), uint8, RGB.

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
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise InputError("it is not a picture that can be read") from error
    except (OSError, ValueError, SyntaxError) as error:  # what Pillow raises on damaged files
        raise InputError(f"it is damaged or cannot be read ({error})") from error
    if preset.name in NEAREST_PIXEL:
        return np.asarray(
            upright.resize((preset.size_px, preset.size_px), Image.Resampling.NEAREST), np.uint8
        )
    return as_square(np.asarray(upright, np.uint8), preset.size_px)
