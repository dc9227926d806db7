"""How a face is cut out of a frame: presets as data, and the one function that applies them.

Weights do not carry their preprocessing, and the wrong one costs most of their accuracy. So a preset is
bound to the weights in the registry, and its hash goes into every report.
"""

import math
from dataclasses import asdict, dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from deeptrace_core.canonical import canonical_bytes, digest
from deeptrace_core.model import Face

Image = NDArray[np.uint8]
"""Shape (height, width, 3), uint8, RGB."""


class Geometry(StrEnum):
    """Which square of the picture a crop shows, and how `Preset.scale` is meant."""

    BOX = "box"
    """Upright, centred on the face box; side = scale x its longer side."""
    PIXELS = "pixels"
    """The same square on whole pixels: cut out first and then resized, by averaging where that makes it
    smaller. So do authors who cut with an array's slices and leave the rest to an image library."""
    EYES_TO_MOUTH = "eyes_to_mouth"
    """Turned so that the line from between the eyes to the mouth is vertical, centred on its middle;
    side = scale x the longer of eye distance and eye-to-mouth distance."""
    FIVE_POINTS = "five_points"
    """Turned, moved and zoomed so that eyes, nose and mouth come as near as possible to `FIVE_POINTS`, which
    is then made smaller by scale, about the middle: a larger scale shows more around the face."""


FIVE_POINTS = np.array(
    [
        (38.2946, 51.6963),  # left eye
        (73.5318, 51.5014),  # right eye
        (56.0252, 71.7366),  # nose
        (41.5493, 92.3655),  # left corner of the mouth
        (70.7299, 92.2041),  # right corner of the mouth
    ]
)
"""Where ArcFace puts the points of a face in a square of `FIVE_POINTS_PX` (Deng et al., arXiv:1801.07698)."""

FIVE_POINTS_PX = 112


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """The preprocessing that a set of weights was trained with."""

    name: str
    geometry: Geometry
    scale: float
    size_px: int
    mean: tuple[float, float, float]
    """Of RGB values from 0 to 1."""
    std: tuple[float, float, float]

    @property
    def sha256(self) -> str:
        return digest(canonical_bytes(asdict(self)))


PRESETS = {
    preset.name: preset
    for preset in (
        # FaceForensics++ classification/detect_from_video.py, get_boundingbox(scale=1.3); transform.py.
        Preset(
            name="ffpp299",
            geometry=Geometry.PIXELS,
            scale=1.3,
            size_px=299,
            mean=(0.5, 0.5, 0.5),
            std=(0.5, 0.5, 0.5),
        ),
        # DeepfakeBench preprocessing/preprocess.py, img_align_crop(scale=1.3), with the five points of our
        # face finder, which lie near the points of dlib that it takes. It drops frames in which its finder
        # does not see the crop's face again; we do not.
        Preset(
            name="dfb256",
            geometry=Geometry.FIVE_POINTS,
            scale=1.3,
            size_px=256,
            mean=(0.5, 0.5, 0.5),
            std=(0.5, 0.5, 0.5),
        ),
        # polimi-ispl/icpr2020dfdc, isplutils/utils.py, extract_bb("scale"): a square of 1.6 times the height
        # of a BlazeFace box (its margins: 0.4 above, 0.2 below). That such a box is 0.85 of the height of
        # ours is an estimate; nobody has measured it.
        Preset(
            name="icpr224",
            geometry=Geometry.BOX,
            scale=1.36,
            size_px=224,
            mean=(0.485, 0.456, 0.406),
            std=(0.229, 0.224, 0.225),
        ),
        # MesoNet pipeline.py, FaceFinder.find_coordinates(K=2.2), whose centre, the nose, is near ours.
        Preset(
            name="meso256",
            geometry=Geometry.EYES_TO_MOUTH,
            scale=2.2,
            size_px=256,
            mean=(0.0, 0.0, 0.0),
            std=(1.0, 1.0, 1.0),
        ),
        # Our own weights, worker/weights/default/MODEL_CARD.md; the numbers of ImageNet they started from.
        Preset(
            name="light128",
            geometry=Geometry.BOX,
            scale=1.4,
            size_px=128,
            mean=(0.485, 0.456, 0.406),
            std=(0.229, 0.224, 0.225),
        ),
    )
}


