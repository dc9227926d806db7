"""What facenet-pytorch itself finds."""

import pytest

from deeptrace_core.model import Face
from tests.faces.pictures import MIN_FACE_PX, PICTURES
from worker.faces.mtcnn import MtcnnFaceFinder


@pytest.fixture(scope="package")
def expected() -> dict[str, tuple[Face, ...]]:
    """The faces in each of `PICTURES`."""
    reference = MtcnnFaceFinder(min_face_px=MIN_FACE_PX)
    # facenet-pytorch fails where a picture is smaller than its smallest face.
    return {
        name: reference.find(picture) if min(picture.shape[:2]) >= MIN_FACE_PX else ()
        for name, picture in PICTURES.items()
    }
