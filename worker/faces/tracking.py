"""Linking faces of sampled frames into tracks: one person, one track."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deeptrace_core.model import Box, Face

MAX_SHIFT = 1.5
"""A face may be this many of its own sizes from where it was, or from where it was heading."""

MAX_GROWTH = 1.8
"""A face may grow or shrink by this factor between two sampled frames."""

MAX_GAP_FRAMES = 3
"""A face may be missed in this many sampled frames in a row and still be the same person."""


@dataclass
class _Open:
    track_id: int
    box: Box
    velocity: tuple[float, float] = (0.0, 0.0)
    """Pixels a sampled frame."""
    missed: int = 0


class FaceTracker:
    """Follows faces from frame to frame by place and size; forgets everyone at a cut.

    Sampled frames lie up to seconds apart, where trackers made for every frame (SORT, ByteTrack) lose a
    person who merely leans over, since they ask for overlapping boxes. Each face goes to the nearest open
    track of about its size, nearest pairs first.
    """

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._next_id = 0

    def track(self, faces: Sequence[Face], *, new_shot: bool = False) -> tuple[int, ...]:
        """Give each face of the next frame the id of its track, in the order of `faces`.

        Args:
            new_shot: a cut lies before this frame.
        """
        if new_shot:
            self._open = []
        owners = self._match([face.box for face in faces])
        for track in self._open:
            track.missed += 1
        ids = tuple(self._update(owners.get(position), face.box) for position, face in enumerate(faces))
        self._open = [track for track in self._open if track.missed <= MAX_GAP_FRAMES]
        return ids

    def _match(self, boxes: Sequence[Box]) -> dict[int, _Open]:
        pairs = sorted(
            (shift, position, number)
            for position, box in enumerate(boxes)
            for number, track in enumerate(self._open)
            if (shift := _shift(track, box)) is not None
        )
        owners: dict[int, _Open] = {}
        taken: set[int] = set()
        for _, position, number in pairs:
            if position not in owners and number not in taken:
                owners[position] = self._open[number]
                taken.add(number)
        return owners

    def _update(self, track: _Open | None, box: Box) -> int:
        if track is None:
            track = _Open(track_id=self._next_id, box=box)
            self._next_id += 1
            self._open.append(track)
        else:
            (old_x, old_y), (x, y) = track.box.center, box.center
            track.velocity = ((x - old_x) / track.missed, (y - old_y) / track.missed)
        track.box, track.missed = box, 0
        return track.track_id


def _shift(track: _Open, box: Box) -> float | None:
    """How far `box` is from where the track was or was heading, in face sizes; None if it is too far."""
    old_px = max(track.box.width_px, track.box.height_px)
    new_px = max(box.width_px, box.height_px)
    if not 1 / MAX_GROWTH <= new_px / old_px <= MAX_GROWTH:
        return None
    (old_x, old_y), (x, y) = track.box.center, box.center
    steps = track.missed + 1
    ahead = (old_x + track.velocity[0] * steps, old_y + track.velocity[1] * steps)
    shift = min(math.dist((x, y), (old_x, old_y)), math.dist((x, y), ahead)) / max(old_px, new_px)
    return shift if shift <= MAX_SHIFT else None
