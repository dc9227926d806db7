"""MTCNN (Zhang et al. 2016, arXiv:1604.02878) on the CPU: facenet-pytorch's weights and boxes, sooner.

The three networks run in OpenVINO, and candidates are cut in one call where facenet-pytorch has a loop in
Python. Thresholds, scales, the order of the steps and even the rounding are facenet-pytorch's, so that both
find the same boxes; `tests/faces/test_fast_mtcnn.py` holds it to that.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import Box, Face
from worker.faces.area import AreaSampler, Part
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
        self._min_face_px = min_face_px
        self._smallest_px = smallest_searched_px(min_face_px)

    def find(self, image: Image) -> tuple[Face, ...]:
        """See `FaceFinder.find`."""
        return self._search(image, self._smallest_px)

    def _search(self, image: Image, smallest_px: float, part: Part | None = None) -> tuple[Face, ...]:
        sampler = AreaSampler(image, part)
        height_px, width_px = image.shape[:2]
        boxes = self._proposed(sampler, height_px, width_px, smallest_px)
        boxes = self._refined(sampler, boxes, height_px, width_px)
        boxes, scores, points = self._decided(sampler, boxes, height_px, width_px)
        return sure_faces(boxes, scores, points)

    def follow(self, image: Image, faces: tuple[Face, ...]) -> tuple[Face, ...] | None:
        """See `FaceFinder.follow`. Only around where each face was is searched."""
        followed: list[Face] = []
        for face in faces:
            found = self._again(image, face)
            if found is None or found.confidence < SURE_CONFIDENCE:
                # One that is not scored is not worth a search: it may be missing until the next key frame.
                if min(face.box.width_px, face.box.height_px) < self._min_face_px:
                    continue
                return None
            if any(_overlap(found.box, other.box) > SAME_FACE for other in followed):
                return None
            followed.append(found)
        return tuple(followed)

    def _again(self, image: Image, face: Face) -> Face | None:
        box = face.box
        wanted_px = (1 + 2 * MARGIN) * max(box.width_px, box.height_px)
        # In few sizes: for each shape of picture OpenVINO makes another program, which takes longer.
        side_px = math.ceil(wanted_px / AROUND_STEP_PX) * AROUND_STEP_PX
        height_px, width_px = image.shape[:2]
        left, top = (
            max(min(round(middle - side_px / 2), length_px - side_px), 0)
            for middle, length_px in zip(box.center, (width_px, height_px), strict=True)
        )
        part = (left, top, min(left + side_px, width_px), min(top + side_px, height_px))
        smallest_px = smallest_searched_px(round(min(box.width_px, box.height_px)))
        found = self._search(image, smallest_px, part)
        best = max(found, key=lambda one: _overlap(one.box, box), default=None)
        return best if best is not None and _overlap(best.box, box) > SAME_FACE else None

    def _proposed(self, sampler: AreaSampler, height_px: int, width_px: int, smallest_px: float) -> Array:
        """First stage: shape (n, 4), squares anywhere and of any size."""
        found = []
        for scale in scales(smallest_px, min(height_px, width_px)):
            small = sampler.resized(int(height_px * scale + 1), int(width_px * scale + 1))
            if min(small.pixels.shape[1:]) < CELL_PX:
                break
            shifts, scores = self._run(self._networks.pnet, small.pixels[None])
            probabilities = scores[0, 1]
            rows, columns = np.nonzero(probabilities >= THRESHOLDS[0])
            corners = np.stack([columns, rows], axis=1).astype(np.float32) * STRIDE_PX
            corners += (small.left, small.top)
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


MARGIN = 0.75
"""How much of the picture around a followed face is searched, in sides of the face."""
AROUND_STEP_PX = 64

SURE_CONFIDENCE = 0.99
"""What is less surely a face comes and goes from frame to frame: then the whole picture is searched."""

SAME_FACE = 0.4
"""Boxes whose intersection is more than this of their union hold the same face."""


def _overlap(one: Box, other: Box) -> float:
    width_px = min(one.x2, other.x2) - max(one.x1, other.x1)
    height_px = min(one.y2, other.y2) - max(one.y1, other.y1)
    if width_px <= 0 or height_px <= 0:
        return 0.0
    shared = width_px * height_px
    both = one.width_px * one.height_px + other.width_px * other.height_px
    return shared / (both - shared)


def _cut(
    sampler: AreaSampler, boxes: Array, size_px: int, height_px: int, width_px: int
) -> tuple[Array, Array]:
    """The boxes of which some lies in the picture, and that part of each: shape (n, 3, size, size).

    Where only a part of the picture is known, boxes that reach beyond it are left out.
    """
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
    visible = (inside[:, 2] > inside[:, 0]) & (inside[:, 3] > inside[:, 1]) & sampler.holds(inside)
    return boxes[visible], sampler.crops(inside[visible], size_px)


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
