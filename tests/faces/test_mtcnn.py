"""The face finder on a picture everyone has."""

import numpy as np
from skimage.data import astronaut

from tests.clips import plain_frame
from worker.faces.mtcnn import MtcnnFaceFinder
from worker.faces.thumbnails import THUMBNAILS_A_TRACK, ThumbnailGallery, portrait


def test_it_finds_the_astronaut() -> None:
    """One face, with the eyes above the mouth and left of right as seen in the picture."""
    [face] = MtcnnFaceFinder(min_face_px=64).find(astronaut())
    points = face.landmarks
    assert face.confidence > 0.99
    assert points.left_eye[0] < points.nose[0] < points.right_eye[0]
    assert points.left_eye[1] < points.nose[1] < points.left_mouth[1]


def test_it_finds_two_faces_side_by_side() -> None:
    """All faces, never only the first."""
    picture = np.concatenate([astronaut(), astronaut()[:, ::-1]], axis=1)
    assert len(MtcnnFaceFinder(min_face_px=64).find(picture)) == 2


def test_it_finds_nothing_where_nothing_is() -> None:
    """No face is an empty answer, not an error."""
    assert MtcnnFaceFinder(min_face_px=64).find(plain_frame()) == ()


def test_the_gallery_keeps_the_worst_faces_of_each_person() -> None:
    """Memory does not grow with the video: four pictures a person, as WebP under 32 KB."""
    gallery = ThumbnailGallery()
    [face] = MtcnnFaceFinder(min_face_px=64).find(astronaut())
    for n in range(12):
        gallery.offer(
            portrait(astronaut(), face),
            astronaut(),
            track_id=n % 2,
            frame_index=n,
            time_s=n / 25,
            score=((n * 5) % 12) / 12,
        )
    kept = gallery.thumbnails()
    assert [thumbnail.track_id for thumbnail in kept] == [0] * THUMBNAILS_A_TRACK + [1] * THUMBNAILS_A_TRACK
    for track in (0, 1):
        scores = [thumbnail.fake_probability for thumbnail in kept if thumbnail.track_id == track]
        best = sorted((((n * 5) % 12) / 12 for n in range(track, 12, 2)), reverse=True)
        assert scores == best[:THUMBNAILS_A_TRACK]
    assert all(thumbnail.webp[8:12] == b"WEBP" and len(thumbnail.webp) < 32_000 for thumbnail in kept)
