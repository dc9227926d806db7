"""Frames as columns, and back."""

from dataclasses import replace

import pytest

from deeptrace_core.frame_columns import FrameColumns, from_columns, to_columns
from deeptrace_core.model import Box, FaceScore, FrameScore, Reason

FACE = FaceScore(track_id=0, box=Box(x1=0.1, y1=-2, x2=1e-9, y2=4), confidence=0.9, fake_probability=1 / 3)
SMALL = replace(FACE, track_id=7, fake_probability=None, unscored_reason=Reason.FACE_TOO_SMALL)
FRAMES = (
    FrameScore(index=0, time_s=0.0, faces=(FACE, SMALL)),
    FrameScore(index=5, time_s=0.2, faces=()),
    FrameScore(index=9, time_s=0.36, faces=(SMALL,)),
)


@pytest.mark.parametrize("frames", [(), FRAMES])
def test_columns_give_the_same_frames(frames: tuple[FrameScore, ...]) -> None:
    """No number is touched, no order changed."""
    assert from_columns(to_columns(frames)) == frames


def changed(table: str, **columns: list[int]) -> FrameColumns:
    good = to_columns(FRAMES)
    return (
        replace(good, **columns) if table == "frames" else replace(good, faces=replace(good.faces, **columns))
    )


@pytest.mark.parametrize(
    "columns",
    [
        changed("frames", index=[0, 5]),
        changed("frames", index=[0, 5, 5]),
        changed("faces", track_id=[0]),
        changed("faces", frame=[0, 0, 1]),
        changed("faces", frame=[0, 0]),
    ],
)
def test_tables_that_do_not_fit_are_refused(columns: FrameColumns) -> None:
    """A report from a stranger may say anything."""
    with pytest.raises(ValueError, match=r"zip\(\)|belong"):
        from_columns(columns)
