"""The public face sets, decoded once into one array on disk that training draws from.

`python -m training.data --help` names what it needs: checkouts of the public repositories (README.md).
"""

import argparse
import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

Image = NDArray[np.uint8]

SIZE_PX = 176
"""Side of a cached crop: room around the 128 px that a network sees."""
FAKES_PER_ORIGINAL = 3
"""Of the DFDC set, which has up to 20: more faces of the same person teach little."""
MIN_NATIVE_PX = 100
"""DFDC crops of smaller faces were enlarged so much that nothing is left to see."""
MIN_DIFFERENCE = 0.25
"""Of the original's contrast: a DFDC fake that nowhere differs more from its original looks untouched."""
HELD_OUT = 20
"""One in this many DFDC originals is kept, with all its fakes, to evaluate on."""

MESONET = "Deepfake-detection/deepfake_database/deepfake_database"


@dataclass(frozen=True, kw_only=True)
class Crop:
    """One picture of a face, before it is decoded."""

    path: Path
    source: str
    """mesonet, mesonet-even, mesonet-odd, dfdc, dfdc-held, genconvit, landmarks."""
    fake: bool
    group: str
    """Video or person: what must not be split."""
    native_px: int = 0
    """Size of the face before others resized it; 0 where nobody says."""
    original: Path | None = None
    """The crop of the unmanipulated video, where there is one."""
    landmarks: tuple[float, ...] | None = None
    """68 points x, y in pixels of the file (iBUG 300-W order)."""


def mesonet(checkout: Path) -> Iterator[Crop]:
    """Afchar et al. 2018. Training crops carry no video; validation ones are named VIDEO_FRAME."""
    for folder, fake in (("df", True), ("real", False)):
        for path in sorted((checkout / MESONET / "train:test" / folder).glob("*.jpg")):
            yield Crop(path=path, source="mesonet", fake=fake, group="")
        for path in sorted((checkout / MESONET / "validation" / folder).glob("*.jpg")):
            video = path.stem.split("_")[0]
            parity = "odd" if int(video) % 2 else "even"
            yield Crop(path=path, source=f"mesonet-{parity}", fake=fake, group=f"{folder}-{video}")


def dfdc(checkout: Path, excluded: frozenset[str]) -> Iterator[Crop]:
    """One crop a video of the DFDC training set, but for excluded originals and what was made from them."""
    folder = checkout / "faces_224"
    fakes: dict[str, list[tuple[str, int]]] = defaultdict(list)
    originals: dict[str, int] = {}
    with (checkout / "metadata.csv").open() as file:
        for row in csv.DictReader(file):
            name, width = Path(row["videoname"]).stem, int(row["original_width"])
            if row["label"] == "REAL":
                originals[name] = width
            else:
                fakes[Path(row["original"]).stem].append((name, width))
    for original in sorted(originals.keys() | fakes.keys()):
        if original in excluded:
            continue
        held = int(hashlib.sha256(original.encode()).hexdigest(), 16) % HELD_OUT == 0
        source = "dfdc-held" if held else "dfdc"
        path = folder / f"{original}.jpg"
        pristine = path if original in originals and path.is_file() else None
        if pristine and originals[original] >= MIN_NATIVE_PX:
            yield Crop(path=path, source=source, fake=False, group=original, native_px=originals[original])
        kept = [fake for fake in sorted(fakes[original]) if fake[0] not in excluded]
        for name, width in [fake for fake in kept if fake[1] >= MIN_NATIVE_PX][:FAKES_PER_ORIGINAL]:
            yield Crop(
                path=folder / f"{name}.jpg",
                source=source,
                fake=True,
                group=original,
                native_px=width,
                original=pristine,
            )


def genconvit(checkout: Path) -> Iterator[Crop]:
    """The sample of DFDC face crops that comes with GenConViT; to choose by, never to train on."""
    for path in sorted((checkout / "sample_train_data").glob("*/*/*.jpg")):
        yield Crop(
            path=path, source="genconvit", fake=path.parent.name == "fake", group=path.stem.split("_")[0]
        )


def landmarks(checkout: Path) -> Iterator[Crop]:
    """Unmanipulated frames of talking people with 68 landmarks: to make blended faces from."""
    for part in ("training", "test"):
        with (checkout / "data" / f"{part}_frames_keypoints.csv").open() as file:
            for name, *points in list(csv.reader(file))[1:]:
                yield Crop(
                    path=checkout / "data" / part / name,
                    source="landmarks",
                    fake=False,
                    group=name.rsplit("_", 1)[0],
                    landmarks=tuple(map(float, points)),
                )


