"""Crops: which square of the picture, how it is turned, and what its preset hashes to."""

import math

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from deeptrace_core.model import Box, Face, Landmarks
from worker.faces.crops import PRESETS, Geometry, crop_face

GRID = np.stack(np.meshgrid(np.arange(600), np.arange(500), [0]), axis=-1)[..., 0, :].astype(np.float64)
"""At each pixel of a 600 x 500 picture, its own x, y and 0."""


def located(x_px: int, y_px: int) -> np.ndarray:
    """A picture whose red and green channels tell places apart, within 2.4 px."""
    picture = np.zeros((500, 600, 3))
    picture[..., 0] = GRID[..., 0] * 255 / 599
    picture[..., 1] = GRID[..., 1] * 255 / 499
    return picture.astype(np.uint8)


PICTURE = located(0, 0)


def place(pixel: np.ndarray) -> tuple[float, float]:
    """Where in the picture a crop's pixel came from."""
    return float(pixel[0]) * 599 / 255, float(pixel[1]) * 499 / 255


def turned_face(angle_deg: float, size: float = 60) -> Face:
    """A face in the middle of the picture, turned clockwise: eyes `size` apart, the mouth `size` below."""
    angle = math.radians(angle_deg)

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            300 + x * math.cos(angle) - y * math.sin(angle),
            250 + x * math.sin(angle) + y * math.cos(angle),
        )

    half = size / 2
    points = [(-half, -half), (half, -half), (0.0, 0.0), (-half, half), (half, half)]
    return Face(
        box=Box(x1=300 - size, y1=250 - size, x2=300 + size, y2=250 + 1.5 * size),
        landmarks=Landmarks(*(at(x, y) for x, y in points)),
        confidence=1.0,
    )


@pytest.mark.parametrize("name", ["ffpp299", "icpr224"])
def test_a_box_crop_is_a_square_around_the_box(name: str) -> None:
    """FaceForensics++: centred on the box, side 1.3 x max(width, height); ICPR 2020 likewise with 1.36."""
    preset = PRESETS[name]
    crop = crop_face(PICTURE, turned_face(0), preset)
    assert crop.shape == (preset.size_px, preset.size_px, 3)
    side = preset.scale * 150
    assert place(crop[0, 0]) == pytest.approx((300 - side / 2, 265 - side / 2), abs=4)
    assert place(crop[-1, -1]) == pytest.approx((300 + side / 2, 265 + side / 2), abs=4)


@pytest.mark.parametrize("angle_deg", [0, 20, -35, 90, 180])
@pytest.mark.parametrize("size", [40, 90, 200])
def test_an_aligned_crop_shows_the_eyes_at_the_same_place_however_the_head_is_turned(
    angle_deg: float, size: float
) -> None:
    """MesoNet: eyes level, side 2.2 x their distance, so the left eye is at (1.1 - 0.5) / 2.2 of the side."""
    face = turned_face(angle_deg, size)
    crop = crop_face(PICTURE, face, PRESETS["meso256"])
    eye = round((1.1 - 0.5) / 2.2 * 256 - 0.5)
    assert place(crop[eye, eye]) == pytest.approx(face.landmarks.left_eye, abs=4)
    assert place(crop[eye, 255 - eye]) == pytest.approx(face.landmarks.right_eye, abs=4)


def at(x1: float, y1: float, x2: float, y2: float) -> Face:
    """A face in this box."""
    return Face(box=Box(x1=x1, y1=y1, x2=x2, y2=y2), landmarks=turned_face(0).landmarks, confidence=1.0)


@pytest.mark.parametrize("name", ["ffpp299", "light128"])
@pytest.mark.parametrize(
    "face", [at(-20, -20, 100, 100), at(520, 420, 640, 540), at(-300, -200, 900, 700), at(-40, 5, 10, 9)]
)
def test_a_face_at_the_edge_still_gives_a_whole_crop(name: str, face: Face) -> None:
    """Beyond the edge the picture is mirrored: no black bars, which nets take for a sign."""
    white = np.full_like(PICTURE, 255)
    crop = crop_face(white, face, PRESETS[name])
    assert crop.shape == (PRESETS[name].size_px, PRESETS[name].size_px, 3)
    assert crop.min() == 255


