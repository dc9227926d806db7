"""The quality floor of the detector: the worst material on which its error rates were measured.

`python -m training.floor FOLDER --mesonet CHECKOUT` prints, for the videos and clips of those rates, the 5th
percentile of the width of a person's face and of its sharpness, and the fewest bits for each pixel of a clip.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from training.clips import recorded
from training.data import mesonet
from worker.faces.crops import PRESETS
from worker.faces.mtcnn import MtcnnFaceFinder
from worker.faces.sharpness import sharpness

PERCENTILE = 5
PER_VIDEO = 6
"""Pictures of a MesoNet validation video that are measured, spread over it."""
SMALLEST_PX = 40
"""Face that is looked for: a floor must not rest on the smallest face which the product scores."""
BORDER = 0.35
"""Black, of the width of a MesoNet crop: boxes reach beyond tight crops, and faces are found in them."""

Quality = tuple[float, float]
"""Of one person: medians of the shorter side of the face in pixels, and of its sharpness."""


def of_mesonet(checkout: Path) -> Iterator[Quality]:
    """Each validation video."""
    finder = MtcnnFaceFinder(min_face_px=SMALLEST_PX)
    videos: dict[str, list[Path]] = defaultdict(list)
    for crop in mesonet(checkout):
        if crop.group:
            videos[crop.group].append(crop.path)
    for paths in tqdm(videos.values(), unit="video"):
        places = np.linspace(0, len(paths) - 1, min(PER_VIDEO, len(paths))).round().astype(int)
        measured = [one for place in places for one in _faces(paths[place], finder)]
        if measured:
            size, sharp = np.median(measured, axis=0)
            yield float(size), float(sharp)


def _faces(path: Path, finder: MtcnnFaceFinder) -> Iterator[Quality]:
    """The largest face in a picture, if there is any."""
    picture = np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), np.uint8)
    border = round(BORDER * picture.shape[1])
    framed: NDArray[np.uint8] = np.pad(picture, ((border, border), (border, border), (0, 0)))
    faces = finder.find(framed)
    if faces:
        face = max(faces, key=lambda face: face.box.width_px)
        yield min(face.box.width_px, face.box.height_px), sharpness(framed, face)


def of_clips(folder: Path) -> tuple[list[Quality], list[float]]:
    """Each person in the labelled clips; and bits for each pixel of each clip in which one was scored."""
    persons, bits = [], []
    with (folder / "labels.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["label"] in {"real", "fake"}]
    for row in tqdm(rows, unit="clip"):
        report, _ = recorded(folder / row["path"], PRESETS["light128"])
        scored = [track for track in report.tracks if track.score is not None]
        for track in scored:
            assert track.face_px is not None
            assert track.sharpness is not None
            persons.append((track.face_px, track.sharpness))
        if scored:
            bits.append(report.media.bits_per_px)
    return persons, bits


def _report(name: str, measured: list[Quality]) -> str:
    size, sharp = np.percentile(measured, PERCENTILE, axis=0)
    least = np.min(measured, axis=0)
    return (
        f"{name}: {len(measured)} persons; {PERCENTILE}th percentile {size:.0f} px, sharpness {sharp:.1f}; "
        f"least {least[0]:.0f} px, {least[1]:.1f}"
    )


def main() -> None:
    """Print the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="clips and labels.csv")
    parser.add_argument("--mesonet", type=Path, required=True, metavar="CHECKOUT")
    args = parser.parse_args()
    crops = list(of_mesonet(args.mesonet))
    persons, bits = of_clips(args.folder)
    print(_report("MesoNet validation videos", crops))
    print(_report("clips", persons))
    print(_report("both", crops + persons))
    print(f"bits for each pixel of a clip: least {min(bits):.4f}, most {max(bits):.4f}")


if __name__ == "__main__":
    main()
