"""What stands in a container, counted or copied, and what its traces may mean."""

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import pytest

from deeptrace_core.errors import UnreadableMediaError
from deeptrace_core.provenance import ContainerFacts, FrameTiming, HintKind, Tag
from tests.clips import MEDIA, face_frame, face_video, needs_media, plain_frame, write_video
from tests.media.in_process import ignore
from worker.media.container_facts import container_facts
from worker.media.hints import hints_of
from worker.media.limits import Limits

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def facts(path: Path) -> ContainerFacts:
    with path.open("rb") as file:
        return container_facts(file.fileno(), Limits(), on_packet=ignore, now=NOW)


def kinds(*tags: tuple[str, str], first_packet: bytes = b"", hidden_frames: int = 0) -> list[HintKind]:
    made = [Tag(place="file", name=name, value=value) for name, value in tags]
    return [hint.kind for hint in hints_of(made, first_packet, hidden_frames, now=NOW)]


def tagged(path: Path, tags: dict[str, str], *, handler: str = "", streams: int = 1) -> Path:
    """An MP4 with these tags in its head."""
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata.update(tags)
        for _ in range(streams):
            stream = container.add_stream("mpeg4", rate=25)
            stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
            if handler:
                stream.metadata["handler_name"] = handler
        for number in range(10):
            for stream in container.streams.video:
                frame = av.VideoFrame.from_ndarray(plain_frame(number * 9), format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 25)
                container.mux(stream.encode(frame))
        for stream in container.streams.video:
            container.mux(stream.encode(None))
    return path


def test_what_a_made_file_holds(tmp_path: Path) -> None:
    """Brands, one stream with its rate in bits, even frames, the program that wrote it."""
    path = face_video(tmp_path / "a.mp4", frames=50)
    found = facts(path)
    assert found.brands == "isom, iso2, avc1, mp41"
    (stream,) = found.streams
    assert (stream.kind, stream.codec) == ("video", "h264")
    assert stream.bits_per_s == pytest.approx(8 * path.stat().st_size / 2, rel=0.1)
    assert (found.frame_timing, found.frames_per_s) == (FrameTiming.CONSTANT, 25.0)
    assert found.key_frames >= 1
    assert [hint.kind for hint in found.hints] == [HintKind.RE_ENCODED, HintKind.REMUXED]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
def test_a_constant_rate_is_constant_in_every_container(tmp_path: Path, name: str) -> None:
    """Also where times are rounded to milliseconds: 30 a second are 33 or 34 ms apart."""
    path = write_video(tmp_path / name, [plain_frame()] * 12, rate_hz=30, codec="mpeg4")
    found = facts(path)
    assert found.frame_timing is FrameTiming.CONSTANT
    assert found.frames_per_s == pytest.approx(30, rel=0.02)


def test_frames_that_come_unevenly_are_variable(tmp_path: Path) -> None:
    video = write_video(
        tmp_path / "a.mkv", [plain_frame(n) for n in range(12)], times_ms=lambda n: 40 * n + 20 * (n % 3)
    )
    assert facts(video).frame_timing is FrameTiming.VARIABLE


def test_two_frames_tell_no_rate(tmp_path: Path) -> None:
    found = facts(write_video(tmp_path / "a.mp4", [plain_frame()] * 2))
    assert (found.frame_timing, found.frames_per_s) == (FrameTiming.UNKNOWN, None)


def test_key_frames_are_measured(tmp_path: Path) -> None:
    """mpeg4 sets one every twelve frames."""
    found = facts(write_video(tmp_path / "a.mp4", [face_frame(n) for n in range(30)], codec="mpeg4"))
    assert (found.key_frames, found.key_frame_median_s, found.key_frame_longest_s) == (3, 0.48, 0.48)


def test_tags_about_people_are_named_and_not_kept(tmp_path: Path) -> None:
    """The report is handed on; where somebody lives and what they wrote is not in it."""
    path = tagged(
        tmp_path / "a.mp4",
        {
            "com.apple.quicktime.model": "iPhone 15 Pro",
            "com.apple.quicktime.location.ISO6709": "+41.6237-075.0416/",
            "comment": "For Anna",
        },
    )
    found = facts(path)
    assert ("com.apple.quicktime.model", "iPhone 15 Pro") in [(tag.name, tag.value) for tag in found.tags]
    assert set(found.other_tags) == {"com.apple.quicktime.location.ISO6709", "comment"}
    assert "Anna" not in repr(found)
    assert "41.6" not in repr(found)


