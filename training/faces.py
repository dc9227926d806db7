"""The cache as training and evaluation read it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from training.degrade import SIZE_PX, SOURCE_SCALES, training_view

Image = NDArray[np.uint8]


PARTS = ("crops", "blended")


class Cache:
    """Cached crops and what is known of them: what training.data, blend and compress wrote."""

    def __init__(self, folder: Path) -> None:
        tables = [np.load(folder / f"{part}.npz") for part in PARTS]
        self.source = np.concatenate([table["source"] for table in tables])
        self.fake = np.concatenate([table["fake"] for table in tables])
        self.group = np.concatenate([table["group"] for table in tables])
        self._first = len(tables[0]["source"])
        self._clean = [np.load(folder / f"{part}.npy", mmap_mode="r") for part in PARTS]
        self._compressed = [np.load(folder / f"{part}-h264.npy", mmap_mode="r") for part in PARTS]

    def crop(self, position: int, *, compressed: bool = False) -> Image:
        """(SIZE_PX, SIZE_PX, 3) of training.data; compressed: after a round trip through H.264."""
        arrays = self._compressed if compressed else self._clean
        part, place = (0, position) if position < self._first else (1, position - self._first)
        crop: Image = arrays[part][place]
        return crop

    def where(self, source: str, *, fake: bool) -> NDArray[np.int64]:
        """Positions of the crops of a set and class."""
        return np.flatnonzero((self.source == source) & (self.fake == fake))

    def views(self, positions: NDArray[np.int64]) -> NDArray[np.uint8]:
        """(n, SIZE_PX, SIZE_PX, 3), as `worker score` reads a folder of crops: whole, resized."""
        size = (SIZE_PX, SIZE_PX)
        return np.stack([cv2.resize(self.crop(p), size, interpolation=cv2.INTER_AREA) for p in positions])


COMPRESSED_CHANCE = 0.35
"""How often a view is made from the crop that went through H.264."""

Mix = Mapping[tuple[str, bool], float]
"""(set, manipulated) -> its share of what training sees."""


class Views(Dataset[tuple[Tensor, Tensor]]):
    """One epoch of degraded views: the same for the same seed and epoch, whoever asks and in what order."""

    def __init__(self, cache: Cache, mix: Mix, *, seed: int, epoch: int, count: int) -> None:
        self._cache, self._seed, self._epoch = cache, seed, epoch
        random = np.random.default_rng((seed, epoch))
        chosen = [
            random.choice(places, round(share * count), replace=round(share * count) > len(places))
            for (source, fake), share in mix.items()
            for places in [cache.where(source, fake=fake)]
        ]
        self._positions = random.permutation(np.concatenate(chosen))

    def __len__(self) -> int:
        return len(self._positions)

    def __getitem__(self, item: int) -> tuple[Tensor, Tensor]:
        """(3, SIZE_PX, SIZE_PX) uint8 and 1.0 for manipulated, 0.0 for real."""
        cv2.setNumThreads(1)
        cache, position = self._cache, self._positions[item]
        random = np.random.default_rng((self._seed, self._epoch, item))
        crop = cache.crop(position, compressed=random.random() < COMPRESSED_CHANCE)
        fake = bool(cache.fake[position])
        view = training_view(crop, SOURCE_SCALES[str(cache.source[position]), fake], random)
        return torch.from_numpy(view).permute(2, 0, 1), torch.tensor(float(fake))


def batches(views: NDArray[np.uint8], size: int) -> Iterator[Tensor]:
    """(n, 3, height, width) uint8 tensors of at most `size` pictures."""
    for start in range(0, len(views), size):
        yield torch.from_numpy(views[start : start + size]).permute(0, 3, 1, 2)
