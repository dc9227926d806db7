"""Pictures to look for faces in, and how two drivers of MTCNN are compared."""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.data import astronaut

from deeptrace_core.model import Face
from tests.clips import plain_frame
from worker.faces.crops import Image

MIN_FACE_PX = 40
ROUNDING_PX = 0.05
"""Two programs sum in different orders."""


def numbers(faces: tuple[Face, ...]) -> NDArray[np.float64]:
    """Box and landmarks of each face in pixels, from left to right."""
    rows = [
        [face.box.x1, face.box.y1, face.box.x2, face.box.y2, *np.ravel(face.landmarks)]
        for face in sorted(faces, key=lambda face: (face.box.x1, face.box.y1))
    ]
    return np.array(rows)


def check_same(found: tuple[Face, ...], expected: tuple[Face, ...]) -> None:
    """Every face, box and landmark, within the rounding of two programs."""
    assert len(found) == len(expected)
    if found:
        np.testing.assert_allclose(numbers(found), numbers(expected), atol=ROUNDING_PX)
        np.testing.assert_allclose(
            [face.confidence for face in found], [face.confidence for face in expected], atol=1e-3
        )


def crowd() -> Image:
    """Twenty faces of 20 to 90 pixels, some cut off by the border."""
    face = astronaut()[0:230, 110:340]
    picture = np.full((700, 1100, 3), 90, np.uint8)
    for n in range(20):
        size_px = 40 + 9 * n
        small = cv2.resize(face, (size_px, size_px), interpolation=cv2.INTER_AREA)
        x, y = (n % 5) * 220 - 10, (n // 5) * 175 + 5
        left, width, height = max(x, 0), min(size_px, 1100 - x), min(size_px, 700 - y)
        picture[y : y + height, left : x + width] = small[:height, left - x : width]
    return picture


PICTURES: dict[str, Image] = {
    "one large face": astronaut(),
    "on its side": np.ascontiguousarray(astronaut()[:, ::-1]),
    "a crowd": crowd(),
    "odd sides": np.ascontiguousarray(astronaut()[3:398, 5:504]),
    "smaller than any face": np.ascontiguousarray(astronaut()[:30, :30]),
    "one pixel": np.ascontiguousarray(astronaut()[:1, :1]),
    "grey": plain_frame(120),
}
