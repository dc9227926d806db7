"""The copy that browsers play: every frame, upright, at its true time."""

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from deeptrace_core.audio import AudioReason
from deeptrace_core.errors import UnreadableMediaError
from tests.audio.fakes import FakeSound
from tests.clips import plain_frame, write_video
from tests.sounds import pictures, silence, tone, write_with_sound
from worker.audio.interface import NotHeardError
from worker.audio.windows import RATE_HZ
from worker.media import viewing_copy
from worker.media.audio import SoundReader
from worker.media.viewing_copy import chosen_frames, write_viewing_copy
from worker.sandbox import Sandbox


def copy(path: Path, out: Path, examined: tuple[int, ...] = ()) -> int:
    return write_viewing_copy(path, out, examined, media=Sandbox(), on_progress=lambda done, total: None)


def decoded(path: Path) -> list[tuple[float, float]]:
    """Time in seconds and mean brightness of each frame."""
    with av.open(str(path)) as container:
        return [
            (float(frame.pts * frame.time_base), float(frame.to_ndarray(format="gray").mean()))
            for frame in container.decode(video=0)
            if frame.pts is not None and frame.time_base is not None
        ]


def test_each_frame_is_there_at_its_time(tmp_path: Path) -> None:
    """The n-th picture at the n-th time, so that boxes and scores lie on the face they belong to."""
    levels = [40 + 6 * n for n in range(30)]
    source = write_video(tmp_path / "v.mp4", [plain_frame(level) for level in levels])
    assert copy(source, tmp_path / "copy.mp4") == 30
    with Sandbox().open(source, on_wait=lambda: None) as video:
        times_s = video.times_s.tolist()
    found = decoded(tmp_path / "copy.mp4")
    assert [time_s for time_s, _ in found] == pytest.approx(times_s, abs=1 / 90_000)
    assert [level for _, level in found] == pytest.approx(levels, abs=6)


def test_browsers_play_it(tmp_path: Path) -> None:
    """H.264 with 4:2:0, even sides, no larger than needed, and the index at the front."""
    source = write_video(tmp_path / "v.mkv", [np.full((1081, 1921, 3), 90, np.uint8)] * 3, codec="ffv1")
    copy(source, tmp_path / "copy.mp4")
    with av.open(str(tmp_path / "copy.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (1280, 720)
    data = (tmp_path / "copy.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_long_video_keeps_what_was_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames are left out evenly, but never one that has a score."""
    monkeypatch.setattr(viewing_copy, "MAX_FRAMES", 10)
    chosen = chosen_frames(1_000, [3, 500, 999]).tolist()
    assert {3, 500, 999, 0} <= set(chosen)
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= 13
    assert chosen_frames(10, [3]).tolist() == list(range(10))


def test_damage_gives_no_copy(tmp_path: Path) -> None:
    """Concealed pixels would be shown as if they were in the video."""
    source = write_video(tmp_path / "v.mp4", [plain_frame(100)] * 60)
    data = bytearray(source.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 200] = bytes(200)
    source.write_bytes(bytes(data))
    with pytest.raises(UnreadableMediaError):
        copy(source, tmp_path / "copy.mp4")


def sound_of(path: Path) -> NDArray[np.float32]:
    """All samples of the sound track, from time 0 of the video."""
    with SoundReader().open(path, on_wait=lambda: None) as sound:
        blocks = list(sound.blocks())
    before = np.zeros(max(round(blocks[0][0] * RATE_HZ), 0), np.float32)
    return np.concatenate([before, *(samples for _, samples in blocks)])


def loud_copy(path: Path, out: Path) -> int:
    return write_viewing_copy(
        path, out, (), media=Sandbox(), sound=SoundReader(), on_progress=lambda done, total: None
    )


@pytest.mark.parametrize("starts_s", [0.0, 1.5])
def test_sound_is_heard_when_it_was(tmp_path: Path, starts_s: float) -> None:
    """Within a fiftieth of a second, however late it starts; and no longer than the pictures."""
    made = np.concatenate([silence(1), tone(0.5), silence(5)], axis=1)
    source = write_with_sound(
        tmp_path / "v.mkv", made, images=pictures(4), codec="pcm_s16le", starts_s=starts_s
    )
    assert loud_copy(source, tmp_path / "copy.mp4") == 20
    heard = sound_of(tmp_path / "copy.mp4")
    loud = np.flatnonzero(np.abs(heard) > 0.1) / RATE_HZ
    assert loud[0] == pytest.approx(starts_s + 1, abs=0.02)
    assert loud[-1] == pytest.approx(starts_s + 1.5, abs=0.02)
    assert len(heard) / RATE_HZ == pytest.approx(4, abs=0.1)
    with av.open(str(tmp_path / "copy.mp4")) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
    assert len(decoded(tmp_path / "copy.mp4")) == 20


def test_without_sound_there_is_no_track(tmp_path: Path) -> None:
    """Nor where it is protected, or damaged from its start."""
    source = write_video(tmp_path / "v.mp4", [plain_frame(100)] * 10)
    loud_copy(source, tmp_path / "copy.mp4")
    protected = write_with_sound(tmp_path / "p.mp4", tone(2, 48_000), rate_hz=48_000, images=pictures(2))
    protected.write_bytes(protected.read_bytes().replace(b"mp4a", b"enca"))
    loud_copy(protected, tmp_path / "copy2.mp4")
    for name in ("copy.mp4", "copy2.mp4"):
        with av.open(str(tmp_path / name)) as container:
            assert not container.streams.audio


def test_damage_in_the_sound_leaves_the_pictures(tmp_path: Path) -> None:
    """What was heard before it stays; every frame is there."""

    class Damaged(FakeSound):
        def __init__(self) -> None:
            super().__init__(tone(1)[0], error=NotHeardError(AudioReason.UNDECODABLE, "Damaged."))

    source = write_video(tmp_path / "v.mp4", [plain_frame(100)] * 50)
    out = tmp_path / "copy.mp4"
    write_viewing_copy(source, out, (), media=Sandbox(), sound=Damaged(), on_progress=lambda d, t: None)
    assert len(decoded(out)) == 50
    assert len(sound_of(out)) / RATE_HZ == pytest.approx(1, abs=0.15)