def decode(crop: Crop) -> tuple[Image, NDArray[np.float32], float] | None:
    """A crop at SIZE_PX in RGB, its landmarks there (nan where none), its difference from its original.

    None where the file cannot be read.
    """
    read = cv2.imread(str(crop.path), cv2.IMREAD_COLOR_RGB)
    if read is None:
        return None
    picture: Image = np.asarray(read, np.uint8)
    difference = float("inf")
    if crop.original is not None:
        original = cv2.imread(str(crop.original), cv2.IMREAD_COLOR_RGB)
        if original is not None and original.shape == picture.shape:
            # Blurred, so that the noise of two encodings does not count as a difference.
            change = float(cv2.blur(cv2.absdiff(picture, original), (15, 15)).max())
            difference = change / (float(original.std()) + 5)
    points = np.full((68, 2), np.nan, np.float32)
    if crop.landmarks is None:
        shrinks = min(picture.shape[:2]) > SIZE_PX
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        picture = np.asarray(cv2.resize(picture, (SIZE_PX, SIZE_PX), interpolation=interpolation), np.uint8)
    else:
        picture, points = _cut_by_landmarks(picture, np.array(crop.landmarks, np.float32).reshape(68, 2))
    return picture, points, difference


LANDMARK_SCALE = 1.45
"""Side of a cut over that of the face box which a detector would give."""


def _cut_by_landmarks(picture: Image, points: NDArray[np.float32]) -> tuple[Image, NDArray[np.float32]]:
    """The square around a face. A detector's box reaches above the brows, where landmarks end."""
    low, high = points.min(axis=0), points.max(axis=0)
    low[1] -= 0.2 * (high[1] - low[1])
    side = LANDMARK_SCALE * float((high - low).max())
    corner = (low + high) / 2 - side / 2
    zoom = SIZE_PX / side
    matrix = np.array([[zoom, 0, -zoom * corner[0]], [0, zoom, -zoom * corner[1]]])
    flags = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    cut = cv2.warpAffine(picture, matrix, (SIZE_PX, SIZE_PX), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(cut, np.uint8), ((points - corner) * zoom).astype(np.float32)


def build(crops: Iterable[Crop], out: Path, *, processes: int) -> None:
    """Write crops.npy (n, SIZE_PX, SIZE_PX, 3) uint8 RGB, and crops.npz with what is known of each."""
    out.mkdir(parents=True, exist_ok=True)
    wanted = list(crops)
    array = np.lib.format.open_memmap(
        out / "crops.npy", mode="w+", dtype=np.uint8, shape=(len(wanted), SIZE_PX, SIZE_PX, 3)
    )
    kept: list[Crop] = []
    points: list[NDArray[np.float32]] = []
    untouched = 0
    with ProcessPoolExecutor(processes) as pool:
        decoded = pool.map(decode, wanted, chunksize=64)
        for crop, result in tqdm(zip(wanted, decoded, strict=True), total=len(wanted), unit="crop"):
            if result is None:
                continue
            picture, shape, difference = result
            if difference < MIN_DIFFERENCE:
                untouched += 1
                continue
            array[len(kept)] = picture
            kept.append(crop)
            points.append(shape)
    array.flush()
    np.savez(
        out / "crops.npz",
        source=np.array([crop.source for crop in kept]),
        fake=np.array([crop.fake for crop in kept]),
        group=np.array([crop.group for crop in kept]),
        native_px=np.array([crop.native_px for crop in kept]),
        landmarks=np.stack(points),
        name=np.array([crop.path.name for crop in kept]),
    )
    tqdm.write(f"{len(kept)} of {len(wanted)} crops kept; {untouched} fakes look untouched.")


def main() -> None:
    """Read the checkouts, write the cache."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("mesonet", "dfdc", "genconvit", "landmarks"):
        parser.add_argument(f"--{name}", type=Path, required=True, metavar="CHECKOUT")
    parser.add_argument("--exclude", type=Path, metavar="FILE", help="DFDC originals to leave out")
    parser.add_argument("--out", type=Path, required=True, metavar="CACHE")
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    excluded = frozenset(args.exclude.read_text().split()) if args.exclude else frozenset()
    crops = [
        *mesonet(args.mesonet),
        *dfdc(args.dfdc, excluded),
        *genconvit(args.genconvit),
        *landmarks(args.landmarks),
    ]
    build(crops, args.out, processes=args.processes)


if __name__ == "__main__":
    main()
