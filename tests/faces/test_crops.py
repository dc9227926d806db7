"""Crops: which square of the picture, how it is turned, and what its preset hashes to."""

import math

import numpy as np
import pytest

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


def test_a_box_crop_is_a_square_of_1_3_times_the_longer_side() -> None:
    """FaceForensics++: centred on the box, side 1.3 x max(width, height)."""
    crop = crop_face(PICTURE, turned_face(0), PRESETS["ffpp299"])
    assert crop.shape == (299, 299, 3)
    side = 1.3 * 150
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


def test_a_face_at_the_edge_still_gives_a_whole_crop() -> None:
    """Beyond the edge the picture is mirrored: no black bars, which nets take for a sign."""
    face = turned_face(0)
    white = np.full_like(PICTURE, 255)
    shifted = Face(
        box=Box(x1=-20, y1=-20, x2=100, y2=100), landmarks=face.landmarks, confidence=face.confidence
    )
    assert crop_face(white, shifted, PRESETS["ffpp299"]).min() == 255


def test_fine_noise_of_a_large_face_is_averaged_not_sampled() -> None:
    """Shrinking a checkerboard to a quarter gives grey, not a pattern that was not there."""
    checkers = np.indices((1000, 1000)).sum(axis=0) % 2 * 255
    picture = np.repeat(checkers[..., None], 3, axis=2).astype(np.uint8)
    face = Face(box=Box(x1=50, y1=50, x2=950, y2=950), landmarks=turned_face(0).landmarks, confidence=1.0)
    crop = crop_face(picture, face, PRESETS["ffpp299"])
    assert int(np.ptp(crop)) < 80
    assert crop.mean() == pytest.approx(127.5, abs=1)


def test_presets_hash_to_what_reports_have_recorded() -> None:
    """A changed preset is another preset: old reports name the hash."""
    assert {name: preset.sha256[:16] for name, preset in PRESETS.items()} == {
        "ffpp299": "cb8056b561c65cec",
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
