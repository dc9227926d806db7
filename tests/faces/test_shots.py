"""Where shots begin."""

import numpy as np

from tests.clips import face_frame, plain_frame
from worker.faces.shots import ShotDetector


def test_another_picture_is_a_new_shot() -> None:
    """The first frame is not: nothing came before it."""
    shots = ShotDetector()
    assert [shots.is_new(picture) for picture in (face_frame(), plain_frame(), plain_frame())] == [
        False,
        True,
        False,
    ]


def test_a_slow_change_of_light_is_no_cut() -> None:
    """The same scene a little darker goes on."""
    shots = ShotDetector()
    shots.is_new(face_frame())
    assert not shots.is_new((face_frame() * 0.93).astype(np.uint8))
