"""Which frames are searched, and where faces are between them."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from deeptrace_core.model import Box, Face
from tests.worker.fakes import FACE
from worker.faces.crops import Image
from worker.faces.key_frames import (
    KEY_FRAME_S,
    LONGEST_S,
    MOST_BYTES,
    NEXT_FRAME_S,
    SEEN_CONFIDENCE,
    SURE_CONFIDENCE,
    KeyFrames,
    frames_together,
)
from worker.media.interface import VideoFrame

STEP_S = 0.04
TOGETHER = 5
MIN_FACE_PX = 64


def face(x: float = 100, *, side_px: float = 100, confidence: float = 0.999) -> Face:
    """One whose left edge is at x."""
    return dataclasses.replace(
        FACE, box=Box(x1=x, y1=50, x2=x + side_px, y2=50 + side_px), confidence=confidence
    )


class Finder:
    """Finds in the n-th frame what it was told, and notes which frames it searched.

    Args:
        by_frame: the faces of those frames that have others than the rest.
        lean_px: how much farther to the right than they are faces seem to be at a second look.
        doubtful: frames in which at a second look no face is seen.
    """

    def __init__(
        self,
        by_frame: Mapping[int, tuple[Face, ...]],
        others: tuple[Face, ...] = (face(),),
        *,
        lean_px: float = 0,
        doubtful: Sequence[int] = (),
        looks_again: bool = True,
    ) -> None:
        self.by_frame, self.others = by_frame, others
        self.lean_px, self.doubtful, self.looks_again = lean_px, doubtful, looks_again
        self.searched: list[int] = []

    def _truth(self, image: Image) -> tuple[Face, ...]:
        return self.by_frame.get(int(image[0, 0, 0]), self.others)

    def find(self, image: Image) -> tuple[Face, ...]:
        """See `FaceFinder.find`."""
        self.searched.append(int(image[0, 0, 0]))
        return self._truth(image)

    def again(self, images: Sequence[Image], faces: Sequence[Face]) -> list[Face] | None:
        """See `FaceFinder.again`: the true face that is nearest, a little off."""
        if not self.looks_again:
            return None
        seen = []
        for image, one in zip(images, faces, strict=True):
            near = min(
                self._truth(image), key=lambda other: abs(other.box.x1 - one.box.x1), default=one
            )  # of nobody: the place that was asked for
            gone = int(image[0, 0, 0]) in self.doubtful
            box = dataclasses.replace(near.box, x1=near.box.x1 + self.lean_px, x2=near.box.x2 + self.lean_px)
            confidence = SEEN_CONFIDENCE - 0.01 if gone else 0.9
            seen.append(dataclasses.replace(one, box=box, confidence=confidence))
        return seen


def looked(
    finder: Finder, count: int = 2 * TOGETHER, *, cuts: Sequence[int] = (), step_s: float = STEP_S
) -> list[tuple[Face, ...]]:
    """The faces of so many frames, which come a few at a time."""
    key_frames = KeyFrames(finder, min_face_px=MIN_FACE_PX)
    faces = []
    for start in range(0, count, TOGETHER):
        numbers = range(start, min(start + TOGETHER, count))
        frames = [
            VideoFrame(index=n, time_s=n * step_s, image=np.full((2, 2, 3), n, np.uint8)) for n in numbers
        ]
        faces += key_frames.find(frames, [n in cuts for n in numbers])
    assert len(faces) == count
    return faces


def test_of_faces_that_stay_every_fifth_frame_is_searched() -> None:
    """But of the first few, before which nothing is known."""
    finder = Finder({})
    found = looked(finder, 4 * TOGETHER)
    assert sorted(finder.searched) == [0, 1, 2, 4, 9, 14, 19]
    assert [[one.box for one in faces] for faces in found] == [[face().box]] * 20


def test_a_face_on_its_way_is_where_it_is_seen_and_where_it_should_be() -> None:
    """From 100 to 120, with a jump forward at first: half of the jump is believed; and the confidence is that
    of the frame itself."""
    finder = Finder({5: (face(110),), 9: (face(120),)}, others=(face(100),))
    found = looked(finder)
    assert 5 not in finder.searched
    [in_between] = found[5]
    assert in_between.box.x1 == pytest.approx((104 + 110) / 2)
    assert in_between.box.width_px == pytest.approx(100)
    assert in_between.confidence == 0.9


def test_what_a_second_look_always_adds_is_taken_off() -> None:
    """Where the faces were searched, too, it sees them farther to the right: so they are not."""
    leaning = looked(Finder({9: (face(120),)}, others=(face(100),), lean_px=7))
    honest = looked(Finder({9: (face(120),)}, others=(face(100),)))
    assert leaning == honest


def test_landmarks_go_evenly() -> None:
    """They are not seen again."""
    before, after = face(100), face(110)
    after = dataclasses.replace(after, landmarks=after.landmarks._replace(nose=(170.0, 120.0)))
    [middle] = looked(Finder({9: (after,)}, others=(before,)))[5]
    assert middle.landmarks.nose == pytest.approx((162.0, 120.0))


@pytest.mark.parametrize(
    "at_the_end",
    [
        pytest.param((), id="somebody has gone"),
        pytest.param((face(), face(300)), id="somebody has come"),
        pytest.param((face(160),), id="too far away to be surely the same"),
        pytest.param((face(confidence=SURE_CONFIDENCE - 0.01),), id="hardly a face"),
    ],
)
def test_where_it_is_not_clear_who_is_who_more_is_searched(at_the_end: tuple[Face, ...]) -> None:
    """Down to the very frame."""
    finder = Finder({9: at_the_end})
    found = looked(finder)
    assert {7, 8, 9} <= set(finder.searched)
    assert [len(faces) for faces in found] == [1] * 9 + [len(at_the_end)]


def test_a_face_hidden_for_a_moment_is_not_claimed() -> None:
    """Before and after it is the same, so only the second look can tell."""
    finder = Finder({6: ()}, doubtful=[6])
    found = looked(finder)
    assert 6 in finder.searched
    assert [len(faces) for faces in found] == [1] * 6 + [0] + [1] * 3


def test_a_second_look_that_lands_elsewhere_is_not_believed() -> None:
    """Another face may be near."""
    finder = Finder({6: (face(250),)})
    found = looked(finder)
    assert 6 in finder.searched
    assert [one.box.x1 for one in found[6]] == [250]


def test_small_faces_that_come_and_go_cost_no_search() -> None:
    """They are not scored. One that stays is seen in each frame."""
    small, going, coming = (face(x, side_px=40) for x in (300, 400, 500))
    finder = Finder({9: (face(), small, coming)}, others=(face(), small, going))
    found = looked(finder)
    assert [len(faces) for faces in found] == [3] * 5 + [2] * 4 + [3]
    assert set(finder.searched) == {0, 1, 2, 4, 9}


def test_a_small_face_that_is_not_seen_again_is_left_out() -> None:
    """Until the next search."""
    small = face(300, side_px=40)
    finder = Finder({}, others=(small,), doubtful=[6])
    found = looked(finder)
    assert 6 not in finder.searched
    assert [len(faces) for faces in found] == [1] * 6 + [0] + [1] * 3


def test_nothing_is_followed_over_a_cut() -> None:
    """Both sides of it are searched, though the faces would fit."""
    finder = Finder({})
    looked(finder, cuts=[7])
    assert {6, 7} <= set(finder.searched)


def test_where_nobody_is_found_each_frame_is_searched() -> None:
    """There is nobody to follow, and faces in the dark come and go."""
    finder = Finder({}, others=())
    assert looked(finder) == [()] * 10
    assert sorted(finder.searched) == list(range(10))


def test_frames_that_lie_far_apart_are_all_searched() -> None:
    """However many come at a time: frames may come unevenly."""
    finder = Finder({})
    looked(finder, step_s=0.3)
    assert sorted(finder.searched) == list(range(10))


def test_frames_of_the_same_time_are_no_trouble() -> None:
    finder = Finder({})
    assert [len(faces) for faces in looked(finder, step_s=0)] == [1] * 10


def test_a_finder_that_cannot_look_again_searches_every_frame() -> None:
    finder = Finder({}, looks_again=False)
    looked(finder)
    assert sorted(finder.searched) == list(range(10))


@pytest.mark.parametrize(
    ("rate_hz", "expected"), [(25, 5), (29.97, 6), (60, 12), (12, 2), (10, 1), (1, 1), (1000, 200)]
)
def test_as_many_frames_together_as_lie_between_key_frames(rate_hz: float, expected: int) -> None:
    assert frames_together(np.arange(300) / rate_hz, picture_bytes=1000) == expected


def test_frames_together_fit_into_memory() -> None:
    """One at least, however large."""
    times_s = np.arange(300) / 25
    assert frames_together(times_s, picture_bytes=MOST_BYTES // 3) == 3
    assert frames_together(times_s, picture_bytes=2 * MOST_BYTES) == 1


def test_frames_together_of_odd_times() -> None:
    """A single frame, and many of the same time."""
    assert frames_together(np.zeros(1), picture_bytes=1) == 1
    assert frames_together(np.zeros(9), picture_bytes=1) == 1


def test_the_constants_fit_each_other() -> None:
    """Else nothing would be followed of frames that are given together."""
    assert 1.5 * NEXT_FRAME_S < KEY_FRAME_S < LONGEST_S
    assert KEY_FRAME_S + NEXT_FRAME_S / 2 <= LONGEST_S
