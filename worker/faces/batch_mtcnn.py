"""MTCNN (Zhang et al. 2016, arXiv:1604.02878) on a GPU: facenet-pytorch's weights and boxes, many at a time.

Pictures are sent to the device once, and stay there: resizing, all three networks and all crops of several
pictures are one call each, where facenet-pytorch has a loop in Python over candidates. Thresholds, scales,
the order of the steps and the rounding are facenet-pytorch's; `tests/faces/test_batch_mtcnn.py` holds it to
its boxes, on a CPU.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, groupby

import numpy as np
import torch
from facenet_pytorch.models.mtcnn import ONet, PNet, RNet
from torch import Tensor, nn
from torchvision.ops import batched_nms

from deeptrace_core.model import Face
from worker.faces.area_table import AreaTable
from worker.faces.crops import Image
from worker.faces.interface import smallest_searched_px
from worker.faces.mtcnn_steps import (
    CELL_PX,
    ONET_PX,
    RNET_PX,
    STRIDE_PX,
    THRESHOLDS,
    Array,
    scales,
    suppressed_by_smaller,
    sure_faces,
)
from worker.runtimes.fitting import FittingBatches
from worker.runtimes.torch_runtime import repeatable

AT_ONCE = 8
"""Pictures: as many as are scored together."""

CROPS_AT_ONCE = 1024
"""A crowd must not take all memory."""

Found = tuple[Tensor, Tensor]
"""Boxes, shape (k, 4), float32: left, top, right, bottom; and of which picture each is, shape (k,), int64."""


class BatchMtcnnFaceFinder:
    """See `BatchFaceFinder`. The weights come with the facenet-pytorch package."""

    def __init__(self, *, min_face_px: int, device: str) -> None:
        self._batches = FittingBatches(
            AT_ONCE,
            device,
            items="pictures",
            even_one="to look for faces in even one of these pictures",
        )
        self._device = torch.device(device)
        self._smallest_px = smallest_searched_px(min_face_px)
        self._pnet, self._rnet, self._onet = (
            make().eval().requires_grad_(False).to(self._device) for make in (PNet, RNet, ONet)
        )

    @property
    def at_once(self) -> int:
        """See `BatchFaceFinder.at_once`."""
        return self._batches.size

    def find_all(self, images: Sequence[Image]) -> list[tuple[Face, ...]]:
        """See `BatchFaceFinder.find_all`."""
        groups = groupby(images, key=lambda image: image.shape)
        return [faces for _, group in groups for faces in self._find_in_alike(list(group))]

    def _find_in_alike(self, images: list[Image]) -> Iterator[tuple[Face, ...]]:
        searched = self._batches.over(len(images), lambda some: self._search(np.stack(images[some])))
        return chain.from_iterable(searched)

    def _search(self, images: Image) -> list[tuple[Face, ...]]:
        """The faces of pictures of one size: shape (n, height, width, 3), uint8."""
        with torch.inference_mode(), repeatable():
            table = AreaTable(self._sent(images))
            boxes, scores, points, owners = self._decided(table, self._refined(table, self._proposed(table)))
        found = []
        for number in range(len(images)):
            mine = np.flatnonzero(owners == number)
            kept = mine[suppressed_by_smaller(boxes[mine], scores[mine], 0.7)]
            found.append(sure_faces(boxes[kept], scores[kept], points[kept]))
        return found

    def _sent(self, images: Image) -> Tensor:
        pictures = torch.from_numpy(images)
        if self._device.type == "cuda":
            pictures = pictures.pin_memory()
        return pictures.to(self._device, non_blocking=True)

    def _proposed(self, table: AreaTable) -> Found:
        """First stage: squares anywhere and of any size."""
        boxes, scores, shifts, owners = [], [], [], []
        for scale in scales(self._smallest_px, min(table.height_px, table.width_px)):
            small = table.resized(int(table.height_px * scale + 1), int(table.width_px * scale + 1))
            all_shifts, probabilities = self._pnet(_normalised(small))
            owner, row, column = (probabilities[:, 1] >= THRESHOLDS[0]).nonzero(as_tuple=True)
            corners = torch.stack([column, row], dim=1).float() * STRIDE_PX
            ends = [((corners + 1) / scale).floor(), ((corners + CELL_PX) / scale).floor()]
            found = torch.cat(ends, dim=1)
            score = probabilities[owner, 1, row, column]
            kept = batched_nms(found, score, owner, 0.5)
            boxes.append(found[kept])
            scores.append(score[kept])
            shifts.append(all_shifts[owner, :, row, column][kept])
            owners.append(owner[kept])
        if not boxes:
            nobody = torch.empty(0, dtype=torch.int64, device=self._device)
            return torch.empty(0, 4, device=self._device), nobody
        found, owner = torch.cat(boxes), torch.cat(owners)
        kept = batched_nms(found, torch.cat(scores), owner, 0.7)
        found, shift = found[kept], torch.cat(shifts)[kept]
        sides = found[:, 2:] - found[:, :2]
        return _squared(found + shift * sides.repeat(1, 2)), owner[kept]

    def _refined(self, table: AreaTable, found: Found) -> Found:
        """Second stage: fewer squares."""
        boxes, owners, crops = _cut(table, found, RNET_PX)
        shifts, probabilities = _in_batches(self._rnet, crops, (4, 2))
        passed = probabilities[:, 1] > THRESHOLDS[1]
        boxes, owners, scores = boxes[passed], owners[passed], probabilities[passed, 1]
        kept = batched_nms(boxes, scores, owners, 0.7)
        return _squared(_shifted(boxes[kept], shifts[passed][kept])), owners[kept]

    def _decided(self, table: AreaTable, found: Found) -> tuple[Array, Array, Array, Array]:
        """Third stage: boxes (k, 4), scores (k,), landmarks (k, 5, 2), and of which picture each is (k,)."""
        boxes, owners, crops = _cut(table, found, ONET_PX)
        shifts, points, probabilities = _in_batches(self._onet, crops, (4, 10, 2))
        passed = probabilities[:, 1] > THRESHOLDS[2]
        boxes, owners, points = boxes[passed], owners[passed], points[passed]
        sides = boxes[:, 2:] - boxes[:, :2] + 1
        places = torch.stack([points[:, :5], points[:, 5:]], dim=2) * sides[:, None] + boxes[:, None, :2] - 1
        decided = (_shifted(boxes, shifts[passed]), probabilities[passed, 1], places, owners)
        boxes_, scores, places_, owners_ = (one.cpu().numpy() for one in decided)
        return boxes_, scores, places_, owners_


def _normalised(pictures: Tensor) -> Tensor:
    return (pictures - 127.5) * 0.0078125


def _in_batches(network: nn.Module, crops: Tensor, widths: tuple[int, ...]) -> list[Tensor]:
    if not len(crops):
        return [crops.new_empty(0, width) for width in widths]
    answers = [network(_normalised(some)) for some in torch.split(crops, CROPS_AT_ONCE)]
    return [torch.cat(parts) for parts in zip(*answers, strict=True)]


def _cut(table: AreaTable, found: Found, size_px: int) -> tuple[Tensor, Tensor, Tensor]:
    """The boxes of which some lies in the picture, whose they are, and that part of each."""
    boxes, owners = found
    edges = boxes.trunc().long()
    # facenet-pytorch counts pixels from 1, and its boxes end with the pixel they name.
    starts = edges[:, :2].clamp(min=1) - 1
    ends = edges[:, 2:].minimum(edges.new_tensor([table.width_px, table.height_px]))
    visible = (ends > starts).all(dim=1)
    inside = torch.cat([starts, ends], dim=1)[visible]
    return boxes[visible], owners[visible], table.crops(owners[visible], inside, size_px)


def _shifted(boxes: Tensor, shifts: Tensor) -> Tensor:
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    return boxes + shifts * sides.repeat(1, 2)


def _squared(boxes: Tensor) -> Tensor:
    sides = boxes[:, 2:] - boxes[:, :2]
    longer = sides.amax(dim=1, keepdim=True)
    corners = boxes[:, :2] + sides * 0.5 - longer * 0.5
    return torch.cat([corners, corners + longer], dim=1)
