"""When the whole picture is searched, and when faces are followed."""

import dataclasses

import numpy as np

from deeptrace_core.model import Box, Face
from tests.worker.fakes import FACE
from worker.faces.crops import Image
from worker.faces.key_frames import KEY_FRAME_S, NEXT_FRAME_S, KeyFrames

PICTURE = np.zeros((8, 8, 3), np.uint8)
OTHER = dataclasses.replace(FACE, box=Box(x1=0, y1=0, x2=5, y2=5))


class Finder:
    """Finds `FACE`, follows it to `OTHER` unless it is lost, and notes what it did."""

    def __init__(self) -> None:
        self.lost = self.empty = False
        self.did: list[str] = []

    def find(self, image: Image) -> tuple[Face, ...]:
        self.did.append("find")
        return () if self.empty else (FACE,)

    def follow(self, image: Image, faces: tuple[Face, ...]) -> tuple[Face, ...] | None:
        self.did.append("follow")
        return None if self.lost else (OTHER,)


def did(*times_s: float) -> list[str]:
    finder = Finder()
    key_frames = KeyFrames(finder)
    for time_s in times_s:
        key_frames.find(PICTURE, time_s, new_shot=False)
    return finder.did


def test_between_key_frames_faces_are_followed() -> None:
    """Ten frames at 25 a second: every fifth is searched."""
    expected = ["find", "follow", "follow", "follow", "follow"] * 2
    assert did(*(n * KEY_FRAME_S / 5 for n in range(10))) == expected


def test_where_nobody_was_found_each_frame_is_searched() -> None:
    """There is nobody to follow."""
    finder = Finder()
    finder.empty = True
    key_frames = KeyFrames(finder)
    for number in range(3):
        assert key_frames.find(PICTURE, number * KEY_FRAME_S / 5, new_shot=False) == ()
    assert finder.did == ["find"] * 3


def test_frames_far_apart_are_all_searched() -> None:
    """In a second anybody may have come in; and within a tenth a face is no longer where it was."""
    assert did(0, 1, 2) == ["find"] * 3
    assert did(0, NEXT_FRAME_S, 1.5 * NEXT_FRAME_S, 1.8 * NEXT_FRAME_S) == [
        "find",
        "find",
        "follow",
        "follow",
    ]


def test_what_is_followed_is_what_was_found_last() -> None:
    """The answer is the face at its new place."""
    key_frames = KeyFrames(Finder())
    assert key_frames.find(PICTURE, 0, new_shot=False) == (FACE,)
    assert key_frames.find(PICTURE, 0.04, new_shot=False) == (OTHER,)


def test_a_cut_or_a_lost_face_makes_a_key_frame() -> None:
    """From which the time to the next one counts."""
    finder = Finder()
    key_frames = KeyFrames(finder)
    key_frames.find(PICTURE, 0, new_shot=False)
    key_frames.find(PICTURE, 0.05, new_shot=True)
    assert finder.did == ["find", "find"]
    finder.lost = True
    key_frames.find(PICTURE, 0.1, new_shot=False)
    finder.lost = False
    key_frames.find(PICTURE, 0.15, new_shot=False)
    assert finder.did == ["find", "find", "follow", "find", "follow"]
