"""One person, one track."""

from deeptrace_core.model import Box, Face, Landmarks
from worker.faces.tracking import MAX_GAP_FRAMES, FaceTracker


def face(x: float, y: float = 100, size: float = 60) -> Face:
    middle = (x, y)
    return Face(
        box=Box(x1=x - size / 2, y1=y - size / 2, x2=x + size / 2, y2=y + size / 2),
        landmarks=Landmarks(middle, middle, middle, middle, middle),
        confidence=1.0,
    )


def test_persons_keep_their_tracks_whatever_the_order_of_detection() -> None:
    """The face finder sorts by confidence, which changes from frame to frame."""
    tracker = FaceTracker()
    assert tracker.track([face(100), face(300)]) == (0, 1)
    assert tracker.track([face(310), face(95)]) == (1, 0)


def test_a_walking_person_passes_a_standing_one() -> None:
    """Steps longer than a face, past somebody else of the same size: heading decides."""
    tracker = FaceTracker()
    standing = face(300, y=130)
    ids = [tracker.track([face(60 + 75 * n), standing]) for n in range(7)]
    assert ids == [(0, 1)] * 7


def test_a_person_missed_for_a_moment_is_the_same_person() -> None:
    """A blink of the face finder does not make a new person; a long absence does."""
    tracker = FaceTracker()
    tracker.track([face(100)])
    for _ in range(MAX_GAP_FRAMES):
        tracker.track([])
    assert tracker.track([face(100)]) == (0,)
    for _ in range(MAX_GAP_FRAMES + 1):
        tracker.track([])
    assert tracker.track([face(100)]) == (1,)


def test_a_cut_starts_new_tracks() -> None:
    """Another shot with a face in the same place is not taken for the same person."""
    tracker = FaceTracker()
    assert tracker.track([face(100)]) == (0,)
    assert tracker.track([face(100)], new_shot=True) == (1,)


def test_a_face_of_another_size_in_the_same_place_is_another_person() -> None:
    """Somebody steps in front of somebody far away."""
    tracker = FaceTracker()
    tracker.track([face(100, size=30)])
    assert tracker.track([face(100, size=90)]) == (1,)
