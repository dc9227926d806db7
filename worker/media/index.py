"""What is known of a file before anything in it is decoded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import MediaInfo, MediaKind


@dataclass(frozen=True, kw_only=True)
class VideoIndex:
    """What is in a file, and the time of each of its frames."""

    kind: MediaKind = MediaKind.VIDEO
    container: str
    video_codec: str
    """"" for what is no video."""
    width_px: int
    """Of the upright picture, like `height_px`; 0 where there is none."""
    height_px: int
    rotation_deg: int
    has_audio: bool
    times_s: NDArray[np.float64]
    """Shape (frame_count,): presentation times in seconds from the first frame, ascending."""
    more_pictures: int = 0
    """See `MediaInfo.more_pictures`."""
    sound_s: float = 0.0
    """How long it lasts where there is sound alone."""

    def info(self, *, sha256: str, size_bytes: int) -> MediaInfo:
        """The same for the report, with what identifies the file."""
        duration_s = self.sound_s
        if len(self.times_s) > 1:
            duration_s = float(self.times_s[-1] + np.median(np.diff(self.times_s)))
        return MediaInfo(
            sha256=sha256,
            size_bytes=size_bytes,
            container=self.container,
            video_codec=self.video_codec,
            width_px=self.width_px,
            height_px=self.height_px,
            rotation_deg=self.rotation_deg,
            duration_s=duration_s,
            frame_count=len(self.times_s),
            has_audio=self.has_audio,
            kind=self.kind,
            more_pictures=self.more_pictures,
        )
