"""What happens to a picture of a face on its way to a detector: framing, light, compression, wear.

Real and manipulated faces go through the same function with the same odds: nothing here may tell them apart.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Random = np.random.Generator

SIZE_PX = 128
SOURCE_SCALES = {
    ("mesonet", False): 1.06,
    ("mesonet", True): 1.19,
    ("dfdc", False): 0.92,
    ("dfdc", True): 0.92,
    ("landmarks", False): 1.38,
    ("blended-landmarks", True): 1.38,
}
"""Side of a cached crop over that of its face box: medians over 60 crops of each set and class, measured with
the product's face finder on crops with a black border, since boxes reach beyond tight crops. Without them the
size of a face would tell the classes of the MesoNet set apart."""
TIGHTEST, WIDEST = 0.8, 1.5
"""Training cuts between these,"""
MIRRORED = 1.45
"""and at most this many times as wide as the cached crop, beyond which the picture is mirrored."""


def training_view(picture: Image, scale: float, random: Random) -> Image:
    """A (SIZE_PX, SIZE_PX, 3) view of a cached crop, whose side is `scale` times that of its face box."""
    view = _framed(picture, scale, random)
    if random.random() < 0.5:
        view = view[:, ::-1]
    for chance, change in CHANGES:
        if random.random() < chance:
            view = change(view, random)
    return np.ascontiguousarray(view)


def _framed(picture: Image, scale: float, random: Random) -> Image:
    size = picture.shape[0]
    widest = min(WIDEST, MIRRORED * scale)
    side = size * np.exp(random.uniform(np.log(TIGHTEST), np.log(widest))) / scale
    stretch = np.exp(random.normal(0, 0.03))
    angle = np.radians(random.normal(0, 5))
    zoom = SIZE_PX / side * np.array([stretch, 1 / stretch])
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]]) * zoom[:, None]
    center = size / 2 + random.normal(0, 0.035, 2) * size
    matrix = np.column_stack([turn, SIZE_PX / 2 - turn @ center])
    view = cv2.warpAffine(picture, matrix, (SIZE_PX, SIZE_PX), borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(view, np.uint8)


def _light(view: Image, random: Random) -> Image:
    """Brightness, contrast, saturation and colour temperature: one affine map of the colours."""
    saturation, contrast, brightness = random.uniform(0.6, 1.4), *random.uniform(0.7, 1.3, 2)
    channels = np.exp(random.normal(0, 0.05, (3, 1)))
    colours = channels * contrast * (saturation * np.eye(3) + (1 - saturation) / 3)
    shift = channels * float(view.mean()) * (brightness - contrast)
    return np.asarray(cv2.transform(view, np.column_stack([colours, shift])), np.uint8)


def _grey(view: Image, random: Random) -> Image:
    return np.repeat(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)


def _shrink(view: Image, random: Random) -> Image:
    """Down and up again, as a video in a lower resolution."""
    side = int(SIZE_PX * random.uniform(0.45, 0.95))
    small = cv2.resize(view, (side, side), interpolation=cv2.INTER_AREA)
    flags = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[random.integers(2)]
    return np.asarray(cv2.resize(small, (SIZE_PX, SIZE_PX), interpolation=flags), np.uint8)


def _blur(view: Image, random: Random) -> Image:
    return np.asarray(cv2.GaussianBlur(view, (0, 0), random.uniform(0.4, 1.2)), np.uint8)


def _sharpen(view: Image, random: Random) -> Image:
    soft = cv2.GaussianBlur(view, (0, 0), 1.5)
    amount = random.uniform(0.2, 1.0)
    return np.asarray(cv2.addWeighted(view, 1 + amount, soft, -amount, 0), np.uint8)


NOISE = np.random.default_rng(0).standard_normal(4 * SIZE_PX * SIZE_PX * 3, np.float32)
"""Drawn once, since drawing it for each view would take as long as all the rest."""


def _noise(view: Image, random: Random) -> Image:
    start = random.integers(NOISE.size - view.size)
    noise = NOISE[start : start + view.size].reshape(view.shape) * np.float32(random.uniform(1, 6))
    return np.asarray(cv2.add(view, noise, dtype=cv2.CV_8U), np.uint8)


def _jpeg(view: Image, random: Random) -> Image:
    quality = int(random.uniform(40, 95))
    _, data = cv2.imencode(
        ".jpg", np.ascontiguousarray(view[:, :, ::-1]), (cv2.IMWRITE_JPEG_QUALITY, quality)
    )
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), np.uint8)


def _hide(view: Image, random: Random) -> Image:
    """A rectangle of one colour, so that no single spot decides."""
    view = view.copy()
    height, width = random.integers(SIZE_PX // 8, SIZE_PX // 2, 2)
    top, left = random.integers(0, SIZE_PX - height), random.integers(0, SIZE_PX - width)
    view[top : top + height, left : left + width] = random.integers(0, 256, 3)
    return view


CHANGES: tuple[tuple[float, Callable[[Image, Random], Image]], ...] = (
    (0.5, _light),
    (0.03, _grey),
    (0.2, _shrink),
    (0.08, _blur),
    (0.05, _sharpen),
    (0.1, _noise),
    (0.35, _jpeg),
    (0.1, _hide),
)
"""In the order in which they happen to a video, with the odds of each."""
