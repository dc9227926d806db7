"""Face crops of whole clips, cut by the product's own pipeline: what a detector will really be shown."""

import argparse
import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from deeptrace_core.model import AccuracyFigure, AnalysisOptions, DetectorInfo, Report
from worker.detectors.interface import Crops
from worker.faces.crops import PRESETS, Preset
from worker.faces.interface import FaceFinder
from worker.faces.mtcnn import MtcnnFaceFinder
from worker.pipeline import analyze
from worker.sandbox import Sandbox
from worker.software import software


class Recorder:
    """Stands where a detector stands and keeps what it is given. The n-th crop scores n millionths.

    So each face tells which crop is its own: some are given again, made worse.
    """

    device = "cpu"

    def __init__(self, preset: Preset) -> None:
        self.preset = preset
        self.crops: list[Crops] = []
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
        first = sum(map(len, self.crops))
        self.crops.append(crops)
        return (np.arange(first, first + len(crops)) / 1e6).astype(np.float32)

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
        return MtcnnFaceFinder(min_face_px=min_face_px, device="cpu")


def face_crops(clip: Path, preset: str) -> tuple[Crops, NDArray[np.int64]]:
    """The scored faces of a clip, and the person (track) that each of them is."""
    models = Recording(PRESETS[preset])
    report: Report = analyze(
        clip,
        AnalysisOptions(detector="recorder"),
        media=Sandbox(),
        models=models,
        software=software("cpu"),
        on_progress=lambda progress: None,
    ).report
    faces = [face for frame in report.frames for face in frame.faces if face.fake_probability is not None]
    numbers = [round(1e6 * face.fake_probability) for face in faces if face.fake_probability is not None]
    tracks = np.array([face.track_id for face in faces], np.int64)
    return np.concatenate(models.recorder.crops)[numbers], tracks


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
