"""Face finding with facenet-pytorch's MTCNN (Zhang et al. 2016, arXiv:1604.02878)."""

from collections.abc import Sequence

from facenet_pytorch import MTCNN

from deeptrace_core.model import Face
from worker.faces.crops import Image
from worker.faces.interface import smallest_searched_px
from worker.faces.mtcnn_steps import sure_faces


class MtcnnFaceFinder:
    """See `FaceFinder`. The weights come with the facenet-pytorch package."""

    def __init__(self, *, min_face_px: int) -> None:
        self._mtcnn = MTCNN(keep_all=True, min_face_size=smallest_searched_px(min_face_px), device="cpu")

    def find(self, image: Image) -> tuple[Face, ...]:
        """See `FaceFinder.find`."""
        boxes, confidences, landmarks = self._mtcnn.detect(image, landmarks=True)
        return () if boxes is None else sure_faces(boxes, confidences, landmarks)

    def again(self, images: Sequence[Image], faces: Sequence[Face]) -> list[Face] | None:
        """See `FaceFinder.again`. This one cannot."""
        return None
