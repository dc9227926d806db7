"""Face crops of whole clips, cut by the product's own pipeline: what a detector will really be shown."""

import argparse
import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from deeptrace_core.model import AccuracyFigure, AnalysisOptions, DetectorInfo, Report
from worker.detectors.interface import Crops
from worker.faces.crops import PRESETS, Image, Preset
from worker.faces.interface import FaceFinder
from worker.faces.mtcnn import MtcnnFaceFinder
from worker.pipeline import analyze
from worker.sandbox import Sandbox
from worker.software import software

PLACES = 2**16
"""More than a clip has faces."""


class Recorder:
    """Stands where a detector stands and keeps what it is given.

    The score of a crop is its place among those kept, over PLACES: so a report tells which of them are its
    faces, and which only tried whether the scores hold.
    """

    device = "cpu"

    def __init__(self, preset: Preset) -> None:
        self.preset = preset
        self.crops: list[Image] = []
        self.info = DetectorInfo(
            name="recorder",
            architecture="none",
            weights_sha256="0" * 64,
            licence="none",
            preset=preset.name,
            preset_sha256=preset.sha256,
            threshold_low=0.0,
            threshold_high=1.0,
            accuracy=(),
        )

    def score(self, crops: Crops) -> NDArray[np.float32]:
        self.crops += list(crops)
        places = np.arange(len(self.crops) - len(crops), len(self.crops))
        return (places / PLACES).astype(np.float32)

    def activation_maps(self, crops: Crops) -> NDArray[np.float32]:
        return np.zeros((len(crops), 1, 1), np.float32)


class Recording:
    """The models of one analysis: see `worker.pipeline.ModelSource`."""

    def __init__(self, preset: Preset) -> None:
        self.recorder = Recorder(preset)

    def detector(self, name: str) -> Recorder:
        return self.recorder

    def figures(self, info: DetectorInfo) -> tuple[AccuracyFigure, ...]:
        """See `ModelSource.figures`."""
        return ()

    def face_finder(self, *, min_face_px: int) -> FaceFinder:
        return MtcnnFaceFinder(min_face_px=min_face_px)


def recorded(clip: Path, preset: Preset) -> tuple[Report, list[Image]]:
    """The report on a clip, in which a score is the place of a crop over PLACES; and all crops."""
    models = Recording(preset)
    report = analyze(
        clip,
        AnalysisOptions(detector="recorder"),
        media=Sandbox(),
        models=models,
        software=software("cpu"),
        on_progress=lambda progress: None,
    ).report
    return report, models.recorder.crops


def face_crops(clip: Path, preset: str) -> tuple[Crops, NDArray[np.int64]]:
    """The scored faces of a clip, and the person (track) that each of them is."""
    report, crops = recorded(clip, PRESETS[preset])
    scored = [
        (face.fake_probability, face.track_id)
        for frame in report.frames
        for face in frame.faces
        if face.fake_probability is not None
    ]
    faces = np.stack([crops[round(score * PLACES)] for score, _ in scored])
    return faces, np.array([track for _, track in scored], np.int64)


def cache_clips(folder: Path, preset: str, out: Path) -> None:
    """Write the face crops of all clips in FOLDER/labels.csv that show faces.

    Columns of the file: crops (n, size, size, 3), clip, track, fake.
    """
    crops, clips, tracks, fake = [], [], [], []
    with (folder / "labels.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["label"] in {"real", "fake"}]
    for row in tqdm(rows, unit="clip"):
        found, persons = face_crops(folder / row["path"], preset)
        crops.append(found)
        tracks.append(persons)
        clips += [row["path"]] * len(found)
        fake += [row["label"] == "fake"] * len(found)
    np.savez(
        out,
        crops=np.concatenate(crops),
        clip=np.array(clips),
        track=np.concatenate(tracks),
        fake=np.array(fake),
    )


def main() -> None:
    """Cut the clips of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="clips and labels.csv")
    parser.add_argument("--cache", type=Path, required=True)
    args = parser.parse_args()
    cache_clips(args.folder, "light128", args.cache / "clips.npz")


if __name__ == "__main__":
    main()
