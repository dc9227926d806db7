"""A copy of a file that every browser shows or plays: smaller, each frame at its true time.

It is for watching only. Scores and hashes are of the original. The worker encodes it from the pixels that
the decoder's process gives; FFmpeg is imported for that alone, and only once there is something to encode.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from deeptrace_core.errors import EnvironmentFault, UnreadableMediaError
from deeptrace_core.model import MediaKind
from worker.audio.interface import NotHeardError, OpensSound
from worker.media.copy_sound import Blocks, CopySound
from worker.media.interface import MediaReader, VideoFrame

if TYPE_CHECKING:
    import av

log = logging.getLogger(__name__)

LONG_SIDE_PX = 1280
PICTURE_SIDE_PX = 2560
PICTURE_QUALITY = 90
MAX_FRAMES = 18_000
"""Ten minutes at 30 a second. Of a longer video some frames are left out, never one that was examined."""
GOP_FRAMES = 12
"""A key frame every half second: a browser decodes from the last one to the frame it is sent to."""
CLOCK_HZ = 90_000


def write_viewing_copy(
    path: Path,
    out: Path,
    examined: Sequence[int],
    *,
    media: MediaReader,
    sound: OpensSound | None = None,
    on_progress: Callable[[int, int], None],
) -> int:
    """Write an MP4 with H.264, and AAC if there is a sound, and return how many frames are in it.

    Of a picture it is a WebP picture, and of sound alone an MP4 with nothing else.

    Args:
        out: the file to write.
        examined: indices of frames that must be in it.
        sound: reads the sound; a fault in it leaves the copy without. None makes a silent copy.
        on_progress: called with frames done and frames in all, about once a second and more often; what it
            raises ends the writing.

    Raises:
        InputError: the file cannot be read.
        EnvironmentFault: FFmpeg cannot write H.264 here, or not to this place.
    """
    import av

    done, total = 0, 0
    with ExitStack() as opened:
        video = opened.enter_context(media.open(path, on_wait=lambda: on_progress(done, total)))
        chosen = chosen_frames(len(video.times_s), examined)
        total = len(chosen)
        if video.info.kind is MediaKind.PICTURE:
            [frame] = video.frames(chosen)
            _write_picture(frame, out)
            return total
        try:
            with av.open(str(out), "w", format="mp4", options={"movflags": "+faststart"}) as container:
                blocks = sound and _blocks_of(sound, path, opened)
                heard = CopySound(container, blocks, video.info.duration_s) if blocks else None
                if heard is None and not total:
                    raise UnreadableMediaError("There is no sound in it that can be decoded.")
                writer = _Writer(container)
                for done, frame in enumerate(video.frames(chosen), start=1):
                    # The pictures first: no stream may be added once anything is written.
                    writer.add(frame)
                    if heard is not None:
                        heard.write_up_to(frame.time_s)
                    on_progress(done, total)
                writer.finish()
                if heard is not None:
                    heard.finish()
        except av.FFmpegError as error:
            raise EnvironmentFault("The copy to watch could not be written.", advice=f"{error}.") from error
    return total


def _write_picture(frame: VideoFrame, out: Path) -> None:
    """Large enough to look at a face, and without what the file says of itself."""
    picture = Image.fromarray(frame.image)
    picture.thumbnail((PICTURE_SIDE_PX, PICTURE_SIDE_PX), Image.Resampling.LANCZOS)
    picture.save(out, "WEBP", quality=PICTURE_QUALITY)


def _blocks_of(sound: OpensSound, path: Path, opened: ExitStack) -> Blocks | None:
    """The sound of the file; None where there is none, since a track with nothing in it can stop a player."""
    try:
        blocks = opened.enter_context(sound.open(path, on_wait=lambda: None)).blocks()
        first = next(blocks, None)
    except NotHeardError:
        return None
    except Exception as error:
        # A fault in the sound must not cost the faces their report.
        log.warning("The copy to watch has no sound.", exc_info=error)
        return None
    return chain([first], blocks) if first is not None else None


def chosen_frames(count: int, examined: Sequence[int]) -> NDArray[np.int64]:
    """Indices of the frames to copy, ascending: all, or evenly spread ones and those that were examined."""
    if count <= MAX_FRAMES:
        return np.arange(count, dtype=np.int64)
    spread = np.linspace(0, count - 1, MAX_FRAMES).astype(np.int64)
    return np.union1d(spread, np.asarray(examined, dtype=np.int64))


class _Writer:
    """Encodes frames as they come; the first one decides the size."""

    def __init__(self, container: "av.container.OutputContainer") -> None:
        self._container = container
        self._stream: av.VideoStream | None = None
        self._last_pts = -1

    def add(self, frame: VideoFrame) -> None:
        """Write a frame at its own time."""
        import av

        height_px, width_px = frame.image.shape[:2]
        if self._stream is None:
            self._stream = self._opened(width_px, height_px)
        picture = av.VideoFrame.from_ndarray(frame.image, format="rgb24").reformat(
            self._stream.width, self._stream.height, "yuv420p"
        )
        # Two frames at one time exist in files; a player must still be able to tell them apart.
        self._last_pts = max(round(frame.time_s * CLOCK_HZ), self._last_pts + 1)
        picture.pts, picture.time_base = self._last_pts, Fraction(1, CLOCK_HZ)
        self._container.mux(self._stream.encode(picture))

    def finish(self) -> None:
        """Write what the encoder still holds."""
        if self._stream is not None:
            self._container.mux(self._stream.encode(None))

    def _opened(self, width_px: int, height_px: int) -> "av.VideoStream":
        shrink = min(1.0, LONG_SIDE_PX / max(width_px, height_px))
        stream = self._container.add_stream("libx264", rate=30)
        # H.264 with colours at half the size wants even sides.
        stream.width = max(2, round(width_px * shrink) // 2 * 2)
        stream.height = max(2, round(height_px * shrink) // 2 * 2)
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, CLOCK_HZ)
        # Without frames that depend on later ones, the first frame is at time 0 in every player.
        stream.options = {"preset": "veryfast", "crf": "24", "g": str(GOP_FRAMES), "bf": "0"}
        return stream
