"""What every face finder is: a picture in, faces out."""

from typing import Protocol

from deeptrace_core.model import Face
from worker.faces.crops import Image

MIN_CONFIDENCE = 0.95
"""Below this MTCNN often takes hands, patterns and shadows for faces."""


def smallest_searched_px(min_face_px: int) -> int:
    """Half of what will be scored, so that "too small" can be told from "no face"."""
    return max(20, min_face_px // 2)


class FaceFinder(Protocol):
    """Finds all faces in a picture."""

    def find(self, image: Image) -> tuple[Face, ...]:
        """The faces in `image` (height, width, 3; uint8; RGB), the most confident first."""