@pytest.mark.parametrize(("side_px", "most"), [(120, 1.0), (460, 1.5), (800, 1.5)])
def test_a_crop_on_whole_pixels_is_nearly_what_pillow_makes_of_it(side_px: int, most: float) -> None:
    """With which FaceForensics++ brings its squares to size, by torchvision. Mean difference of a value of
    0 to 255, on a picture with fine detail; sampled in place of averaged it would be twice as much."""
    picture = cv2.resize(astronaut(), (1024, 1024), interpolation=cv2.INTER_CUBIC)
    size = round(side_px / 1.3)
    left, top = 512 - side_px // 2, 512 - side_px // 2
    crop = crop_face(
        picture, at(512 - size / 2, 512 - size / 2, 512 + size / 2, 512 + size / 2), PRESETS["ffpp299"]
    )
    pillow = Image.fromarray(picture).crop((left, top, left + side_px, top + side_px))
    expected = np.asarray(pillow.resize((299, 299), Image.Resampling.BILINEAR))
    assert np.abs(crop.astype(int) - expected).mean() < most


def moved(face: Face, right_px: float, down_px: float) -> Face:
    box = face.box
    return Face(
        box=Box(x1=box.x1 + right_px, y1=box.y1 + down_px, x2=box.x2 + right_px, y2=box.y2 + down_px),
        landmarks=Landmarks(*((x + right_px, y + down_px) for x, y in face.landmarks)),
        confidence=1.0,
    )


@pytest.mark.parametrize("name", ["light128", "meso256", "dfb256"])
@pytest.mark.parametrize("width_px", [1024, 1021])
def test_only_what_a_crop_shows_is_shrunk_for_it(name: str, width_px: int) -> None:
    """And it is what it would be if the whole picture had been: a frame around it changes nothing."""
    picture = cv2.resize(astronaut(), (1024, 1024), interpolation=cv2.INTER_CUBIC)[:, :width_px]
    face = moved(turned_face(10, size=150), 212, 262)
    crop = crop_face(picture, face, PRESETS[name])
    wider = np.pad(picture, ((0, 64), (0, 64), (0, 0)))
    np.testing.assert_array_equal(crop_face(wider, face, PRESETS[name]), crop)
    assert crop.std() > 20


@pytest.mark.parametrize("name", ["ffpp299", "icpr224", "light128"])
def test_fine_noise_of_a_large_face_is_averaged_not_sampled(name: str) -> None:
    """Shrinking a checkerboard to a quarter gives grey, not a pattern that was not there."""
    checkers = np.indices((1000, 1000)).sum(axis=0) % 2 * 255
    picture = np.repeat(checkers[..., None], 3, axis=2).astype(np.uint8)
    crop = crop_face(picture, at(50, 50, 950, 950), PRESETS[name])
    assert int(np.ptp(crop)) < 80
    assert crop.mean() == pytest.approx(127.5, abs=1)


def test_presets_hash_to_what_reports_have_recorded() -> None:
    """A changed preset is another preset: old reports name the hash."""
    assert {name: preset.sha256[:16] for name, preset in PRESETS.items()} == {
        "ffpp299": "de2160ae07a355aa",
        "meso256": "a000fa417d4e37b0",
        "dfb256": "6fe2a739e24b28e9",
        "icpr224": "6718905cc05078f6",
        "light128": "83e5a2c512dbeb1a",
    }
    assert {preset.geometry for preset in PRESETS.values()} == set(Geometry)


@pytest.mark.parametrize("angle_deg", [0, 25, -60, 180])
@pytest.mark.parametrize("size", [30, 60, 150])
def test_five_points_come_where_deepfakebench_puts_them(angle_deg: float, size: float) -> None:
    """Eyes at (96.9, 120.4) and (158.8, 120.1), mouth below: img_align_crop with 256 px and scale 1.3."""
    template = np.array(
        [(96.87, 120.43), (158.83, 120.09), (128.04, 155.67), (102.59, 191.94), (153.90, 191.66)]
    )
    angle = math.radians(angle_deg)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    placed = (template - template.mean(axis=0)) * size / 60 @ turn.T + (300, 250)
    face = Face(
        box=Box(x1=0, y1=0, x2=1, y2=1),
        landmarks=Landmarks(*(tuple(point) for point in placed.tolist())),
        confidence=1.0,
    )
    crop = crop_face(PICTURE, face, PRESETS["dfb256"])
    for (x_px, y_px), point in zip(template.round().astype(int), placed, strict=True):
        assert place(crop[y_px, x_px]) == pytest.approx(tuple(point), abs=4)


def test_a_face_that_fits_no_template_is_turned_and_zoomed_but_not_bent() -> None:
    """A similarity keeps shapes: the crop of a square grid has square corners."""
    crop = crop_face(PICTURE, turned_face(30), PRESETS["dfb256"])
    corner, right, below = (np.array(place(crop[y, x])) for x, y in ((60, 60), (160, 60), (60, 160)))
    across, down = right - corner, below - corner
    assert np.linalg.norm(across) == pytest.approx(np.linalg.norm(down), rel=0.07)
    assert across @ down == pytest.approx(0, abs=0.07 * np.linalg.norm(across) ** 2)
