"""What `worker.faces.area` does, for several pictures at once and wherever PyTorch can: on a GPU."""

import torch
from torch import Tensor
from torch.nn.functional import pad

from worker.faces.area import MOST_INT32_PX


class AreaTable:
    """Resizes pictures of one size, and crops of them, by averaging; the numbers are PyTorch's.

    Args:
        pictures: shape (n, height, width, 3), uint8. What is made of them is on the same device.
    """

    def __init__(self, pictures: Tensor) -> None:
        self.height_px, self.width_px = pictures.shape[1:3]
        fits = self.height_px * self.width_px <= MOST_INT32_PX
        dtype = torch.int32 if fits else torch.int64
        sums = pictures.cumsum(1, dtype=dtype).cumsum(2, dtype=dtype)
        self._sums = pad(sums, (0, 0, 1, 0, 1, 0))

    def resized(self, height_px: int, width_px: int) -> Tensor:
        """All pictures in another size: shape (n, 3, height, width), float32, 0 to 255."""
        top, bottom = self._bins(self._whole(0), self._whole(self.height_px), height_px)
        left, right = self._bins(self._whole(0), self._whole(self.width_px), width_px)
        rows = self._sums[:, bottom[0]] - self._sums[:, top[0]]
        sums = rows[:, :, right[0]] - rows[:, :, left[0]]
        return _means(sums, (bottom - top)[0][:, None] * (right - left))

    def crops(self, owners: Tensor, boxes: Tensor, size_px: int) -> Tensor:
        """Rectangles, each as a square: shape (k, 3, size, size), float32, 0 to 255.

        Args:
            owners: shape (k,), int64: of which picture each is.
            boxes: shape (k, 4), int64: left, top, right, bottom, of which the last two are outside; within
                the picture and not empty.
        """
        left, right = self._bins(boxes[:, 0], boxes[:, 2], size_px)
        top, bottom = self._bins(boxes[:, 1], boxes[:, 3], size_px)

        def at(rows: Tensor, columns: Tensor) -> Tensor:
            return self._sums[owners[:, None, None], rows[:, :, None], columns[:, None, :]]

        sums = at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left)
        return _means(sums, (bottom - top)[:, :, None] * (right - left)[:, None, :])

    def _whole(self, value: int) -> Tensor:
        return torch.tensor([value], device=self._sums.device)

    def _bins(self, start: Tensor, end: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """Where each of `count` averages begins and ends: shape (k, count). They overlap where they must."""
        steps = torch.arange(count, device=self._sums.device)[None]
        length = (end - start)[:, None]
        return start[:, None] + steps * length // count, start[:, None] - (-(steps + 1) * length // count)


def _means(sums: Tensor, areas: Tensor) -> Tensor:
    return (sums / areas[..., None].float()).movedim(-1, 1)
