"""Means over rectangles of a picture, many at a time, from one table of sums.

What PyTorch's `interpolate(mode="area")` computes for one picture (adaptive average pooling), for any number
of crops in one call; the numbers are the same but for rounding.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.faces.crops import Image

MOST_INT32_PX = (2**31 - 1) // 255
"""Beyond this the sums of a white picture do not fit into 32 bits."""


Part = tuple[int, int, int, int]
"""Left, top, right and bottom of a part of a picture in pixels; the last two are outside."""


@dataclass(frozen=True)
class Resized:
    """A picture, or what is known of it, in another size."""

    pixels: NDArray[np.float32]
    """Shape (3, height, width), 0 to 255."""
    left: int
    top: int
    """Where in the whole resized picture it begins; even."""


class AreaSampler:
    """Resizes a picture, and crops of it, by averaging.

    Args:
        image: shape (height, width, 3), uint8.
        part: all that is needed of it. What is resized or cropped has the numbers that it has in the whole.
    """

    def __init__(self, image: Image, part: Part | None = None) -> None:
        self._height_px, self._width_px = image.shape[:2]
        whole: Part = (0, 0, self._width_px, self._height_px)
        self._left, self._top, self._right, self._bottom = part or whole
        known = np.ascontiguousarray(image[self._top : self._bottom, self._left : self._right])
        wide = known.shape[0] * known.shape[1] > MOST_INT32_PX
        self._sums: NDArray[Any] = cv2.integral(known, sdepth=cv2.CV_64F if wide else cv2.CV_32S)

    def resized(self, height_px: int, width_px: int) -> Resized:
        """The picture, or of a part all whole pixels from an even row and column on."""
        top, bottom, first_row = _within(self._top, self._bottom, self._height_px, height_px)
        left, right, first_column = _within(self._left, self._right, self._width_px, width_px)
        # numpy.take does not look at each index as indexing does, and takes a third of the time, or less.
        rows = self._sums.take(bottom, axis=0, mode="clip")
        rows -= self._sums.take(top, axis=0, mode="clip")
        sums = rows.take(right, axis=1, mode="clip")
        sums -= rows.take(left, axis=1, mode="clip")
        pixels = _means(sums.transpose(2, 0, 1), np.outer(bottom - top, right - left))
        return Resized(pixels, first_column, first_row)

    def holds(self, boxes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these boxes, as `crops` takes them, lie in the part that is known: shape (n,)."""
        outside = (boxes[:, :2] < (self._left, self._top)) | (boxes[:, 2:] > (self._right, self._bottom))
        return ~np.asarray(outside.any(axis=1), np.bool_)

    def crops(self, boxes: NDArray[np.int64], size_px: int) -> NDArray[np.float32]:
        """Rectangles of the picture, each as a square.

        Args:
            boxes: shape (n, 4): left, top, right, bottom, of which the last two are outside; within the
                picture, or its part, and not empty.

        Returns:
            Shape (n, 3, size, size), float32, 0 to 255.
        """
        left, right = _bins(boxes[:, 0] - self._left, boxes[:, 2] - self._left, size_px)
        top, bottom = _bins(boxes[:, 1] - self._top, boxes[:, 3] - self._top, size_px)
        sums = self._at(bottom, right)
        sums -= self._at(top, right)
        sums -= self._at(bottom, left)
        sums += self._at(top, left)
        areas = (bottom - top)[:, :, None] * (right - left)[:, None, :]
        return _means(sums.transpose(0, 3, 1, 2), areas[:, None])

    def _at(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[Any]:
        places = rows[:, :, None] * self._sums.shape[1] + columns[:, None, :]
        corners: NDArray[Any] = self._sums.reshape(-1, 3).take(places, axis=0, mode="clip")
        return corners


def _means(sums: NDArray[Any], areas: NDArray[np.int64]) -> NDArray[np.float32]:
    means = np.empty(sums.shape, np.float32)
    np.divide(sums, areas.astype(np.float32), out=means, dtype=np.float32, casting="unsafe")
    return means


def _within(
    start: int, end: int, length_px: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Of the averages that divide a length by `count`: where those from `start` to `end` begin and end, from
    `start`, and the number of the first, which is even.

    In the middle of a picture there is one number of them for each length, and it is even: for each size of
    picture a network needs another program.
    """
    first, last = (ends[0] for ends in _bins(np.zeros(1), np.full(1, length_px), count))
    whole = np.flatnonzero((first >= start) & (last <= end))
    if not len(whole):
        nothing = np.empty(0, np.int64)
        return nothing, nothing, 0
    begin, stop = int(whole[0]) + int(whole[0]) % 2, int(whole[-1]) + 1
    if stop < count:
        usual = (end - start) * count // length_px // 2 * 2 - 2
        stop = begin + max(min(usual, (stop - begin) // 2 * 2), 0)
    return first[begin:stop] - start, last[begin:stop] - start, begin


def _bins(start: NDArray[Any], end: NDArray[Any], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each of `count` averages begins and ends: shape (n, count). They overlap where they must."""
    first = start.astype(np.int64)[:, None]
    length = end.astype(np.int64)[:, None] - first
    steps = np.arange(count)[None]
    return first + steps * length // count, first - (-(steps + 1) * length // count)
