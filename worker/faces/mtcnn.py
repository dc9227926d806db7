"""Face finding with facenet-pytorch's MTCNN (Zhang et al. 2016, arXiv:1604.02878)."""

from collections.abc import Sequence

from facenet_pytorch import MTCNN

from deeptrace_core.model import Box, Face, Landmarks
from worker.faces.crops import Image
from worker.faces.interface import MIN_CONFIDENCE, smallest_searched_px


class MtcnnFaceFinder:
    """See `FaceFinder`. The weights come with the facenet-pytorch package."""

    def __init__(self, *, min_face_px: int) -> None:
        self._mtcnn = MTCNN(keep_all=True, min_face_size=smallest_searched_px(min_face_px), device="cpu")

    def find(self, image: Image) -> tuple[Face, ...]:
        """See `FaceFinder.find`."""
        boxes, confidences, landmarks = self._mtcnn.detect(image, landmarks=True)
        if boxes is None:
            return ()
        found = zip(
            boxes.tolist(), confidences.tolist(), landmarks.astype(float).round(2).tolist(), strict=True
        )
        faces = [
            Face(
                box=Box(x1=round(x1, 2), y1=round(y1, 2), x2=round(x2, 2), y2=round(y2, 2)),
                landmarks=Landmarks(*((x, y) for x, y in points)),
                confidence=round(confidence, 4),
            )
            for (x1, y1, x2, y2), confidence, points in found
            if confidence >= MIN_CONFIDENCE
        ]
        return tuple(sorted(faces, key=lambda face: -face.confidence))

    def again(self, images: Sequence[Image], faces: Sequence[Face]) -> list[Face] | None:
        """See `FaceFinder.again`. This one cannot."""
        return None
