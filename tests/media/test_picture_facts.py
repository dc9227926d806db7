"""What a picture says of itself, and who signed it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from deeptrace_core.provenance import ContainerFacts, Credentials, CredentialsState, HintKind, NotRead
from tests.clips import face_frame
from tests.media.in_process import ignore
from tests.media.signing import Authority
from worker.media.limits import Limits
from worker.media.picture_facts import picture_facts
from worker.media.provenance import ProvenanceReader

FACE = Image.fromarray(face_frame())
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def written() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0131] = "Adobe Photoshop 25.0 (Windows)"
    exif[0x0132] = "2026:05:04 10:00:00"
    exif[0x010F] = "TestCam"
    exif[0x013B] = "Somebody's name"
    exif.get_ifd(0x8769)[0x9003] = "2026:05:03 09:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    return exif


def facts(path: Path, now: datetime = NOW) -> ContainerFacts:
    with path.open("rb") as file:
        return picture_facts(file.fileno(), Limits(), now=now)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_devices_programs_and_times_are_kept(tmp_path: Path, suffix: str) -> None:
    """What may tell about people or places is named, and its value stays in the file."""
    FACE.save(path := tmp_path / f"a.{suffix}", exif=written())
    found = facts(path)
    kept = {tag.name: tag.value for tag in found.tags}
    assert kept["Software"] == "Adobe Photoshop 25.0 (Windows)"
    assert (kept["DateTime"], kept["Make"]) == ("2026:05:04 10:00:00", "TestCam")
    assert kept["DateTimeOriginal"] == "2026:05:03 09:00:00"
    assert {"Artist", "GPSInfo"} <= set(found.other_tags)
    assert "Somebody" not in repr(found)
    assert [hint.kind for hint in found.hints] == [HintKind.EDITOR]
    assert (found.streams[0].kind, found.streams[0].profile) == ("picture", "RGB")


def test_texts_of_png_files_and_xmp_are_read(tmp_path: Path) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Software", "GIMP 3.0")
    texts.add_text("Comment", "a word to a friend")
    texts.add_itxt("XML:com.adobe.xmp", '<x xmp:CreatorTool="Snapseed 2.0"/>')
    FACE.save(path := tmp_path / "a.png", pnginfo=texts)
    found = facts(path)
    assert {(tag.place, tag.value) for tag in found.tags} == {("text", "GIMP 3.0"), ("XMP", "Snapseed 2.0")}
    assert "Comment" in found.other_tags
    assert "friend" not in repr(found)


def test_a_clock_ahead_of_its_time_is_seen(tmp_path: Path) -> None:
    """Cameras write days with colons."""
    FACE.save(path := tmp_path / "a.jpg", exif=written())
    hints = facts(path, datetime(2026, 5, 1, tzinfo=UTC)).hints
    assert HintKind.CLOCK in [hint.kind for hint in hints]


def test_a_picture_with_nothing_written_in_it(tmp_path: Path) -> None:
    FACE.save(path := tmp_path / "a.bmp")
    found = facts(path)
    assert (found.tags, found.other_tags, found.hints) == ((), (), ())


@pytest.mark.parametrize(("suffix", "options"), [("jpg", {}), ("png", {}), ("webp", {"lossless": True})])
def test_content_credentials_of_pictures_are_read(
    tmp_path: Path, suffix: str, options: dict[str, Any]
) -> None:
    """In the confined process: trusted as they were signed, and broken once a pixel is another."""
    authority = Authority()
    FACE.save(source := tmp_path / f"a.{suffix}", **options)
    signed = authority.sign(source, tmp_path / f"signed.{suffix}")
    reader = ProvenanceReader(authority.anchors(tmp_path / "anchors.pem"))
    found = reader.read(signed, on_wait=ignore)
    assert isinstance(found.credentials, Credentials)
    assert found.credentials.state is CredentialsState.TRUSTED
    assert isinstance(found.container, ContainerFacts)
    data = bytearray(signed.read_bytes())
    data[-3 if suffix == "webp" else len(data) - 40] ^= 1
    signed.write_bytes(data)
    changed = reader.read(signed, on_wait=ignore).credentials
    assert isinstance(changed, NotRead) or changed.state is CredentialsState.BROKEN
