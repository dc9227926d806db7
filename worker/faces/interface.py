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

    def follow(self, image: Image, faces: tuple[Face, ...]) -> tuple[Face, ...] | None:
        """The same faces in the next picture, near where they were, in their order; cheaper than `find`.

        One that is too small to be scored may be left out. None if another is not there any more, or if this
        finder cannot follow: then search.
        """
