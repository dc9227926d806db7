"""What is known of a video before its frames are decoded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.model import MediaInfo


@dataclass(frozen=True, kw_only=True)
class VideoIndex:
    """What is in a video, and the time of each of its frames."""

    container: str
    video_codec: str
    width_px: int
    """Of the upright picture, like `height_px`."""
    height_px: int
    rotation_deg: int
    has_audio: bool
    times_s: NDArray[np.float64]
    """Shape (frame_count,): presentation times in seconds from the first frame, ascending."""

    def info(self, *, sha256: str, size_bytes: int) -> MediaInfo:
        """The same for the report, with what identifies the file."""
        frame_s = float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else 0.0
        return MediaInfo(
            sha256=sha256,
            size_bytes=size_bytes,
            container=self.container,
            video_codec=self.video_codec,
            width_px=self.width_px,
            height_px=self.height_px,
            rotation_deg=self.rotation_deg,
            duration_s=float(self.times_s[-1]) + frame_s,
            frame_count=len(self.times_s),
            has_audio=self.has_audio,
        )
