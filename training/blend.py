"""Blended faces: unmanipulated pictures in which a face was pasted over, as many manipulations end.

Self-blended: a slightly changed copy of the same face (Shiohara and Yamasaki, arXiv:2204.08376).
Swapped: the face of another person in nearly the same pose, its colours matched (Li et al., Face X-ray,
arXiv:1912.13458). Both leave a seam that follows the landmarks and two noise levels in one face.
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from training.data import SIZE_PX

Image = NDArray[np.uint8]
Points = NDArray[np.float32]
Random = np.random.Generator

PER_PICTURE = 3
SWAPPED = 0.5
"""Share of blends that take another person's face."""
DONORS = 20
"""A donor is one of this many whose landmarks fit best."""

JAW, BROWS, MOUTH, CENTRE = slice(0, 17), slice(17, 27), slice(48, 60), slice(27, 68)
"""Of the 68 landmarks (iBUG 300-W)."""


def blended(picture: Image, points: Points, donor: Image, donor_points: Points, random: Random) -> Image:
    """`picture` with its face replaced by that of `donor`, which may be itself. All at SIZE_PX, RGB."""
    mask = _mask(points, random)
    if donor is picture:
        face, target = donor, picture
        if random.random() < 0.5:
            face = _changed(face, random)
        else:
            target = _changed(target, random)
        center = tuple(map(float, points.mean(axis=0)))
        matrix = cv2.getRotationMatrix2D(center, random.normal(0, 1.0), random.uniform(0.95, 1.05))
        matrix = np.column_stack([matrix[:, :2], matrix[:, 2] + random.uniform(-0.025, 0.025, 2) * SIZE_PX])
    else:
        target = picture
        matrix, _ = cv2.estimateAffine2D(donor_points, points, method=cv2.LMEDS)
        if matrix is None:
            matrix = np.eye(2, 3)
        face = donor
    moved = cv2.warpAffine(face, matrix, (SIZE_PX, SIZE_PX), borderMode=cv2.BORDER_REFLECT_101)
    face = np.asarray(moved, np.uint8)
    if donor is not picture:
        face = _softened(_colours_matched(face, target, mask, random), random)
    weight = mask[:, :, None] * random.choice([0.5, 0.75, 1.0, 1.0, 1.0])
    return np.asarray((face * weight + target * (1 - weight)).clip(0, 255), np.uint8)


def _mask(points: Points, random: Random) -> NDArray[np.float32]:
    """(SIZE_PX, SIZE_PX), 0 to 1: a part of the face, its outline shaken, its edge soft."""
    height = float(points[:, 1].max() - points[:, 1].min())
    forehead = points[BROWS] - np.array([0, random.uniform(0, 0.25) * height], np.float32)
    part = random.random()
    if part < 0.6:
        shape = np.concatenate([points[JAW], forehead])
    elif part < 0.85:
        shape = np.concatenate([points[CENTRE], forehead])
    else:
        middle = points[MOUTH].mean(axis=0)
        shape = middle + (points[MOUTH] - middle) * random.uniform(1.4, 2.4)
    center = shape.mean(axis=0)
    shape = center + (shape - center) * random.uniform(0.85, 1.08)
    shape = shape + random.normal(0, 0.012 * SIZE_PX, shape.shape)
    mask = np.zeros((SIZE_PX, SIZE_PX), np.float32)
    cv2.fillConvexPoly(mask, cv2.convexHull(shape.astype(np.int32)), 1.0)
    sigma = SIZE_PX * random.choice([0.006, 0.012, 0.025, 0.04])
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), np.float32)
    # Twice the part above one half: the soft edge lies inside the face.
    return np.asarray(np.clip(mask * 2 - 1, 0, 1) if random.random() < 0.5 else mask, np.float32)


