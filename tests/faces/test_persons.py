"""Two persons with a known truth: how often does a track change its owner?"""

import itertools
from collections.abc import Sequence
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest

from deeptrace_core.model import AnalysisOptions
from tests.clips import face_frame, write_video
from tests.faces.test_tracking import face
from tests.worker.fakes import FakeDetector, FakeModels
from worker.faces.interface import FaceFinder
from worker.faces.mtcnn import MtcnnFaceFinder
from worker.faces.tracking import FaceTracker
from worker.pipeline import analyze
from worker.sandbox import Sandbox
from worker.software import software

Point = tuple[float, float]
FRAMES = 60
SEEDS = range(20)


def switches(owners: Sequence[Sequence[int | None]]) -> int:
    """Identity switches as in CLEAR MOT (Bernardin & Stiefelhagen, 2008): a person's track id changes.

    Args:
        owners: for each person the id of the track in each frame, None where the person was not found.
    """
    count = 0
    for ids in owners:
        known = [track_id for track_id in ids if track_id is not None]
        count += sum(before != after for before, after in itertools.pairwise(known))
    return count


def followed(paths: Sequence[Sequence[Point]], random: Random, *, missed: float) -> list[list[int | None]]:
    """What the tracker makes of noisy detections, in random order, some missing."""
    tracker = FaceTracker()
    owners: list[list[int | None]] = [[] for _ in paths]
    for places in zip(*paths, strict=True):
        seen = [person for person in range(len(paths)) if random.random() >= missed]
        random.shuffle(seen)
        faces = [
            face(places[person][0] + random.gauss(0, 2), places[person][1] + random.gauss(0, 2))
            for person in seen
        ]
        ids = dict(zip(seen, tracker.track(faces), strict=True))
        for person, known in enumerate(owners):
            known.append(ids.get(person))
    return owners


def wandering(random: Random, x: float, y: float, *, step_px: float) -> list[Point]:
    """A random walk that stays near its start."""
    places = [(x, y)]
    for _ in range(FRAMES - 1):
        old_x, old_y = places[-1]
        places.append(
            (
                old_x + random.gauss(0, step_px) + 0.1 * (x - old_x),
                old_y + random.gauss(0, step_px) + 0.1 * (y - old_y),
            )
        )
    return places


@pytest.mark.parametrize("seed", SEEDS)
def test_persons_side_by_side_are_never_mixed_up(seed: int) -> None:
    """An interview: two faces of 60 px, 160 px apart, that lean about; one detection in ten is missing."""
    random = Random(seed)
    paths = [wandering(random, 100, 100, step_px=6), wandering(random, 260, 100, step_px=6)]
    owners = followed(paths, random, missed=0.1)
    assert switches(owners) == 0
    assert len({ids[0] for ids in owners}) == 2


def test_persons_who_pass_each_other_are_seldom_mixed_up() -> None:
    """They cross at arm's length in opposite directions: at most one switch in ten crossings."""
    count = 0
    for seed in SEEDS:
        random = Random(seed)
        right = [(20 + 8.0 * n, 90.0) for n in range(FRAMES)]
        left = [(500 - 8.0 * n, 130.0) for n in range(FRAMES)]
        count += switches(followed([right, left], random, missed=0.05))
    assert count <= len(SEEDS) // 10


class RealFaces(FakeModels):
    """The real face finder, and a detector that tells persons apart by brightness."""

    def face_finder(self, *, min_face_px: int) -> FaceFinder:  # type: ignore[override]
        return MtcnnFaceFinder(min_face_px=min_face_px)

    def detector(self, name: str) -> FakeDetector:
        return FakeDetector()


def test_two_persons_in_a_real_video_are_scored_apart(tmp_path: Path) -> None:
    """The same face twice, one of them darker, moving: two tracks, each with the scores of its own."""
    pictures = []
    for n in range(16):
        bright = np.roll(face_frame(), 2 * n, axis=1)
        dark = (np.roll(face_frame()[:, ::-1], -2 * n, axis=1) * 0.5).astype(np.uint8)
        pictures.append(cv2.resize(np.hstack([bright, dark]), (1280, 480)))
    report = analyze(
        write_video(tmp_path / "two.mp4", pictures),
        AnalysisOptions(detector="brightness"),
        media=Sandbox(),
        models=RealFaces(),
        software=software("cpu"),
        on_progress=lambda _progress: None,
    ).report
    assert [track.frames_scored for track in report.tracks] == [16, 16]
    by_person = {
        track.id: {
            face.box.center[0] > 640
            for frame in report.frames
            for face in frame.faces
            if face.track_id == track.id
        }
        for track in report.tracks
    }
    assert sorted(map(sorted, by_person.values())) == [[False], [True]]
    scores = [track.score.mean for track in report.tracks if track.score]
    assert max(scores) > 1.5 * min(scores)
