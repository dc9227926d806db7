"""Not every frame is searched: between key frames a face is between where it was and where it will be.

Each frame is looked at there, so that the face is known to be seen, and where. Where that may be wrong
(somebody comes or goes, jumps, or is hardly seen; a cut) the frame in the middle is searched, and so on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import Face, Landmarks
from worker.faces.boxes import PLACE_DIGITS, box_of, edges_of, overlap
from worker.faces.interface import FaceFinder
from worker.media.interface import VideoFrame

KEY_FRAME_S = 0.2
"""From one searched frame to the next: how long a person may be there and not be seen."""

NEXT_FRAME_S = 0.09
"""Frames that lie farther apart, ten a second and fewer, are all searched: half of them would be anyway."""

LONGEST_S = 0.25
"""Frames this far apart tell nothing of those between. Frames do not always come evenly."""

SURE_CONFIDENCE = 0.98
"""What is less surely a face comes and goes from frame to frame."""

SEEN_CONFIDENCE = 0.7
"""Of a face that is looked at again: the threshold of MTCNN's third network, which is shown one square of it
here, and in a search is surer of the best of many."""

SAME_FACE = 0.6
"""Boxes whose intersection is more than this of their union hold the same face."""

MOST_BYTES = 128 * 2**20
"""Of pictures that wait for the next key frame: 5 of 4K."""

SHORTEST_S = 1e-9
"""Several frames may have the same time."""

MEASURED = 0.5
"""How far a face is moved from where it would be if it moved evenly to where it is seen, which trembles."""


def frames_together(times_s: NDArray[np.float64], picture_bytes: int) -> int:
    """How many frames `KeyFrames` should be given at a time, so that it searches no more than it must.

    Args:
        times_s: shape (n,), of the frames that will come.
        picture_bytes: what one picture takes.
    """
    mean_s = float(times_s[-1] - times_s[0]) / max(len(times_s) - 1, 1)
    if not 0 < mean_s < NEXT_FRAME_S:
        return 1
    return max(min(round(KEY_FRAME_S / mean_s), MOST_BYTES // picture_bytes), 1)


@dataclass(frozen=True, kw_only=True)
class _Searched:
    """A frame, and what a search of it found."""

    frame: VideoFrame
    faces: tuple[Face, ...]


class KeyFrames:
    """Finds the faces of frames that come in order.

    Args:
        min_face_px: a face whose box has a shorter side is not scored, and not worth a search of its own:
            it may be missing until the next key frame.
    """

    def __init__(self, face_finder: FaceFinder, *, min_face_px: int) -> None:
        self._face_finder = face_finder
        self._min_face_px = min_face_px
        self._last: _Searched | None = None

    def find(self, frames: Sequence[VideoFrame], cuts: Sequence[bool]) -> list[tuple[Face, ...]]:
        """The faces of the next frames, at least one. The last is searched.

        Args:
            cuts: whether a cut lies before each frame, so that nobody is where they were.
        """
        before, self._last = self._last, self._search(frames[-1])
        return [*self._between(before, frames[:-1], self._last, cuts), self._last.faces]

    def _search(self, frame: VideoFrame) -> _Searched:
        return _Searched(frame=frame, faces=self._face_finder.find(frame.image))

    def _between(
        self, before: _Searched | None, frames: Sequence[VideoFrame], after: _Searched, cuts: Sequence[bool]
    ) -> list[tuple[Face, ...]]:
        """The faces of some frames. There is a cut more than frames: the one before `after`."""
        if not frames:
            return []
        if before is not None and not any(cuts):
            followed = self._followed(before, frames, after)
            if followed is not None:
                return followed
        middle = len(frames) // 2
        key = self._search(frames[middle])
        return [
            *self._between(before, frames[:middle], key, cuts[: middle + 1]),
            key.faces,
            *self._between(key, frames[middle + 1 :], after, cuts[middle + 1 :]),
        ]

    def _followed(
        self, before: _Searched, frames: Sequence[VideoFrame], after: _Searched
    ) -> list[tuple[Face, ...]] | None:
        """The faces of some frames without a search, if that is safe."""
        pairs = self._pairs(before.faces, after.faces)
        if not pairs or after.frame.time_s - before.frame.time_s > LONGEST_S:
            return None
        looked_at = [before.frame, *frames, after.frame]
        followed = []
        for one, other in pairs:
            faces = self._moving(one, other, looked_at)
            if faces is None or (None in faces and self._counts(one)):
                return None
            followed.append(faces)
        return [tuple(face for face in faces if face is not None) for faces in zip(*followed, strict=True)]

    def _moving(self, one: Face, other: Face, frames: Sequence[VideoFrame]) -> list[Face | None] | None:
        """A face in all frames but the first, where it is `one`, and the last; None where it is not seen.

        None in place of all if the finder cannot look again.
        """
        times_s = np.array([frame.time_s for frame in frames])
        shares = (times_s - times_s[0]) / max(times_s[-1] - times_s[0], SHORTEST_S)
        even = [_on_the_way(one, other, share) for share in shares.tolist()]
        seen = self._face_finder.again([frame.image for frame in frames], even)
        if seen is None:
            return None
        expected = np.array([edges_of(face.box) for face in even])
        shifts = np.array([edges_of(face.box) for face in seen]) - expected
        # What the finder says leans to what it is asked: here it is known by how much.
        shifts -= shifts[0] + shares[:, None] * (shifts[-1] - shifts[0])
        boxes = map(box_of, expected + MEASURED * shifts)
        found = [
            replace(start, box=box, confidence=end.confidence)
            if end.confidence >= SEEN_CONFIDENCE and overlap(box, start.box) > SAME_FACE
            else None
            for start, box, end in zip(even, boxes, seen, strict=True)
        ]
        return found[1:-1]

    def _pairs(self, before: Sequence[Face], after: Sequence[Face]) -> list[tuple[Face, Face]] | None:
        """Each face and itself later; None if it is not clear who is who, or somebody is hardly seen."""
        left, pairs = list(after), []
        for one in before:
            other = max(left, key=lambda face: overlap(one.box, face.box), default=None)
            if other and overlap(one.box, other.box) > SAME_FACE and _are_sure(one, other):
                left.remove(other)
                pairs.append((one, other))
            elif self._counts(one):
                return None
        return None if any(map(self._counts, left)) else pairs

    def _counts(self, face: Face) -> bool:
        return min(face.box.width_px, face.box.height_px) >= self._min_face_px


def _are_sure(*faces: Face) -> bool:
    return min(face.confidence for face in faces) >= SURE_CONFIDENCE


def _on_the_way(one: Face, other: Face, share: float) -> Face:
    """A face that has gone this share of its way, evenly."""
    edges, points = (
        np.array(start) + share * (np.array(end) - np.array(start))
        for start, end in ((edges_of(one.box), edges_of(other.box)), (one.landmarks, other.landmarks))
    )
    landmarks = Landmarks(*((x, y) for x, y in points.round(PLACE_DIGITS).tolist()))
    return replace(one, box=box_of(edges), landmarks=landmarks)
