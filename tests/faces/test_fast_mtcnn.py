"""The faster driver of MTCNN against facenet-pytorch: the same faces, not similar ones."""

from pathlib import Path

import av
import numpy as np
import pytest
import torch
from skimage.data import astronaut

from deeptrace_core.model import Face
from tests.clips import MEDIA, plain_frame
from tests.faces.pictures import MIN_FACE_PX, PICTURES, ROUNDING_PX, check_same, crowd, numbers
from worker.faces.area import AreaSampler
from worker.faces.crops import Image
from worker.faces.fast_mtcnn import SURE_CONFIDENCE, FastMtcnnFaceFinder, mtcnn_networks
from worker.faces.interface import MIN_CONFIDENCE
from worker.faces.mtcnn import MtcnnFaceFinder


@pytest.fixture(scope="module")
def fast(converted_dir: Path) -> FastMtcnnFaceFinder:
    networks = mtcnn_networks(converted_dir)
    assert networks is not None
    return FastMtcnnFaceFinder(networks, min_face_px=MIN_FACE_PX)


@pytest.fixture(scope="module")
def reference() -> MtcnnFaceFinder:
    return MtcnnFaceFinder(min_face_px=MIN_FACE_PX)


@pytest.mark.parametrize("name", PICTURES)
def test_the_boxes_are_those_of_the_reference(
    fast: FastMtcnnFaceFinder, expected: dict[str, tuple[Face, ...]], name: str
) -> None:
    """Every face, box and landmark, within the rounding of two programs."""
    check_same(fast.find(PICTURES[name]), expected[name])


def test_the_crowd_is_one(fast: FastMtcnnFaceFinder) -> None:
    """Or the comparison above would compare little."""
    assert len(fast.find(crowd())) >= 12


@pytest.mark.skipif(not MEDIA.is_dir(), reason="the labelled clips are not here")
def test_a_street_has_the_faces_of_the_reference(
    fast: FastMtcnnFaceFinder, reference: MtcnnFaceFinder
) -> None:
    """Real frames with many faces, small ones among them."""
    with av.open(str(MEDIA / "many_faces" / "film.mp4")) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)][::25]
    for frame in frames:
        expected, found = reference.find(frame), fast.find(frame)
        assert len(found) == len(expected) > 0
        np.testing.assert_allclose(numbers(found), numbers(expected), atol=ROUNDING_PX)


@pytest.mark.parametrize("shape", [(37, 53), (480, 640)])
@pytest.mark.parametrize("size", [(1, 1), (12, 17), (37, 53), (61, 90)])
def test_resizing_is_that_of_pytorch(shape: tuple[int, int], size: tuple[int, int]) -> None:
    """`interpolate(mode="area")`, smaller, larger and as it is."""
    picture = np.random.default_rng(3).integers(0, 256, (*shape, 3)).astype(np.uint8)
    expected = torch.nn.functional.interpolate(
        torch.tensor(picture).permute(2, 0, 1)[None].float(), size=size, mode="area"
    )[0]
    np.testing.assert_allclose(AreaSampler(picture).resized(*size).pixels, expected.numpy(), atol=1e-3)


def test_crops_are_those_of_pytorch() -> None:
    """Of any size and place, all in one call."""
    picture = np.random.default_rng(3).integers(0, 256, (90, 120, 3)).astype(np.uint8)
    boxes = np.array([[0, 0, 120, 90], [5, 7, 6, 8], [30, 20, 47, 61], [100, 80, 120, 90]])
    tensor = torch.tensor(picture).permute(2, 0, 1)[None].float()
    for crop, (left, top, right, bottom) in zip(AreaSampler(picture).crops(boxes, 24), boxes, strict=True):
        part = tensor[:, :, top:bottom, left:right]
        expected = torch.nn.functional.interpolate(part, size=(24, 24), mode="area")[0]
        np.testing.assert_allclose(crop, expected.numpy(), atol=1e-3)


