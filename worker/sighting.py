"""The first half of an analysis: frames in, the faces in them out, each cut for the detectors.

What is needed of a picture later is taken from it here, so that few pictures are in memory at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from deeptrace_core.model import Face
from worker.faces.crops import Image, Preset, crop_face
from worker.faces.interface import FaceFinder
from worker.faces.key_frames import KeyFrames
from worker.faces.sharpness import sharpness
from worker.faces.shots import ShotDetector
from worker.faces.thumbnails import portrait
from worker.faces.tracking import FaceTracker
from worker.media.interface import VideoFrame
from worker.stage_times import StageTimes


@dataclass(frozen=True, kw_only=True)
class FaceView:
    """What a face that is large enough looks like."""

    crops: tuple[Image, ...]
    """By the preset of each detector: (size, size, 3), uint8, RGB."""
    portrait: Image
    sharpness: float


@dataclass(frozen=True, kw_only=True)
class SeenFace:
    """A face, and whose it is."""

    face: Face
    track_id: int
    view: FaceView | None
    """None if the face is too small to be scored."""


@dataclass(frozen=True, kw_only=True)
class SeenFrame:
    """The faces of one frame."""

    index: int
    time_s: float
    faces: tuple[SeenFace, ...]


class Lookout:
    """Finds and follows the faces of one video, frame by frame, in order.

    Args:
        presets: how each detector wants its faces.
        min_face_px: a face whose box has a shorter side is seen, and not scored.
    """

    def __init__(self, face_finder: FaceFinder, presets: Sequence[Preset], min_face_px: int) -> None:
        self._key_frames = KeyFrames(face_finder)
        self._shots = ShotDetector()
        self._tracker = FaceTracker()
        self._presets = tuple(presets)
        self._min_face_px = min_face_px

    def look(self, frame: VideoFrame) -> SeenFrame:
        """The faces of the next frame."""
        new_shot = self._shots.is_new(frame.image)
        faces = self._key_frames.find(frame.image, frame.time_s, new_shot=new_shot)
        tracks = self._tracker.track(faces, new_shot=new_shot)
        return SeenFrame(
            index=frame.index,
            time_s=frame.time_s,
            faces=tuple(
                SeenFace(face=face, track_id=track_id, view=self._view(frame.image, face))
                for face, track_id in zip(faces, tracks, strict=True)
            ),
        )

    def _view(self, image: Image, face: Face) -> FaceView | None:
        if min(face.box.width_px, face.box.height_px) < self._min_face_px:
            return None
        return FaceView(
            crops=tuple(crop_face(image, face, preset) for preset in self._presets),
            portrait=portrait(image, face),
            sharpness=sharpness(image, face),
        )


def sightings(frames: Iterable[VideoFrame], lookout: Lookout, times: StageTimes) -> Iterator[SeenFrame]:
    """Decode and look, one frame in memory at a time."""
    waiting = iter(frames)
    while True:
        with times.of("decoding"):
            frame = next(waiting, None)
        if frame is None:
            return
        with times.of("finding faces"):
            seen = lookout.look(frame)
        yield seen
