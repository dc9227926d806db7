"""The faster driver of MTCNN against facenet-pytorch: the same faces, not similar ones."""

import dataclasses
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from skimage.data import astronaut

from deeptrace_core.model import Box, Face
from tests.clips import MEDIA, plain_frame
from tests.faces.pictures import MIN_FACE_PX, PICTURES, ROUNDING_PX, check_same, crowd, numbers
from worker.faces.area import AreaSampler
from worker.faces.boxes import overlap
from worker.faces.crops import Image
from worker.faces.fast_mtcnn import FastMtcnnFaceFinder, mtcnn_networks
from worker.faces.key_frames import SEEN_CONFIDENCE
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
    np.testing.assert_allclose(AreaSampler(picture).resized(*size), expected.numpy(), atol=1e-3)


def test_crops_are_those_of_pytorch() -> None:
    """Of any size and place, all in one call."""
    picture = np.random.default_rng(3).integers(0, 256, (90, 120, 3)).astype(np.uint8)
    boxes = np.array([[0, 0, 120, 90], [5, 7, 6, 8], [30, 20, 47, 61], [100, 80, 120, 90]])
    tensor = torch.tensor(picture).permute(2, 0, 1)[None].float()
    for crop, (left, top, right, bottom) in zip(AreaSampler(picture).crops(boxes, 24), boxes, strict=True):
        part = tensor[:, :, top:bottom, left:right]
        expected = torch.nn.functional.interpolate(part, size=(24, 24), mode="area")[0]
        np.testing.assert_allclose(crop, expected.numpy(), atol=1e-3)


def test_sums_of_a_large_white_picture_do_not_overflow() -> None:
    """As many pixels as 8K has: more than 32 bits can sum."""
    picture = np.full((4320, 7680, 3), 255, np.uint8)
    assert np.allclose(AreaSampler(picture).resized(3, 5), 255)


def walked(image: Image, step_px: int) -> Image:
    """The camera goes to the left."""
    return np.ascontiguousarray(np.roll(image, step_px, axis=1))


def test_a_second_look_sees_faces_that_have_moved(fast: FastMtcnnFaceFinder) -> None:
    """A crowd that has gone on by a few pixels, from where it was: nearer to where a search finds it now."""
    faces = [face for face in fast.find(crowd()) if min(face.box.width_px, face.box.height_px) >= MIN_FACE_PX]
    assert len(faces) > 5
    gone_on = walked(crowd(), 5)
    seen = fast.again([gone_on] * len(faces), faces)
    searched = fast.find(gone_on)
    for before, after in zip(faces, seen, strict=True):
        assert after.confidence > SEEN_CONFIDENCE
        assert after.box.center[0] - before.box.center[0] == pytest.approx(5, abs=3)
        assert after.landmarks == before.landmarks
    best = [max(overlap(one.box, other.box) for other in searched) for one in seen]
    assert np.median(best) > 0.9


def test_a_second_look_sees_what_is_not_there(fast: FastMtcnnFaceFinder) -> None:
    """A wall, and a place beyond the picture."""
    [face] = fast.find(astronaut())
    outside = dataclasses.replace(face, box=Box(x1=-90, y1=0, x2=-10, y2=80))
    seen = fast.again([plain_frame(120), astronaut(), astronaut()], [face, outside, face])
    sure = [one.confidence > SEEN_CONFIDENCE for one in seen]
    assert sure == [False, False, True]