def _changed(picture: Image, random: Random) -> Image:
    """Another colour, and another sharpness."""
    values = picture.astype(np.float32) + random.normal(0, 8, 3).astype(np.float32)
    mean = values.mean()
    values = (values - mean) * random.uniform(0.88, 1.12) + mean + random.normal(0, 6)
    changed = values.clip(0, 255).astype(np.uint8)
    kind = random.random()
    if kind < 0.5:
        return _softened(changed, random)
    if kind < 0.75:
        amount = random.uniform(0.3, 1.0)
        changed = cv2.addWeighted(changed, 1 + amount, cv2.GaussianBlur(changed, (0, 0), 1.2), -amount, 0)
    return np.asarray(changed, np.uint8)


def _softened(face: Image, random: Random) -> Image:
    """Generated faces are small, and enlarged to fit."""
    side = int(SIZE_PX * random.uniform(0.4, 1.0))
    small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_CUBIC), np.uint8)


def _colours_matched(face: Image, target: Image, mask: NDArray[np.float32], random: Random) -> Image:
    """Mean and deviation of each channel under the mask, taken over in most part."""
    inside = mask > 0.5
    if not inside.any():
        return face
    degree = random.uniform(0.6, 1.0)
    mean, spread = face[inside].mean(axis=0), face[inside].std(axis=0) + 1
    wanted_mean, wanted_spread = target[inside].mean(axis=0), target[inside].std(axis=0) + 1
    matched = (face - mean) * (wanted_spread / spread) ** degree + mean + degree * (wanted_mean - mean)
    return np.asarray(matched.clip(0, 255), np.uint8)


class Blender:
    """Makes the blends of one picture. Pickled to the processes, where it opens the crops itself."""

    def __init__(
        self, cache: Path, places: NDArray[np.int64], points: Points, group: NDArray[np.str_]
    ) -> None:
        self._path, self._places, self._points, self._group = cache / "crops.npy", places, points, group

    def __call__(self, number: int) -> NDArray[np.uint8]:
        """(PER_PICTURE, SIZE_PX, SIZE_PX, 3) uint8 of the picture with this number among the landmarked."""
        cv2.setNumThreads(1)
        crops = np.load(self._path, mmap_mode="r")
        picture, points = np.array(crops[self._places[number]]), self._points[number]
        misfit = np.abs(self._points - points).mean(axis=(1, 2))
        misfit[self._group == self._group[number]] = np.inf
        donors = misfit.argsort()[:DONORS]
        blends = []
        for variant in range(PER_PICTURE):
            random = np.random.default_rng((number, variant))
            other = int(random.choice(donors)) if random.random() < SWAPPED else number
            donor = picture if other == number else np.array(crops[self._places[other]])
            blends.append(blended(picture, points, donor, self._points[other], random))
        return np.stack(blends)


def build(cache: Path, *, processes: int) -> None:
    """Write blended.npy and blended.npz beside the crops that training.data wrote."""
    table = np.load(cache / "crops.npz")
    places = np.flatnonzero(table["source"] == "landmarks")
    group = table["group"][places]
    blender = Blender(cache, places, table["landmarks"][places], group)
    shape = (len(places) * PER_PICTURE, SIZE_PX, SIZE_PX, 3)
    array = np.lib.format.open_memmap(cache / "blended.npy", mode="w+", dtype=np.uint8, shape=shape)
    with ProcessPoolExecutor(processes) as pool:
        made: Iterator[NDArray[np.uint8]] = pool.map(blender, range(len(places)), chunksize=32)
        for number, blends in enumerate(tqdm(made, total=len(places), unit="picture")):
            array[number * PER_PICTURE : (number + 1) * PER_PICTURE] = blends
    array.flush()
    np.savez(
        cache / "blended.npz",
        source=np.full(len(array), "blended-landmarks"),
        fake=np.ones(len(array), bool),
        group=np.repeat(group, PER_PICTURE),
    )


def main() -> None:
    """Blend the landmarked pictures of a cache."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    build(args.cache, processes=args.processes)


if __name__ == "__main__":
    main()
