"""Still pictures, read in the sandbox: upright, in 8 bits of sRGB, whole or not at all."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from deeptrace_core.errors import InputError, MediaTooLargeError, UnreadableMediaError
from deeptrace_core.model import MediaInfo, MediaKind
from tests.clips import face_frame, face_video
from tests.media.in_process import ignore
from worker.media.picture import PLUGINS, TURNS
from worker.sandbox import Sandbox

FACE = Image.fromarray(face_frame())
SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "BMP": "bmp", "TIFF": "tif"}


def saved(path: Path, picture: Image.Image = FACE, **options: Any) -> Path:
    picture.save(path, **options)
    return path


def read(path: Path) -> tuple[MediaInfo, NDArray[np.uint8]]:
    with Sandbox().open(path, on_wait=ignore) as opened:
        [frame] = opened.frames(np.array([0]))
        assert frame.time_s == 0
        return opened.info, frame.image


def apart(image: NDArray[np.uint8], wanted: Image.Image | NDArray[np.uint8]) -> float:
    """The mean difference in grey levels."""
    return float(np.abs(image.astype(int) - np.asarray(wanted)).mean())


@pytest.mark.parametrize("name", PLUGINS)
def test_every_format_is_a_picture_with_one_frame(tmp_path: Path, name: str) -> None:
    """Its bytes decide, under a name that says something else."""
    path = saved(tmp_path / "a.mp4", format=name, **({"quality": 95} if name in ("JPEG", "WEBP") else {}))
    info, image = read(path)
    assert (info.kind, info.container, info.video_codec) == (MediaKind.PICTURE, name, "")
    assert (info.width_px, info.height_px, info.frame_count, info.duration_s) == (320, 240, 1, 0)
    assert not info.has_audio
    assert apart(image, FACE) < (4 if name in ("JPEG", "WEBP") else 1e-9)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"])
def test_a_tiff_file_may_be_packed(tmp_path: Path, compression: str | None) -> None:
    """By libtiff, which reads the file on its own."""
    _, image = read(saved(tmp_path / "a.tif", compression=compression))
    assert apart(image, FACE) < 4


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_turned_picture_is_read_upright(tmp_path: Path, name: str, orientation: int) -> None:
    """All orientations that EXIF knows, the mirrored ones too."""
    undo = {
        Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270,
        Image.Transpose.ROTATE_270: Image.Transpose.ROTATE_90,
    }
    turn, rotation_deg = TURNS.get(orientation, (None, 0))
    stored = FACE if turn is None else FACE.transpose(undo.get(turn, turn))
    exif = Image.Exif()
    exif[0x0112] = orientation
    lossless = {"lossless": True} if name == "WEBP" else {"quality": 95} if name == "JPEG" else {}
    info, image = read(saved(tmp_path / "a", stored, format=name, exif=exif, **lossless))
    assert (info.width_px, info.height_px, info.rotation_deg) == (320, 240, rotation_deg)
    assert image.shape == (240, 320, 3)
    assert apart(image, FACE) < 4


def grey_16(picture: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)


@pytest.mark.parametrize(
    ("name", "stored", "wanted", "most"),
    [
        ("JPEG", FACE.convert("L"), FACE.convert("L"), 4),
        ("JPEG", FACE.convert("CMYK"), FACE, 4),
        ("TIFF", FACE.convert("CMYK"), FACE, 2),
        ("PNG", FACE.convert("P", palette=Image.Palette.ADAPTIVE), FACE, 12),
        ("PNG", FACE.convert("1"), FACE.convert("1").convert("L"), 1e-9),
        ("PNG", grey_16(FACE), FACE.convert("L"), 1e-9),
        ("TIFF", grey_16(FACE), FACE.convert("L"), 1e-9),
        ("PNG", FACE.convert("LA"), FACE.convert("L"), 1e-9),
    ],
)
def test_other_kinds_of_colours_become_rgb(
    tmp_path: Path, name: str, stored: Image.Image, wanted: Image.Image, most: float
) -> None:
    """Grey, CMYK, palettes, two colours and 16 bits."""
    _, image = read(saved(tmp_path / "a", stored, format=name))
    assert apart(image, wanted.convert("RGB")) < most


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    """And what is half transparent lies between."""
    picture = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 128), (32, 0, 64, 64))
    _, image = read(saved(tmp_path / "a.png", picture))
    assert image[0, 0].tolist() == [255, 255, 255]
    assert image[0, 60].tolist() == pytest.approx([127] * 3, abs=1)


def test_sixteen_bits_a_colour_keep_the_upper_eight(tmp_path: Path) -> None:
    """Pillow writes no such PNG file, so this is made by hand."""
    rows = b"".join(b"\0" + struct.pack(">HHH", 0x12FF, 0x8000, 0xFEFF) * 8 for _ in range(8))
    path = tmp_path / "a.png"
    path.write_bytes(png((8, 8, 16, 2, 0, 0, 0), zlib.compress(rows)))
    _, image = read(path)
    assert image[3, 3].tolist() == [0x12, 0x80, 0xFE]


def test_colours_are_those_that_the_profile_means(tmp_path: Path) -> None:
    """A picture in another colour space is shown as it was meant, and a broken profile does no harm."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # What is called red there looks blue, and the other way round.
    swapped = srgb.replace(b"rXYZ", b"xXYZ").replace(b"bXYZ", b"rXYZ").replace(b"xXYZ", b"bXYZ")
    _, managed = read(saved(tmp_path / "a.png", icc_profile=swapped))
    assert apart(managed, np.asarray(FACE)[..., ::-1]) < 4
    for name, profile in (("b.png", srgb), ("c.png", b"no profile")):
        _, same = read(saved(tmp_path / name, icc_profile=profile))
        assert apart(same, FACE) < 1


