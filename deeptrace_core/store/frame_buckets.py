"""Frame scores in documents of an hour at one a second: 3,600 frames each, as packed columns.

A document for each frame takes fifty times as long to write and to read.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from deeptrace_core.frame_columns import FaceColumns, FrameColumns, from_columns, to_columns
from deeptrace_core.model import FrameScore, Reason
from deeptrace_core.store.connection import Document
from deeptrace_core.store.packing import pack_integers, pack_numbers, unpack_integers, unpack_numbers

MAX_FRAMES = 3_600
MAX_FACES = 100_000
"""A crowd fills a bucket early: 84 bytes a face, and a document holds 16 MB at most."""

FACE_INTEGERS = ("frame", "track_id")
FACE_NUMBERS = (
    *("x1", "y1", "x2", "y2", "confidence"),
    *("fake_probability", "sharpness", "compressed_probability", "half_size_probability"),
)
COLUMNS = ("index", "time_s", *FACE_INTEGERS, *FACE_NUMBERS, "reason")


def buckets_of(frames: Sequence[FrameScore]) -> Iterator[Document]:
    """Documents without `_id`, in order; each frame is in one of them."""
    bucket: list[FrameScore] = []
    faces = 0
    for frame in frames:
        if len(bucket) == MAX_FRAMES or (bucket and faces + len(frame.faces) > MAX_FACES):
            yield _packed(bucket)
            bucket, faces = [], 0
        bucket.append(frame)
        faces += len(frame.faces)
    if bucket:
        yield _packed(bucket)


def frames_from(bucket: Document) -> tuple[FrameScore, ...]:
    """The frames of one bucket, bit for bit as they were."""
    reasons = (None, *map(Reason, bucket["reasons"]))
    faces: dict[str, Any] = {name: unpack_integers(bucket[name]) for name in FACE_INTEGERS}
    faces |= {name: unpack_numbers(bucket[name]) for name in FACE_NUMBERS}
    faces["member_probabilities"] = [unpack_numbers(column) for column in bucket.get("members", [])]
    faces["unscored_reason"] = [reasons[code] for code in unpack_integers(bucket["reason"])]
    times_s: list[Any] = unpack_numbers(bucket["time_s"])
    return from_columns(
        FrameColumns(index=unpack_integers(bucket["index"]), time_s=times_s, faces=FaceColumns(**faces))
    )


def _packed(frames: Sequence[FrameScore]) -> Document:
    columns = to_columns(frames)
    reasons = sorted({reason for reason in columns.faces.unscored_reason if reason is not None})
    codes = [0 if reason is None else 1 + reasons.index(reason) for reason in columns.faces.unscored_reason]
    return {
        "first_s": frames[0].time_s,
        "last_s": frames[-1].time_s,
        "index": pack_integers(columns.index),
        "time_s": pack_numbers(columns.time_s),
        **{name: pack_integers(getattr(columns.faces, name)) for name in FACE_INTEGERS},
        **{name: pack_numbers(getattr(columns.faces, name)) for name in FACE_NUMBERS},
        "reasons": [reason.value for reason in reasons],
        "reason": pack_integers(codes),
        "members": [pack_numbers(column) for column in columns.faces.member_probabilities],
    }
