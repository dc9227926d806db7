"""What every face finder is: a picture in, faces out."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from deeptrace_core.model import Face
from worker.faces.crops import Image

MIN_CONFIDENCE = 0.95
"""Below this MTCNN often takes hands, patterns and shadows for faces."""


SMALLEST_PX = 20.0
FACTOR = 0.709
"""Facenet-pytorch's smallest face, and the ratio of one scale at which MTCNN looks to the next."""


def smallest_searched_px(min_face_px: int) -> float:
    """Smaller than what will be scored, so that "too small" can be told from "no face".

    It is one of the sizes at which facenet-pytorch looks when it looks for the smallest, so that a face is
    boxed as it is there: each other series of scales moves the boxes by as much as a frame does.
    """
    size_px = SMALLEST_PX
    while size_px / FACTOR <= min_face_px * FACTOR:
        size_px /= FACTOR
    return size_px


class FaceFinder(Protocol):
    """Finds all faces in a picture."""

    def find(self, image: Image) -> tuple[Face, ...]:
        """The faces in `image` (height, width, 3; uint8; RGB), the most confident first."""

    def again(self, images: Sequence[Image], faces: Sequence[Face]) -> list[Face] | None:
        """Each face as it looks in the picture beside it, from about where it is; much cheaper than `find`.

        Its box leans to that place, its landmarks are those it came with, and its confidence may be anything.
        None if this finder cannot look again: then search.
        """


@runtime_checkable
class BatchFaceFinder(Protocol):
    """Finds all faces in several pictures at once, as a GPU likes it. It searches each, and follows none."""

    @property
    def at_once(self) -> int:
        """How many pictures it takes gladly."""

    def find_all(self, images: Sequence[Image]) -> list[tuple[Face, ...]]:
        """The faces in each image, as `FaceFinder.find` gives them.

        Raises:
            EnvironmentFault: there is not enough memory for even one.
        """
