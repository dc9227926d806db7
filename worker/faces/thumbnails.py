"""Small pictures of the highest-scoring faces of each person, for the report's readers."""

import heapq
from collections import defaultdict
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import Face, Thumbnail
from worker.detectors.interface import Detector
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


@dataclass(frozen=True, kw_only=True, order=True)
class _Kept:
    """A picture, ordered by how suspicious it is; of equal ones the earliest counts most."""

    score: float
    minus_frame: int
    thumbnail: Thumbnail = field(compare=False)
    crop: Image | None = field(compare=False)


class ThumbnailGallery:
    """Keeps the worst faces seen so far; memory does not grow with the length of the video.

    Args:
        activation_of: the detector whose activation maps are kept with the pictures, if any.
    """

    def __init__(self, *, activation_of: Detector | None = None) -> None:
        self._activation_of = activation_of
        self._by_track: dict[int, list[_Kept]] = defaultdict(list)

    def offer(
        self,
        portrait: Image,
        crop: Image,
        *,
        track_id: int,
        frame_index: int,
        time_s: float,
        score: float,
    ) -> None:
        """Keep the picture of this face if it is among the worst of its track.

        Args:
            portrait: as `portrait` cuts it.
            crop: the face as the detector was given it.
        """
        kept = self._by_track[track_id]
        if len(kept) == THUMBNAILS_A_TRACK and score <= kept[0].score:
            return
        thumbnail = Thumbnail(
            track_id=track_id,
            frame_index=frame_index,
            time_s=time_s,
            fake_probability=score,
            webp=_webp(portrait),
        )
        wanted = crop if self._activation_of else None
        heapq.heappush(kept, _Kept(score=score, minus_frame=-frame_index, thumbnail=thumbnail, crop=wanted))
        if len(kept) > THUMBNAILS_A_TRACK:
            heapq.heappop(kept)

    def thumbnails(self) -> tuple[Thumbnail, ...]:
        """The pictures, by track, the highest score first."""
        tracks = sorted(self._by_track.values(), key=lambda kept: -max(kept).score)[:MAX_TRACKS]
        best_first = [self._finished(one) for kept in tracks for one in sorted(kept, reverse=True)]
        return tuple(sorted(best_first, key=lambda thumbnail: thumbnail.track_id))

    def _finished(self, kept: _Kept) -> Thumbnail:
        if self._activation_of is None or kept.crop is None:
            return kept.thumbnail
        [activation] = self._activation_of.activation_maps(kept.crop[None])
        return replace(kept.thumbnail, activation_webp=_webp(_lit(kept.crop, activation)))


def portrait(image: Image, face: Face) -> Image:
    """A face with a little around it, for people to look at: (192, 192, 3), uint8, RGB."""
    return crop_face(image, face, _FRAMING)


def _lit(crop: Image, activation: NDArray[np.float32]) -> Image:
    """The face, from violet where the network did not look to yellow where it looked most."""
    size_px = _FRAMING.size_px
    face = cv2.resize(crop, (size_px, size_px), interpolation=cv2.INTER_AREA)
    weight = cv2.resize(activation, (size_px, size_px), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    grey = cv2.cvtColor(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    colours = cv2.applyColorMap((255 * weight).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    lit = 0.55 * grey + 0.45 * cv2.cvtColor(colours, cv2.COLOR_BGR2RGB)
    return np.asarray(lit.round(), np.uint8)


def _webp(image: Image) -> bytes:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    encoded, data = cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, _WEBP_QUALITY])
    if not encoded:
        raise RuntimeError("OpenCV could not encode a thumbnail as WebP.")
    return bytes(data.tobytes())
