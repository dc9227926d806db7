"""MTCNN (Zhang et al. 2016, arXiv:1604.02878) on the CPU: facenet-pytorch's weights and boxes, sooner.

The three networks run in OpenVINO, and candidates are cut in one call where facenet-pytorch has a loop in
Python. Thresholds, scales, the order of the steps and even the rounding are facenet-pytorch's, so that both
find the same boxes; `tests/faces/test_fast_mtcnn.py` holds it to that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import Face
from worker.faces.area import AreaSampler
from worker.faces.boxes import box_of, edges_of
from worker.faces.crops import Image
from worker.faces.interface import smallest_searched_px
from worker.faces.mtcnn_steps import (
    CELL_PX,
    ONET_PX,
    RNET_PX,
    STRIDE_PX,
    THRESHOLDS,
    Array,
    rounded,
    scales,
    suppressed_by_smaller,
    sure_faces,
)
from worker.runtimes.converted import ConvertedNetwork, converted_networks
from worker.runtimes.spread import Spread

RNET_AT_ONCE, ONET_AT_ONCE = 8, 4
"""Crops. With more at once a crop takes as long, and more are needed to fill the last."""


@dataclass(frozen=True)
class MtcnnNetworks:
    """The three networks, whose weights come with the facenet-pytorch package."""

    pnet: ConvertedNetwork
    rnet: ConvertedNetwork
    onet: ConvertedNetwork


def mtcnn_networks(kept_in: Path) -> MtcnnNetworks | None:
    """The networks in OpenVINO; None where it cannot be used.

    Args:
        kept_in: where converted networks are kept.
    """
    names = [("pnet",), ("rnet",), ("onet",)]
    found = converted_networks("worker.faces.mtcnn_networks", names, b"", kept_in, Spread.NOTHING)
    return MtcnnNetworks(*found) if found else None


class FastMtcnnFaceFinder:
    """See `FaceFinder`."""

    def __init__(self, networks: MtcnnNetworks, *, min_face_px: int) -> None:
        self._networks = networks
        self._smallest_px = smallest_searched_px(min_face_px)

    def find(self, image: Image) -> tuple[Face, ...]:
        """See `FaceFinder.find`."""
        sampler = AreaSampler(image)
        height_px, width_px = image.shape[:2]
        boxes = self._proposed(sampler, height_px, width_px)
        boxes = self._refined(sampler, boxes, height_px, width_px)
        boxes, scores, points = self._decided(sampler, boxes, height_px, width_px)
        return sure_faces(boxes, scores, points)

    def again(self, images: Sequence[Image], faces: Sequence[Face]) -> list[Face]:
        """See `FaceFinder.again`. The third network looks, alone."""
        squares = _squared(np.array([edges_of(face.box) for face in faces], np.float32))
        crops = [_shown(image, square) for image, square in zip(images, squares, strict=True)]
        shifts, _, scores = self._in_batches(self._networks.onet, np.stack(crops), ONET_AT_ONCE, (4, 10, 2))
        return [
            replace(face, box=box_of(edges), confidence=rounded(score))
            for face, edges, score in zip(faces, _shifted(squares, shifts), scores[:, 1], strict=True)
        ]

    def _proposed(self, sampler: AreaSampler, height_px: int, width_px: int) -> Array:
        """First stage: shape (n, 4), squares anywhere and of any size."""
        found = []
        for scale in scales(self._smallest_px, min(height_px, width_px)):
            small = sampler.resized(int(height_px * scale + 1), int(width_px * scale + 1))
            shifts, scores = self._run(self._networks.pnet, small[None])
            probabilities = scores[0, 1]
            rows, columns = np.nonzero(probabilities >= THRESHOLDS[0])
            corners = np.stack([columns, rows], axis=1).astype(np.float32) * STRIDE_PX
            scale32 = np.float32(scale)
            boxes = np.concatenate(
                [np.floor((corners + 1) / scale32), np.floor((corners + CELL_PX) / scale32)], axis=1
            )
            candidates = np.concatenate(
                [boxes, probabilities[rows, columns, None], shifts[0][:, rows, columns].T], axis=1
            )
            found.append(candidates[_suppressed(candidates[:, :4], candidates[:, 4], 0.5)])
        candidates = np.concatenate(found) if found else np.empty((0, 9), np.float32)
        candidates = candidates[_suppressed(candidates[:, :4], candidates[:, 4], 0.7)]
        sides = candidates[:, 2:4] - candidates[:, :2]
        return _squared(candidates[:, :4] + candidates[:, 5:9] * np.tile(sides, 2))

    def _refined(self, sampler: AreaSampler, boxes: Array, height_px: int, width_px: int) -> Array:
        """Second stage: shape (n, 4), fewer squares."""
        boxes, crops = _cut(sampler, boxes, RNET_PX, height_px, width_px)
        shifts, scores = self._in_batches(self._networks.rnet, crops, RNET_AT_ONCE, (4, 2))
        passed = scores[:, 1] > THRESHOLDS[1]
        boxes, shifts, confidences = boxes[passed], shifts[passed], scores[passed, 1]
        kept = _suppressed(boxes, confidences, 0.7)
        return _squared(_shifted(boxes[kept], shifts[kept]))

    def _decided(
        self, sampler: AreaSampler, boxes: Array, height_px: int, width_px: int
    ) -> tuple[Array, Array, Array]:
        """Third stage: boxes (n, 4), scores (n,) and landmarks (n, 5, 2)."""
        boxes, crops = _cut(sampler, boxes, ONET_PX, height_px, width_px)
        shifts, points, scores = self._in_batches(self._networks.onet, crops, ONET_AT_ONCE, (4, 10, 2))
        passed = scores[:, 1] > THRESHOLDS[2]
        boxes, shifts, points, confidences = boxes[passed], shifts[passed], points[passed], scores[passed, 1]
        sides = boxes[:, 2:4] - boxes[:, :2] + 1
        places = np.stack([points[:, :5], points[:, 5:]], axis=2) * sides[:, None] + boxes[:, None, :2] - 1
        boxes = _shifted(boxes, shifts)
        kept = suppressed_by_smaller(boxes, confidences, 0.7)
        return boxes[kept], confidences[kept], places[kept]

    def _in_batches(
        self, network: ConvertedNetwork, crops: Array, at_once: int, widths: tuple[int, ...]
    ) -> list[Array]:
        """The answers for crops, so many at once: for another number OpenVINO makes another program."""
        if not len(crops):
            return [np.empty((0, width), np.float32) for width in widths]
        padded = np.zeros((-len(crops) % at_once + len(crops), *crops.shape[1:]), np.float32)
        padded[: len(crops)] = crops
        answers = [self._run(network, some) for some in padded.reshape(-1, at_once, *crops.shape[1:])]
        return [np.concatenate(parts)[: len(crops)] for parts in zip(*answers, strict=True)]

    def _run(self, network: ConvertedNetwork, pictures: Array) -> list[Array]:
        """Each network gives (shifts, [landmarks,] probabilities) for pictures of 0 to 255, here spoiled."""
        pictures -= np.float32(127.5)
        pictures *= np.float32(0.0078125)
        return network(pictures)


def _shown(image: Image, square: Array) -> Array:
    """What the third network is shown: shape (3, size, size)."""
    _, inside = _visible(square[None], *image.shape[:2])
    if not len(inside):
        return np.zeros((3, ONET_PX, ONET_PX), np.float32)  # beyond the picture there is nothing to see
    [(left, top, right, bottom)] = inside
    whole = np.array([[0, 0, right - left, bottom - top]])
    crop: Array = AreaSampler(image[top:bottom, left:right]).crops(whole, ONET_PX)[0]
    return crop


def _cut(
    sampler: AreaSampler, boxes: Array, size_px: int, height_px: int, width_px: int
) -> tuple[Array, Array]:
    """The boxes of which some lies in the picture, and that part of each: shape (n, 3, size, size)."""
    boxes, inside = _visible(boxes, height_px, width_px)
    return boxes, sampler.crops(inside, size_px)


def _visible(boxes: Array, height_px: int, width_px: int) -> tuple[Array, NDArray[np.int64]]:
    """The boxes of which some lies in the picture, and what part of it: (n, 4), in whole pixels."""
    edges = np.trunc(boxes).astype(np.int64)
    # facenet-pytorch counts pixels from 1, and its boxes end with the pixel they name.
    inside = np.stack(
        [
            np.maximum(edges[:, 0], 1) - 1,
            np.maximum(edges[:, 1], 1) - 1,
            np.minimum(edges[:, 2], width_px),
            np.minimum(edges[:, 3], height_px),
        ],
        axis=1,
    )
    visible = (inside[:, 2] > inside[:, 0]) & (inside[:, 3] > inside[:, 1])
    return boxes[visible], inside[visible]


def _shifted(boxes: Array, shifts: Array) -> Array:
    sides = boxes[:, 2:4] - boxes[:, :2] + 1
    return boxes + shifts * np.tile(sides, 2)


def _squared(boxes: Array) -> Array:
    sides = boxes[:, 2:4] - boxes[:, :2]
    longer = sides.max(axis=1, keepdims=True, initial=0)
    corners = boxes[:, :2] + sides * 0.5 - longer * 0.5
    return np.concatenate([corners, corners + longer], axis=1)


def _suppressed(boxes: Array, scores: Array, overlap: float) -> NDArray[np.int64]:
    """The indices that remain, the best first."""
    if not len(boxes):
        return np.empty(0, np.int64)
    corners_and_sides = np.concatenate([boxes[:, :2], boxes[:, 2:4] - boxes[:, :2]], axis=1)
    return np.asarray(cv2.dnn.NMSBoxes(corners_and_sides.tolist(), scores.tolist(), 0, overlap), np.int64)