def test_a_part_has_the_numbers_of_the_whole() -> None:
    """Resized from an even place on, and cropped; what reaches beyond it is known to."""
    picture = np.random.default_rng(3).integers(0, 256, (240, 320, 3)).astype(np.uint8)
    whole, part = AreaSampler(picture), AreaSampler(picture, (100, 61, 260, 221))
    small, own = whole.resized(101, 135), part.resized(101, 135)
    assert (own.left % 2, own.top % 2) == (0, 0)
    height, width = own.pixels.shape[1:]
    assert min(height, width) > 60
    same = small.pixels[:, own.top : own.top + height, own.left : own.left + width]
    np.testing.assert_array_equal(own.pixels, same)
    boxes = np.array([[100, 61, 260, 221], [150, 90, 171, 111], [99, 61, 120, 80], [240, 200, 261, 210]])
    assert part.holds(boxes).tolist() == [True, True, False, False]
    np.testing.assert_array_equal(part.crops(boxes[:2], 24), whole.crops(boxes[:2], 24))


def test_a_part_at_the_border_goes_up_to_it() -> None:
    picture = np.random.default_rng(4).integers(0, 256, (90, 70, 3)).astype(np.uint8)
    small, own = AreaSampler(picture).resized(45, 35), AreaSampler(picture, (20, 30, 70, 90)).resized(45, 35)
    np.testing.assert_array_equal(own.pixels, small.pixels[:, own.top :, own.left :])
    assert own.pixels.shape[1] > 25


def test_sums_of_a_large_white_picture_do_not_overflow() -> None:
    """As many pixels as 8K has: more than 32 bits can sum."""
    picture = np.full((4320, 7680, 3), 255, np.uint8)
    assert np.allclose(AreaSampler(picture).resized(3, 5).pixels, 255)


def walked(image: Image, step_px: int) -> Image:
    """The camera goes to the left."""
    return np.ascontiguousarray(np.roll(image, step_px, axis=1))


def test_faces_are_followed_to_where_a_search_finds_them(fast: FastMtcnnFaceFinder) -> None:
    """A crowd that moves by a few pixels: each face that is scored again, in the very boxes of a search."""
    faces = fast.find(crowd())
    followed = fast.follow(walked(crowd(), 5), faces)
    assert followed is not None
    large = [face for face in faces if min(face.box.width_px, face.box.height_px) >= MIN_FACE_PX]
    assert len(large) > 5
    for face in large:
        [after] = [other for other in followed if overlap(face, other) > 0.5]
        assert after.box.center[0] - face.box.center[0] == pytest.approx(5, abs=3)
    searched = fast.find(walked(crowd(), 5))
    best = [max(overlap(one, other) for other in searched) for one in followed]
    assert np.median(best) == pytest.approx(1)
    assert min(best) > 0.8


def test_a_face_that_is_gone_is_not_followed(fast: FastMtcnnFaceFinder) -> None:
    """Then the whole picture is searched."""
    faces = fast.find(astronaut())
    assert faces
    assert fast.follow(plain_frame(120), faces) is None
    assert fast.follow(astronaut()[:, :60], faces) is None


def test_what_is_hardly_a_face_is_not_followed(fast: FastMtcnnFaceFinder) -> None:
    """Its box would be another one: a hidden half makes a face that a search finds, just."""
    [face] = fast.find(astronaut())
    hidden = astronaut()
    hidden[int(face.box.y1) : int(face.box.y1) + 60, int(face.box.x1) : int(face.box.x2)] = 120
    [hardly] = fast.find(hidden)
    assert MIN_CONFIDENCE <= hardly.confidence < SURE_CONFIDENCE
    assert fast.follow(hidden, (hardly,)) is None


def test_two_faces_do_not_become_one(fast: FastMtcnnFaceFinder) -> None:
    """When the face of one box is found from another's, it is not counted twice."""
    [face] = fast.find(astronaut())
    assert fast.follow(astronaut(), (face,)) is not None
    assert fast.follow(astronaut(), (face, face)) is None
    assert fast.follow(astronaut(), ()) == ()


def overlap(one: Face, other: Face) -> float:
    """Intersection over union of the boxes."""
    a, b = one.box, other.box
    width_px, height_px = min(a.x2, b.x2) - max(a.x1, b.x1), min(a.y2, b.y2) - max(a.y1, b.y1)
    shared = max(width_px, 0) * max(height_px, 0)
    return shared / (a.width_px * a.height_px + b.width_px * b.height_px - shared)
