"""A second copy of each cached crop that went through H.264, so that training can show both."""

import argparse
import io
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from training.data import SIZE_PX

TILES = 4
"""A frame shows TILES x TILES crops, drawn at random from both classes: one encoder setting for all."""
FRAMES = 32
"""In one video."""
QUALITY = (20, 36)
"""x264's constant rate factor: from hardly visible to coarse."""


def round_trip(frames: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """(n, height, width, 3) RGB uint8, encoded and decoded with a quality that depends on the seed.

    Each frame is shown twice, the first time moved by some pixels, and the second is kept: most frames of a
    video are predicted from others.
    """
    random = np.random.default_rng(seed)
    memory = io.BytesIO()
    with av.open(memory, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(random.integers(*QUALITY)), "preset": "veryfast", "threads": "1"}
        for frame in frames:
            moved = np.roll(frame, random.integers(-3, 4, 2), axis=(0, 1))
            for shown in (moved, frame):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        container.mux(stream.encode(None))
    memory.seek(0)
    with av.open(memory, "r") as encoded:
        decoded = [frame.to_ndarray(format="rgb24") for frame in encoded.decode(video=0)]
    return np.stack(decoded[1::2])


class Compressor:
    """Sends crops of one file through H.264. Pickled to the processes, where it opens the file itself."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The crops at `places`, as many as fill FRAMES frames or fewer, after the round trip."""
        cv2.setNumThreads(1)
        a_frame = TILES * TILES
        missing = -len(places) % a_frame
        crops = np.load(self._path, mmap_mode="r")[np.append(places, places[:1].repeat(missing))]
        tiles = crops.reshape(-1, TILES, TILES, SIZE_PX, SIZE_PX, 3).transpose(0, 1, 3, 2, 4, 5)
        frames = tiles.reshape(-1, TILES * SIZE_PX, TILES * SIZE_PX, 3)
        tiles = round_trip(frames, int(places[0])).reshape(-1, TILES, SIZE_PX, TILES, SIZE_PX, 3)
        return tiles.transpose(0, 1, 3, 2, 4, 5).reshape(-1, SIZE_PX, SIZE_PX, 3)[: len(places)]


def build(path: Path, *, processes: int) -> None:
    """Write NAME-h264.npy beside NAME.npy, its crops in the same places."""
    crops = np.load(path, mmap_mode="r")
    out = path.with_name(f"{path.stem}-h264.npy")
    array = np.lib.format.open_memmap(out, mode="w+", dtype=np.uint8, shape=crops.shape)
    order = np.random.default_rng(0).permutation(len(crops))
    a_video = TILES * TILES * FRAMES
    videos = [order[start : start + a_video] for start in range(0, len(order), a_video)]
    with ProcessPoolExecutor(processes) as pool:
        done: Iterator[NDArray[np.uint8]] = pool.map(Compressor(path), videos)
        for places, result in zip(videos, tqdm(done, total=len(videos), unit="video"), strict=True):
            array[places] = result
    array.flush()


def main() -> None:
    """Compress the crops and the blends of a cache."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    for name in ("crops", "blended"):
        build(args.cache / f"{name}.npy", processes=args.processes)


if __name__ == "__main__":
    main()
