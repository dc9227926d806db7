"""Reading what is in a file, and refusing what is not a whole video: by the sandbox, and in this process."""

import hashlib
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image as Picture

from deeptrace_core.errors import InputError, MediaTooLargeError, UnreadableMediaError
from deeptrace_core.model import AnalysisOptions
from tests.clips import MEDIA, face_frame, face_video, needs_media, plain_frame, write_video
from tests.media.in_process import InProcess, ignore
from worker.media.interface import MediaReader, OpenVideo
from worker.media.sampling import choose_frames
from worker.sandbox import Sandbox

OPTIONS = AnalysisOptions(detector="any")

Open = Callable[[Path], OpenVideo]


@pytest.fixture(params=[InProcess(), Sandbox()], ids=["in-process", "sandbox"])
def open_video(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens videos, which stay open until the test ends."""
    reader: MediaReader = request.param
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(reader.open(path, on_wait=ignore))


def test_a_video_is_described_by_what_is_in_it(tmp_path: Path, open_video: Open) -> None:
    """Size, frames, duration and hash are those of the file."""
    path = face_video(tmp_path / "face.mp4", frames=50)
    info = open_video(path).info
    assert (info.width_px, info.height_px, info.frame_count) == (320, 240, 50)
    assert info.duration_s == pytest.approx(2.0)
    assert info.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert not info.has_audio


def test_times_are_those_of_the_stamps_not_of_the_frame_rate(tmp_path: Path, open_video: Open) -> None:
    """A variable frame rate, with a pause of a second, is kept."""
    wanted_ms = [0, 40, 80, 1080, 1100, 1500]
    path = write_video(
        tmp_path / "vfr.mkv", (plain_frame(40 * n) for n in range(6)), times_ms=lambda n: wanted_ms[n]
    )
    video = open_video(path)
    assert np.round(video.times_s * 1000).tolist() == wanted_ms
    read = list(video.frames(np.arange(6)))
    assert [round(float(frame.image.mean()) / 40) for frame in read] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("stored_clockwise_deg", "matrix"),
    [
        (90, (0, 1, -1, 0)),
        (180, (-1, 0, 0, -1)),
        (270, (0, -1, 1, 0)),
    ],
)
def test_a_turned_video_is_read_upright(
    tmp_path: Path, stored_clockwise_deg: int, matrix: tuple[int, int, int, int], open_video: Open
) -> None:
    """A phone stores a turned picture and says so in the header; the pixels that we get are upright."""
    upright = face_frame()
    stored = np.ascontiguousarray(np.rot90(upright, stored_clockwise_deg // 90))
    path = write_video(tmp_path / "turned.mp4", [stored] * 5)
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 20 + 16  # version and flags, times to duration, layer to reserved
    a, b, c, d = (value << 16 for value in matrix)
    data[at : at + 20] = struct.pack(">5i", a, b, 0, c, d)
    path.write_bytes(data)
    video = open_video(path)
    [frame] = video.frames(np.array([0]))
    assert video.info.rotation_deg == stored_clockwise_deg
    assert frame.image.shape == upright.shape == (video.info.height_px, video.info.width_px, 3)
    assert np.abs(frame.image.astype(int) - upright).mean() < 10


def test_a_few_frames_are_all_looked_at(tmp_path: Path, open_video: Open) -> None:
    """Fewer frames than asked for: each once."""
    video = open_video(face_video(tmp_path / "short.mp4", frames=7))
    assert choose_frames(video.times_s, OPTIONS).tolist() == list(range(7))


def test_a_short_clip_gives_32_frames_evenly_spaced() -> None:
    """The protocol of the field: 32 frames from the first to the last."""
    chosen = choose_frames(np.arange(300) / 25, OPTIONS)
    assert len(chosen) == 32
    assert (chosen[0], chosen[-1]) == (0, 299)
    assert set(np.diff(chosen)) <= {9, 10}


def test_a_long_video_is_looked_at_once_a_second_up_to_the_limit() -> None:
    """Ten minutes give 600 frames; ten hours no more than the limit, still spread over all of it."""
    assert len(choose_frames(np.arange(15_000) / 25, OPTIONS)) == 600
    chosen = choose_frames(np.arange(900_000) / 25, OPTIONS)
    assert len(chosen) == OPTIONS.max_frames
    assert chosen[-1] == 899_999


def test_sampling_follows_time_where_frames_are_uneven() -> None:
    """Half of the frames in the first second of ten do not get half of the samples."""
    times_s = np.concatenate([np.linspace(0, 1, 100), np.linspace(1.1, 10, 100)])
    chosen = choose_frames(times_s, OPTIONS)
    assert (times_s[chosen] <= 1.05).sum() <= 5


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("This is not a video.\n" * 100)


def noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(100_000))


def cut(path: Path) -> None:
    face_video(path)
    os.truncate(path, path.stat().st_size // 2)


def playlist(path: Path) -> None:
    """A playlist that would make FFmpeg open other files."""
    inner = path.with_suffix(".ts")
    face_video(inner)
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{inner.as_uri()}\n#EXT-X-ENDLIST\n")


def neither(path: Path) -> None:
    """A stream of data, and neither picture nor sound."""
    with av.open(str(path), "w") as container:
        packet = av.Packet(b"Where it was recorded")
        packet.stream, packet.pts, packet.dts = container.add_data_stream("bin_data"), 0, 0
        container.mux(packet)


@pytest.mark.parametrize("spoil", [empty, text, noise, cut, playlist, neither])
def test_what_is_no_whole_video_is_refused_with_a_reason(tmp_path: Path, spoil, open_video: Open) -> None:  # type: ignore[no-untyped-def]
    """Empty, text, noise, cut short, a playlist, data alone: one clear sentence, no report."""
    path = tmp_path / "spoiled.mp4"
    spoil(path)
    with pytest.raises(UnreadableMediaError) as raised:
        open_video(path)
    assert raised.value.what.endswith(".")
    assert raised.value.advice


def test_a_file_cut_short_behind_its_header_is_told_by_its_length(tmp_path: Path, open_video: Open) -> None:
    """Matroska can be read up to the cut; the stated length gives it away."""
    path = write_video(tmp_path / "cut.mkv", (face_frame(n) for n in range(100)))
    os.truncate(path, path.stat().st_size * 6 // 10)
    with pytest.raises(UnreadableMediaError, match="cut short: it should last 4"):
        open_video(path)


def test_bytes_overwritten_in_the_middle_end_the_reading(tmp_path: Path, open_video: Open) -> None:
    """A decoder that hides damage would give invented pixels to the detector."""
    path = face_video(tmp_path / "damaged.mp4", frames=100)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = np.random.default_rng(1).bytes(2000)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"could not be decoded|damaged"):
        list((video := open_video(path)).frames(np.arange(video.info.frame_count)))


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path, open_video: Open) -> None:
    """81 million pixels, where 50 million are allowed."""
    path = tmp_path / "huge.png"
    Picture.new("1", (9_000, 9_000)).save(path)
    with pytest.raises(MediaTooLargeError, match="9000 x 9000"):
        open_video(path)


def test_a_still_picture_is_a_video_of_one_frame(tmp_path: Path, open_video: Open) -> None:
    """It can be read; that one frame supports no verdict is decided later."""
    path = tmp_path / "still.png"
    Picture.fromarray(face_frame()).save(path)
    assert open_video(path).info.frame_count == 1


def test_a_frame_rate_of_zero_in_the_header_does_no_harm(tmp_path: Path, open_video: Open) -> None:
    """Headers are not trusted: AVI's rate and scale set to 0."""
    path = write_video(tmp_path / "zero.avi", (plain_frame(n) for n in range(10)), codec="mpeg4")
    data = bytearray(path.read_bytes())
    header = data.index(b"strh") + 8
    data[header + 20 : header + 28] = bytes(8)  # dwScale, dwRate
    path.write_bytes(data)
    video = open_video(path)
    assert video.info.frame_count == 10
    assert len(list(video.frames(np.arange(10)))) == 10


REAL = sorted(path for path in MEDIA.glob("*/*") if path.suffix in {".mp4", ".avi"})


@needs_media
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_clips_are_read_to_the_end(path: Path, open_video: Open) -> None:
    """The strict decoder accepts real files, and every frame that the index names comes out."""
    video = open_video(path)
    last = video.info.frame_count - 1
    frames = list(video.frames(np.array([0, last])))
    assert [frame.index for frame in frames] == [0, last]
