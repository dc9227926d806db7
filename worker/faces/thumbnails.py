"""Small pictures of the highest-scoring faces of each person, for the report's readers."""

import heapq
from collections import defaultdict

import cv2

from deeptrace_core.model import Face, Thumbnail
from worker.faces.crops import Geometry, Image, Preset, crop_face

THUMBNAILS_A_TRACK = 4
MAX_TRACKS = 64
"""In a crowd only the persons with the highest scores keep pictures."""

_FRAMING = Preset(
    name="thumbnail",
    geometry=Geometry.BOX,
    scale=1.6,
    size_px=192,
    mean=(0.0, 0.0, 0.0),
    std=(1.0, 1.0, 1.0),
)
_WEBP_QUALITY = 80


class ThumbnailGallery:
    """Keeps the worst faces seen so far; memory does not grow with the length of the video."""

    def __init__(self) -> None:
        self._by_track: dict[int, list[tuple[float, int, Thumbnail]]] = defaultdict(list)

    def offer(
        self, image: Image, face: Face, *, track_id: int, frame_index: int, time_s: float, score: float
    ) -> None:
        """Keep the picture of this face if it is among the worst of its track."""
        kept = self._by_track[track_id]
        if len(kept) == THUMBNAILS_A_TRACK and score <= kept[0][0]:
            return
        thumbnail = Thumbnail(
            track_id=track_id,
            frame_index=frame_index,
            time_s=time_s,
            fake_probability=score,
            webp=_webp(crop_face(image, face, _FRAMING)),
        )
        heapq.heappush(kept, (score, -frame_index, thumbnail))
        if len(kept) > THUMBNAILS_A_TRACK:
            heapq.heappop(kept)

    def thumbnails(self) -> tuple[Thumbnail, ...]:
        """The pictures, by track, the highest score first."""
        tracks = sorted(self._by_track.values(), key=lambda kept: -max(kept)[0])[:MAX_TRACKS]
        best_first = [thumbnail for kept in tracks for _, _, thumbnail in sorted(kept, reverse=True)]
        return tuple(sorted(best_first, key=lambda thumbnail: thumbnail.track_id))


def _webp(image: Image) -> bytes:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    encoded, data = cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, _WEBP_QUALITY])
    if not encoded:
        raise RuntimeError("OpenCV could not encode a thumbnail as WebP.")
    return bytes(data.tobytes())