@pytest.mark.parametrize("name", PLUGINS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.97])
def test_a_truncated_picture_is_refused(tmp_path: Path, name: str, share: float) -> None:
    """Never half decoded, wherever it ends."""
    path = saved(tmp_path / "a", format=name)
    data = path.read_bytes()
    path.write_bytes(data[: round(share * len(data))])
    with pytest.raises(UnreadableMediaError) as raised:
        read(path)
    assert raised.value.advice


def test_a_jpeg_file_without_its_last_bytes_is_refused(tmp_path: Path) -> None:
    """The decoder of the web would fill the rest with grey."""
    path = saved(tmp_path / "a.jpg")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UnreadableMediaError, match="cut short"):
        read(path)


@pytest.mark.parametrize("name", ["PNG", "TIFF", "BMP", "WEBP", "JPEG"])
def test_a_huge_picture_is_refused_by_its_header(tmp_path: Path, name: str) -> None:
    """A small file of 81 million pixels, where 50 million are allowed: nothing is decoded."""
    options: dict[str, Any] = {"compression": "tiff_adobe_deflate"} if name == "TIFF" else {}
    path = saved(tmp_path / "a", Image.new("L", (9_000, 9_000)), format=name, **options)
    with pytest.raises(MediaTooLargeError, match=r"9000 x 9000|too large"):
        read(path)


def test_a_size_that_only_the_header_has_is_refused(tmp_path: Path) -> None:
    """100,000 x 100,000 pixels in a hundred bytes."""
    path = tmp_path / "a.png"
    path.write_bytes(png((100_000, 100_000, 8, 2, 0, 0, 0), zlib.compress(b"\0" * 1000)))
    with pytest.raises(MediaTooLargeError, match="100000 x 100000"):
        read(path)


def test_a_text_that_unpacks_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    """A bomb beside the pixels."""
    bomb = b"a\0\0" + zlib.compress(bytes(200_000_000))
    path = tmp_path / "a.png"
    path.write_bytes(png((8, 8, 8, 2, 0, 0, 0), zlib.compress(b"\0" * 200), (b"zTXt", bomb)))
    with pytest.raises(InputError):
        read(path)


@pytest.mark.parametrize(
    ("name", "said"), [("WEBP", "animated"), ("PNG", "animated"), ("TIFF", "3 pictures")]
)
def test_several_pictures_are_not_represented_by_the_first(tmp_path: Path, name: str, said: str) -> None:
    """An animation or a document with pages is refused in plain words."""
    others = [Image.new("RGB", FACE.size, shade) for shade in ("red", "blue")]
    path = saved(tmp_path / "a", format=name, save_all=True, append_images=others)
    with pytest.raises(UnreadableMediaError, match=said) as raised:
        read(path)
    assert "keep the original" in raised.value.advice


def test_previews_behind_a_jpeg_picture_are_counted(tmp_path: Path) -> None:
    """Phones store maps of depth and brightness there; the first picture is what programs show."""
    path = saved(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[FACE.resize((40, 30))])
    info, image = read(path)
    assert (info.kind, info.more_pictures) == (MediaKind.PICTURE, 1)
    assert apart(image, FACE) < 6


@pytest.mark.parametrize(("brand", "name"), [(b"heic", "HEIC"), (b"mif1", "HEIC"), (b"avif", "AVIF")])
def test_heif_is_refused_with_what_to_do(tmp_path: Path, brand: bytes, name: str) -> None:
    """In the worker too: a command line has no upload that would have refused it before."""
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\0\0\0\x18ftyp" + brand + bytes(600))
    with pytest.raises(UnreadableMediaError, match=name) as raised:
        read(path)
    assert raised.value.advice.startswith("Save it as JPEG or PNG")


def test_a_video_named_png_is_a_video(tmp_path: Path) -> None:
    """Bytes decide."""
    path = face_video(tmp_path / "a.mp4", frames=10).rename(tmp_path / "a.png")
    with Sandbox().open(path, on_wait=ignore) as opened:
        assert (opened.info.kind, opened.info.frame_count) == (MediaKind.VIDEO, 10)


@pytest.mark.parametrize(("frames", "kind"), [(1, MediaKind.PICTURE), (5, MediaKind.VIDEO)])
def test_a_gif_file_is_a_video_if_it_moves(tmp_path: Path, frames: int, kind: MediaKind) -> None:
    others = [Image.new("RGB", FACE.size, (40 * n, 0, 0)) for n in range(1, frames)]
    path = saved(tmp_path / "a.gif", save_all=True, append_images=others, duration=100)
    with Sandbox().open(path, on_wait=ignore) as opened:
        assert (opened.info.kind, opened.info.frame_count) == (kind, frames)
        assert opened.info.duration_s == pytest.approx(0.1 * frames if frames > 1 else 0)


def png(header: tuple[int, ...], data: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file with this header (width, height, bits, kind of colours, three zeros)."""
    file = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    file.seek(0, io.SEEK_END)
    for kind, body in [(b"IHDR", struct.pack(">IIBBBBB", *header)), *chunks, (b"IDAT", data), (b"IEND", b"")]:
        file.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
    return file.getvalue()