def test_a_file_with_two_video_streams_says_so(tmp_path: Path) -> None:
    """Times and key frames are those of the first, which is the one that is analyzed."""
    found = facts(tagged(tmp_path / "a.mp4", {}, streams=2))
    assert [stream.kind for stream in found.streams] == ["video", "video"]
    assert found.frames_per_s == 25.0


def test_many_streams_are_counted(tmp_path: Path) -> None:
    found = facts(tagged(tmp_path / "a.mp4", {}, streams=18))
    assert (len(found.streams), found.more_streams) == (16, 2)


def test_a_clock_in_the_future_is_a_hint(tmp_path: Path) -> None:
    found = facts(tagged(tmp_path / "a.mp4", {"creation_time": "2031-01-01T00:00:00Z"}))
    assert HintKind.CLOCK in [hint.kind for hint in found.hints]


def test_frames_that_an_edit_list_hides_are_counted(tmp_path: Path) -> None:
    """A cut without encoding anew starts before its first picture: at the key frame that it needs."""
    source = write_video(tmp_path / "whole.mp4", [face_frame(n) for n in range(48)], codec="mpeg4")
    cut = tmp_path / "cut.mp4"
    with av.open(str(source)) as whole, av.open(str(cut), "w") as container:
        stream = container.add_stream_from_template(whole.streams.video[0])
        for packet in whole.demux(whole.streams.video[0]):
            if packet.size:
                packet.pts -= 5 * packet.duration
                packet.dts -= 5 * packet.duration
                packet.stream = stream
                container.mux(packet)
    found = facts(cut)
    assert found.hidden_frames == 5
    assert HintKind.CUT in [hint.kind for hint in found.hints]


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    whole = face_video(tmp_path / "a.mp4", frames=20)
    whole.write_bytes(whole.read_bytes()[:3000])
    with pytest.raises(UnreadableMediaError):
        facts(whole)


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        (("handler_name", "Twitter-vork muxer"), HintKind.PLATFORM),
        (("handler_name", "ISO Media file produced by Google Inc."), HintKind.PLATFORM),
        (("encoder", "Adobe Premiere Pro 2026.1 (Windows)"), HintKind.EDITOR),
        (("software", "DaVinci Resolve"), HintKind.EDITOR),
        (("encoder", "Lavc61.19.100 libx264"), HintKind.RE_ENCODED),
        (("encoder", "HandBrake 1.9.0 2026010100"), HintKind.RE_ENCODED),
        (("encoder", "Lavf62.12.102"), HintKind.REMUXED),
        (("creation_time", "2026-11-23T00:00:00.000000Z"), HintKind.CLOCK),
        (("com.apple.quicktime.creationdate", "2027-01-01T10:00:00+0900"), HintKind.CLOCK),
    ],
)
def test_each_trace_is_a_hint_of_its_kind(tag: tuple[str, str], kind: HintKind) -> None:
    assert kind in kinds(tag)


@pytest.mark.parametrize(
    "tag",
    [
        ("com.apple.quicktime.software", "17.4.1"),
        ("handler_name", "Core Media Video"),
        ("creation_time", "2026-11-22T02:00:00.000000Z"),  # local time, written as if it were UTC
        ("creation_time", "yesterday"),
        ("date", "2026"),
    ],
)
def test_what_cameras_write_is_no_hint(tag: tuple[str, str]) -> None:
    assert kinds(tag) == []


def test_the_first_picture_may_name_its_encoder() -> None:
    """x264 and x265 write their names into it unless told not to."""
    assert kinds(first_packet=b"....x265 (build 199) - 4.1") == [HintKind.RE_ENCODED]
    assert kinds(first_packet=b"x264 or so") == []


@needs_media
def test_a_real_clip_says_what_it_was_made_with() -> None:
    found = facts(MEDIA / "many_faces" / "film.mp4")
    assert [stream.kind for stream in found.streams] == ["video", "audio"]
    assert {hint.kind for hint in found.hints} == {HintKind.RE_ENCODED, HintKind.REMUXED}
