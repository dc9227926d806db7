"""The whole files that are going to be damaged: small ones, of every container and codec in common use."""

from pathlib import Path

from PIL import Image

from benchmarks.clips import moving_pictures, write_clip, write_gif

REAL = Path(__file__).resolve().parents[3] / "shared" / "media"
"""Real clips, where they are at hand beside the project."""

LARGEST_REAL_BYTES = 300_000
"""A larger one takes seconds to decode, and there are thousands of runs."""

SIZE = (176, 144)
FRAMES = 16


def make_seeds(folder: Path) -> list[Path]:
    """Write them all, always the same."""
    made = [
        _clip(folder, "h264.mp4", "libx264"),
        _clip(folder, "h264-sound.mp4", "libx264", sound=True),
        _clip(folder, "h264-fragments.mp4", "libx264", movflags="frag_keyframe+empty_moov"),
        _clip(folder, "mpeg4.mp4", "mpeg4"),
        _clip(folder, "h264.mov", "libx264", sound=True),
        _clip(folder, "mpeg4.avi", "mpeg4", sound=True),
        _clip(folder, "mjpeg.avi", "mjpeg"),
        _clip(folder, "h264.mkv", "libx264", sound=True),
        _clip(folder, "ffv1.mkv", "ffv1"),
        _clip(folder, "vp8.webm", "libvpx"),
        _clip(folder, "vp9.webm", "libvpx-vp9"),
        _clip(folder, "h264.ts", "libx264"),
        write_gif(folder / "moving.gif", moving_pictures(*SIZE, FRAMES)),
    ]
    for kind in ("png", "jpg", "webp", "tif", "bmp"):
        path = folder / f"still.{kind}"
        Image.fromarray(next(moving_pictures(*SIZE, 1))).save(path)
        made.append(path)
    return made + real_seeds()


def real_seeds() -> list[Path]:
    """The real clips that are small."""
    found = sorted(path for path in REAL.glob("*/*") if path.suffix in {".mp4", ".avi"})
    return [path for path in found if path.stat().st_size <= LARGEST_REAL_BYTES]


def _clip(folder: Path, name: str, codec: str, *, sound: bool = False, **options: str) -> Path:
    pictures = moving_pictures(*SIZE, FRAMES)
    return write_clip(folder / name, pictures, codec=codec, sound=sound, **options)
