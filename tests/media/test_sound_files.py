"""Sound alone: what it is, that a cover is no video, and which of several videos is looked at."""

import os
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from deeptrace_core.errors import UnreadableMediaError
from deeptrace_core.model import MediaInfo, MediaKind
from tests.clips import face_frame, plain_frame, write_two_videos, write_video
from tests.media.in_process import ignore
from tests.sounds import pictures, tone, write_with_sound
from worker.media.audio import SoundReader
from worker.media.viewing_copy import write_viewing_copy
from worker.sandbox import Sandbox

FORMS = [
    ("a.mp3", "libmp3lame", 44_100),
    ("a.m4a", "aac", 44_100),
    ("a.aac", "aac", 44_100),
    ("a.wav", "pcm_s16le", 16_000),
    ("a.flac", "flac", 44_100),
    ("a.ogg", "libopus", 48_000),
    ("a.opus", "libopus", 48_000),
]


def info(path: Path) -> MediaInfo:
    with Sandbox().open(path, on_wait=ignore) as opened:
        return opened.info


def heard_s(path: Path) -> float:
    with SoundReader().open(path, on_wait=ignore) as sound:
        return sum(len(samples) for _, samples in sound.blocks()) / 16_000


@pytest.mark.parametrize(("name", "codec", "rate_hz"), FORMS)
def test_a_sound_file_has_a_length_and_no_frames(tmp_path: Path, name: str, codec: str, rate_hz: int) -> None:
    """Its bytes decide, under a name that says something else."""
    made = write_with_sound(tmp_path / name, tone(6, rate_hz), rate_hz=rate_hz, codec=codec)
    found = info(made.rename(tmp_path / "a.mp4"))
    assert found.kind is MediaKind.SOUND
    assert (found.width_px, found.height_px, found.frame_count, found.video_codec) == (0, 0, 0, "")
    assert found.has_audio
    assert found.duration_s == pytest.approx(6, abs=0.15)
    assert heard_s(tmp_path / "a.mp4") == pytest.approx(6, abs=0.15)


def with_cover(path: Path, codec: str) -> Path:
    """A sound file with a picture of its cover, as music has it."""
    plain = write_with_sound(path.with_stem("plain"), tone(5, 44_100), rate_hz=44_100, codec=codec)
    jpeg = path.with_suffix(".jpg")
    Image.fromarray(face_frame()).save(jpeg)
    with av.open(str(plain)) as source, av.open(str(path), "w") as target:
        sound = target.add_stream_from_template(source.streams.audio[0])
        cover = target.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 320, 240, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        packet = av.Packet(jpeg.read_bytes())
        packet.stream, packet.pts, packet.dts, packet.is_keyframe = cover, 0, 0, True
        target.mux(packet)
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = sound
                target.mux(packet)
    return path


@pytest.mark.parametrize(("name", "codec"), [("a.mp3", "libmp3lame"), ("a.mp4", "aac")])
def test_a_cover_is_no_video(tmp_path: Path, name: str, codec: str) -> None:
    """It is not looked at: nobody who speaks is to be seen on it."""
    path = with_cover(tmp_path / name, codec)
    with av.open(str(path)) as container:
        assert len(container.streams.video) == 1
    assert info(path).kind is MediaKind.SOUND
    assert heard_s(path) == pytest.approx(5, abs=0.15)


def test_the_first_of_two_videos_is_looked_at_and_the_other_counted(tmp_path: Path) -> None:
    path = write_two_videos(tmp_path / "two.mkv")
    with Sandbox().open(path, on_wait=ignore) as opened:
        assert (opened.info.kind, opened.info.more_pictures) == (MediaKind.VIDEO, 1)
        [frame] = opened.frames(np.array([2]))
        assert frame.image.mean() == pytest.approx(60, abs=5)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 60)


@pytest.mark.parametrize("spoil", [cut, emptied])
@pytest.mark.parametrize(("name", "codec", "rate_hz"), [FORMS[1], FORMS[3], FORMS[4]])
def test_a_sound_file_that_was_cut_short_is_refused(
    tmp_path: Path, name: str, codec: str, rate_hz: int, spoil: Callable[[Path], None]
) -> None:
    """Where the file says how long it should be."""
    path = write_with_sound(tmp_path / name, tone(20, rate_hz), rate_hz=rate_hz, codec=codec)
    spoil(path)
    with pytest.raises(UnreadableMediaError) as raised:
        info(path)
    assert raised.value.advice


def test_the_copy_of_a_sound_file_is_sound_alone(tmp_path: Path) -> None:
    path = write_with_sound(tmp_path / "a.wav", tone(3), codec="pcm_s16le")
    out = tmp_path / "copy"
    frames = write_viewing_copy(
        path, out, (), media=Sandbox(), sound=SoundReader(), on_progress=lambda done, total: None
    )
    assert frames == 0
    with av.open(str(out)) as container:
        assert not container.streams.video
        length_s = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
    assert length_s == pytest.approx(3, abs=0.15)


def test_the_copy_of_a_picture_is_a_picture_that_tells_nothing_else(tmp_path: Path) -> None:
    """Upright, not larger than needed, without what the original says of people."""
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "Somebody's name"
    Image.fromarray(face_frame()).resize((4000, 3000)).save(tmp_path / "a.jpg", exif=exif)
    out = tmp_path / "copy"
    assert write_viewing_copy(tmp_path / "a.jpg", out, (), media=Sandbox(), on_progress=lambda *_: None) == 1
    with Image.open(out) as copy:
        assert (copy.format, copy.size) == ("WEBP", (1920, 2560))
    assert b"Somebody" not in out.read_bytes()


@pytest.mark.parametrize("mark", [b"enca", b"drms"])
def test_a_protected_sound_file_is_a_sound_file_and_has_no_copy(tmp_path: Path, mark: bytes) -> None:
    """It is told by its packets; that it cannot be heard is the finding's to say."""
    path = write_with_sound(tmp_path / "a.m4a", tone(2, 48_000), rate_hz=48_000)
    data = path.read_bytes()
    assert data.count(b"mp4a") == 1
    path.write_bytes(data.replace(b"mp4a", mark))
    assert info(path).kind is MediaKind.SOUND
    with pytest.raises(UnreadableMediaError):
        write_viewing_copy(
            path, tmp_path / "c", (), media=Sandbox(), sound=SoundReader(), on_progress=lambda *_: None
        )


def test_a_video_with_sound_stays_a_video(tmp_path: Path) -> None:
    path = write_with_sound(tmp_path / "a.mp4", tone(2, 48_000), rate_hz=48_000, images=pictures(2))
    assert info(path).kind is MediaKind.VIDEO
    assert info(write_video(tmp_path / "b.mp4", [plain_frame()] * 3)).more_pictures == 0


def test_a_file_with_neither_picture_nor_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        packet = av.Packet(b"Where it was recorded")
        packet.stream, packet.pts, packet.dts = container.add_data_stream("bin_data"), 0, 0
        container.mux(packet)
    with pytest.raises(UnreadableMediaError, match="neither a picture nor a sound"):
        info(path)
