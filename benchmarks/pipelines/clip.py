"""The part of a video that is analyzed, as a file of its own."""

from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.clips import write_clip


def part(video: Path, target: Path, start: int, count: int | None, height_px: int | None) -> Path:
    """Copy `count` frames, or all, from `start` on to an H.264 file, at another height if one is given."""
    with av.open(str(video)) as container:
        frames = islice(container.decode(video=0), start, None if count is None else start + count)
        pictures = (np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in frames)
        return write_clip(target, (_sized(picture, height_px) for picture in pictures), codec="libx264")


def _sized(picture: np.ndarray, height_px: int | None) -> np.ndarray:
    if height_px is None:
        return picture
    width_px = round(picture.shape[1] * height_px / picture.shape[0] / 2) * 2
    return np.asarray(cv2.resize(picture, (width_px, height_px), interpolation=cv2.INTER_CUBIC), np.uint8)