def crop_face(image: Image, face: Face, preset: Preset) -> Image:
    """Cut `face` out of `image`: shape (size, size, 3), uint8, RGB.

    Beyond its edge the picture is mirrored, as MesoNet's pipeline does.
    """
    if preset.geometry is Geometry.PIXELS:
        return _resized(image, face, preset)
    to_crop = _aligned(face, preset) if preset.geometry is Geometry.FIVE_POINTS else _turned(face, preset)
    zoom = math.hypot(to_crop[0, 0], to_crop[0, 1])
    # Averaging when shrinking keeps high-frequency noise of large faces from aliasing into the crop.
    if zoom < 0.5:
        image, to_crop = _shrunk(image, to_crop, zoom, preset.size_px)
    size = (preset.size_px, preset.size_px)
    crop = cv2.warpAffine(image, to_crop, size, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(crop, dtype=np.uint8)


def _resized(image: Image, face: Face, preset: Preset) -> Image:
    center, side, _ = _square(face, preset)
    left, top = (round(middle - side / 2) for middle in center)
    right, bottom = (max(round(middle + side / 2), round(middle - side / 2) + 1) for middle in center)
    height_px, width_px = image.shape[:2]
    square = image[max(top, 0) : bottom, max(left, 0) : right]
    above, below, before, after = -top, bottom - height_px, -left, right - width_px
    if max(above, below, before, after) > 0:
        margins = (max(above, 0), max(below, 0), max(before, 0), max(after, 0))
        square = np.asarray(cv2.copyMakeBorder(square, *margins, cv2.BORDER_REFLECT_101), np.uint8)
    return as_square(square, preset.size_px)


def as_square(image: Image, size_px: int) -> Image:
    """The whole picture as a square, averaged where it shrinks: shape (size, size, 3), uint8, RGB."""
    interpolation = cv2.INTER_AREA if min(image.shape[:2]) > size_px else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (size_px, size_px), interpolation=interpolation), np.uint8)


def _turned(face: Face, preset: Preset) -> NDArray[np.float64]:
    """Shape (2, 3): from pixels of the picture to pixels of the crop."""
    center, side, angle_rad = _square(face, preset)
    zoom = preset.size_px / side
    cos, sin = zoom * math.cos(angle_rad), zoom * math.sin(angle_rad)
    half = (preset.size_px - 1) / 2
    return np.array(
        [
            [cos, sin, half - cos * center[0] - sin * center[1]],
            [-sin, cos, half + sin * center[0] - cos * center[1]],
        ]
    )


def _aligned(face: Face, preset: Preset) -> NDArray[np.float64]:
    """Likewise: the similarity with the least squared distances to the template (Umeyama, 1991, without
    mirroring), which has four unknowns and is linear in them."""
    margin = (preset.scale - 1) / 2
    wanted = (FIVE_POINTS / FIVE_POINTS_PX + margin) / preset.scale * preset.size_px
    points = np.array(face.landmarks)
    x, y, one, zero = points[:, 0], points[:, 1], np.ones(5), np.zeros(5)
    rows = np.concatenate([np.stack([x, -y, one, zero], axis=1), np.stack([y, x, zero, one], axis=1)])
    (a, b, right, down), *_ = np.linalg.lstsq(rows, wanted.T.ravel())
    return np.array([[a, -b, right], [b, a, down]])


def _square(face: Face, preset: Preset) -> tuple[tuple[float, float], float, float]:
    """Centre (px), side (px) and turn (radians) of the square to cut."""
    if preset.geometry is not Geometry.EYES_TO_MOUTH:
        return face.box.center, preset.scale * max(face.box.width_px, face.box.height_px), 0.0
    left_eye, right_eye, _, left_mouth, right_mouth = (np.array(point) for point in face.landmarks)
    eyes, mouth = (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
    axis = mouth - eyes
    length = max(float(np.linalg.norm(right_eye - left_eye)), float(np.linalg.norm(axis)))
    center = (eyes + mouth) / 2
    angle_rad = math.atan2(-float(axis[0]), float(axis[1]))
    return (float(center[0]), float(center[1])), preset.scale * length, angle_rad


def _shrunk(
    image: Image, to_crop: NDArray[np.float64], zoom: float, size_px: int
) -> tuple[Image, NDArray[np.float64]]:
    """Halve the picture by area averaging until the rest of the way is less than a factor of two.

    Where the crop lies within the picture, only what it shows is averaged.
    """
    factor = 2 ** int(math.log2(1 / zoom))
    left, top, right, bottom = _shown(image, to_crop, size_px, factor)
    image = image[top:bottom, left:right]
    size = (max(1, image.shape[1] // factor), max(1, image.shape[0] // factor))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    back = np.array([[image.shape[1] / size[0], 0.0], [0.0, image.shape[0] / size[1]]])
    to_crop = to_crop.copy()
    to_crop[:, 2] += to_crop[:, :2] @ ((back.diagonal() - 1) / 2 + (left, top))
    to_crop[:, :2] = to_crop[:, :2] @ back
    return np.asarray(small, dtype=np.uint8), to_crop


def _shown(
    image: Image, to_crop: NDArray[np.float64], size_px: int, factor: int
) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the pixels in a crop, at multiples of `factor`, and one such step more.

    All of the picture if the crop reaches beyond its edge, since what is mirrored there may lie anywhere.
    """
    height_px, width_px = image.shape[:2]
    to_picture = cv2.invertAffineTransform(to_crop)
    ends = np.array([(0, 0, size_px, size_px), (0, size_px, 0, size_px)])
    corners = to_picture[:, :2] @ ends + to_picture[:, 2:]
    left, top = (np.floor(corners.min(axis=1) / factor).astype(int) - 1) * factor
    right, bottom = (np.ceil(corners.max(axis=1) / factor).astype(int) + 1) * factor
    if min(left, top) < 0 or right > width_px or bottom > height_px:
        return 0, 0, width_px, height_px
    return int(left), int(top), int(right), int(bottom)
