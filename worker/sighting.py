"""The first half of an analysis: frames in, the faces in them out, each cut for the detectors.

What is needed of a picture later is taken from it here, so that few pictures are in memory at once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from deeptrace_core.model import Face
from worker.faces.crops import Image, Preset, crop_face
from worker.faces.interface import BatchFaceFinder, FaceFinder
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


Find = Callable[[Sequence[VideoFrame], Sequence[bool]], list[tuple[Face, ...]]]
"""The faces of each frame, from the frames and whether a cut lies before each."""


class Lookout:
    """Finds and follows the faces of one video, whose frames come in order.

    Args:
        face_finder: one that takes several pictures at once searches them all; with another, of frames that
            lie near each other only some are searched.
        presets: how each detector wants its faces.
        min_face_px: a face whose box has a shorter side is seen, and not scored.
        near: how many frames lie near each other, see `frames_together`.
    """

    def __init__(
        self,
        face_finder: FaceFinder | BatchFaceFinder,
        presets: Sequence[Preset],
        *,
        min_face_px: int,
        near: int,
    ) -> None:
        self._find: Find
        self.searched_at_once = 1
        if isinstance(face_finder, BatchFaceFinder):
            self._find = _every_frame(face_finder)
            self.at_once = self.searched_at_once = face_finder.at_once
        else:
            self._find, self.at_once = KeyFrames(face_finder, min_face_px=min_face_px).find, near
        self._shots = ShotDetector()
        self._tracker = FaceTracker()
        self._presets = tuple(presets)
        self._min_face_px = min_face_px

    def look(self, frames: Sequence[VideoFrame]) -> list[SeenFrame]:
        """The faces of the next frames; best `at_once` of them."""
        cuts = [self._shots.is_new(frame.image) for frame in frames]
        found = self._find(frames, cuts)
        return [self._seen(*each) for each in zip(frames, found, cuts, strict=True)]

    def _seen(self, frame: VideoFrame, faces: Sequence[Face], new_shot: bool) -> SeenFrame:
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


def _every_frame(finder: BatchFaceFinder) -> Find:
    return lambda frames, cuts: finder.find_all([frame.image for frame in frames])


def sightings(frames: Iterable[VideoFrame], lookout: Lookout, times: StageTimes) -> Iterator[SeenFrame]:
    """Decode and look, no more frames in memory than are looked at together."""
    waiting = iter(frames)
    while True:
        with times.of("decoding"):
            some = list(islice(waiting, lookout.at_once))
        if not some:
            return
        with times.of("finding faces"):
            seen = lookout.look(some)
        del some
        yield from seen
