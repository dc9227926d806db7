"""Frame scores as columns: a table of frames and a table of faces, as reports and the database keep them.

Names and quotes for each of a million faces would be most of the bytes.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from itertools import repeat

from deeptrace_core.model import Box, FaceScore, FrameScore, Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class FaceColumns:
    """One row for each face in each frame, in the order of frames. All columns have the same length."""

    frame: list[int]
    """The `index` of its frame."""
    track_id: list[int]
    x1: list[float]
    y1: list[float]
    x2: list[float]
    y2: list[float]
    confidence: list[float]
    fake_probability: list[float | None]
    unscored_reason: list[Reason | None]
    sharpness: list[float | None]
    compressed_probability: list[float | None]
    half_size_probability: list[float | None]
    member_probabilities: list[list[float | None]] = field(default_factory=list)
    """A column for each detector of an ensemble; none for a single detector."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameColumns:
    """One row for each frame."""

    index: list[int]
    time_s: list[float]
    faces: FaceColumns


def to_columns(frames: Sequence[FrameScore]) -> FrameColumns:
    """The same numbers, untouched."""
    rows = [(frame.index, face) for frame in frames for face in frame.faces]
    return FrameColumns(
        index=[frame.index for frame in frames],
        time_s=[frame.time_s for frame in frames],
        faces=FaceColumns(
            frame=[index for index, _ in rows],
            track_id=[face.track_id for _, face in rows],
            x1=[face.box.x1 for _, face in rows],
            y1=[face.box.y1 for _, face in rows],
            x2=[face.box.x2 for _, face in rows],
            y2=[face.box.y2 for _, face in rows],
            confidence=[face.confidence for _, face in rows],
            fake_probability=[face.fake_probability for _, face in rows],
            unscored_reason=[face.unscored_reason for _, face in rows],
            sharpness=[face.sharpness for _, face in rows],
            compressed_probability=[face.compressed_probability for _, face in rows],
            half_size_probability=[face.half_size_probability for _, face in rows],
            member_probabilities=_member_columns([face for _, face in rows]),
        ),
    )


def from_columns(columns: FrameColumns) -> tuple[FrameScore, ...]:
    """The frames that `to_columns` was given.

    Raises:
        ValueError: columns of one table differ in length, a frame comes twice, or a face has no frame.
    """
    faces_of: defaultdict[int, list[FaceScore]] = defaultdict(list)
    for index, face in zip(columns.faces.frame, _faces(columns.faces), strict=True):
        faces_of[index].append(face)
    if not faces_of.keys() <= set(columns.index) or len(set(columns.index)) < len(columns.index):
        raise ValueError("The faces do not belong to the frames.")
    return tuple(
        FrameScore(index=index, time_s=time_s, faces=tuple(faces_of.get(index, ())))
        for index, time_s in zip(columns.index, columns.time_s, strict=True)
    )


def _member_columns(faces: Sequence[FaceScore]) -> list[list[float | None]]:
    members = max((len(face.member_probabilities) for face in faces), default=0)
    rows = (face.member_probabilities or (None,) * members for face in faces)
    return [list(column) for column in zip(*rows, strict=True)]


def _faces(columns: FaceColumns) -> list[FaceScore]:
    unlike = ("frame", "x1", "y1", "x2", "y2", "member_probabilities")
    names = [field.name for field in fields(columns) if field.name not in unlike]
    boxes = zip(columns.x1, columns.y1, columns.x2, columns.y2, strict=True)
    members = zip(*columns.member_probabilities, strict=True) if columns.member_probabilities else repeat(())
    rows = zip(boxes, *(getattr(columns, name) for name in names), strict=True)
    return [
        FaceScore(
            box=Box(x1=x1, y1=y1, x2=x2, y2=y2),
            member_probabilities=tuple(value for value in given if value is not None),
            **dict(zip(names, values, strict=True)),
        )
        for ((x1, y1, x2, y2), *values), given in zip(rows, members, strict=False)
    ]
