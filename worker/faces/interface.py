"""What every face finder is: a picture in, faces out."""

from typing import Protocol

from deeptrace_core.model import Face
from worker.faces.crops import Image


class FaceFinder(Protocol):
    """Finds all faces in a picture."""

    def find(self, image: Image) -> tuple[Face, ...]:
        """The faces in `image` (height, width, 3; uint8; RGB), the most confident first."""
