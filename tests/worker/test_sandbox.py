"""Reading videos in a child process: the same pixels, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from deeptrace_core.errors import DecoderUnavailableError, MediaTooLargeError
from tests.clips import MEDIA, needs_media, plain_frame, write_video
from tests.media.in_process import InProcess, ignore
from worker.media.limits import Limits
from worker.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]

Children = Callable[[], list[int]]

pytestmark = pytest.mark.usefixtures("nothing_is_left")


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.avi", "mpeg4"),
        ("a.mkv", "ffv1"),
        ("a.webm", "libvpx-vp9"),
        ("a.gif", "gif"),
        ("-i", "libx264"),
        ("concat:a|b.mp4", "libx264"),
        ("http:a:b?c=%s.mp4", "libx264"),
    ],
)
def test_the_same_pixels_come_out_as_without_a_sandbox(tmp_path: Path, name: str, codec: str) -> None:
    """Bit for bit, from every kind of file and under every name."""
    made = tmp_path / f"made{Path(name).suffix or '.mp4'}"
    pictures = [plain_frame(9 * n) for n in range(12)]
    if codec == "gif":
        first, *others = (Picture.fromarray(picture) for picture in pictures)
        first.save(made, save_all=True, append_images=others, duration=40)
    else:
        write_video(made, pictures, codec=codec)
    assert_same(made.rename(tmp_path / name))


@needs_media
@pytest.mark.parametrize("name", ["real/dfo_real.mp4", "noface/car.avi"])
def test_the_same_pixels_come_out_of_real_clips(name: str) -> None:
    """Bit for bit."""
    assert_same(MEDIA / name)


def assert_same(path: Path) -> None:
    with (
        Sandbox().open(path, on_wait=ignore) as sandboxed,
        InProcess().open(path, on_wait=ignore) as plain,
    ):
        assert sandboxed.info == plain.info
        assert sandboxed.times_s.tolist() == plain.times_s.tolist()
        wanted = np.arange(0, len(plain.times_s), 5)
        pairs = list(zip(sandboxed.frames(wanted), plain.frames(wanted), strict=True))
    assert len(pairs) == len(wanted)
    for ours, theirs in pairs:
        assert (ours.index, ours.time_s) == (theirs.index, theirs.time_s)
        assert np.array_equal(ours.image, theirs.image)


def test_a_decoder_sees_nothing_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_children: Children
) -> None:
    """The settings of a worker hold passwords."""
    monkeypatch.setenv("DEEPTRACE_MONGODB_URI", "mongodb://user:password@host/")
    video = write_video(tmp_path / "video.mp4", [plain_frame()] * 5)
    with Sandbox().open(video, on_wait=ignore):
        [pid] = new_children()
        assert b"password" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_a_decoder_killed_from_outside_is_no_fault_of_the_file(
    tmp_path: Path, new_children: Children
) -> None:
    """The kernel short of memory, for one: the job is tried again."""
    video = write_video(tmp_path / "video.mp4", [plain_frame()] * 5)
    with Sandbox().open(video, on_wait=ignore) as opened:
        [pid] = new_children()
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(DecoderUnavailableError, match="killed from outside"):
            list(opened.frames(np.arange(5)))


def test_a_decoder_that_cannot_start_is_no_fault_of_the_file(tmp_path: Path) -> None:
    """A broken installation, for one."""
    video = write_video(tmp_path / "video.mp4", [plain_frame()] * 5)
    with (
        pytest.raises(DecoderUnavailableError, match="could not start"),
        Sandbox(child="worker.media.no_such_module").open(video, on_wait=ignore),
    ):
        pass


def test_a_worker_killed_leaves_no_decoder_behind(tmp_path: Path) -> None:
    """kill -9, in the middle of a video."""
    (tmp_path / "video").write_text("hang")
    program = (
        "import sys; from pathlib import Path; from worker.sandbox import Sandbox\n"
        "def say(): print('waiting', flush=True)\n"
        "Sandbox(child='tests.worker.bad_child').open(Path(sys.argv[1]), on_wait=say).__enter__()\n"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", program, tmp_path / "video"], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert worker.stdout
    worker.stdout.readline()
    worker.stdout.readline()
    [decoder] = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    worker.kill()
    worker.wait()
    worker.stdout.close()
    deadline_s = time.monotonic() + 10
    while Path(f"/proc/{decoder}/exe").exists():
        assert time.monotonic() < deadline_s, "the decoder is still there"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_signals_that_stop_a_worker_do_not_fail_its_video(
    tmp_path: Path, number: signal.Signals, new_children: Children
) -> None:
    """Ctrl-C and service managers reach all processes; the worker hands its job back, undisturbed."""
    video = write_video(tmp_path / "video.mp4", [plain_frame()] * 5)
    with Sandbox().open(video, on_wait=ignore) as opened:
        [pid] = new_children()
        os.kill(pid, number)
        assert len(list(opened.frames(np.arange(5)))) == 5


def test_waiting_can_be_ended(tmp_path: Path) -> None:
    """A cancelled job need not wait for a decoder that hangs."""
    (tmp_path / "video").write_text("hang")
    waited = 0

    def enough() -> None:
        nonlocal waited
        waited += 1
        if waited == 3:
            raise InterruptedError

    started_s = time.monotonic()
    with pytest.raises(InterruptedError):
        Sandbox(child="tests.worker.bad_child").open(tmp_path / "video", on_wait=enough).__enter__()
    assert time.monotonic() - started_s < 10


def test_a_video_longer_than_allowed_is_refused(tmp_path: Path) -> None:
    """The index would not fit into memory."""
    video = write_video(tmp_path / "video.mp4", [plain_frame()] * 20)
    with (
        pytest.raises(MediaTooLargeError, match="too long") as raised,
        Sandbox(Limits(frames=10)).open(video, on_wait=ignore),
    ):
        pass
    assert "Cut out the part that matters" in raised.value.advice


def test_a_long_video_may_take_long() -> None:
    """The CPU time allowed grows with what was done: no fixed limit for two hours of video."""
    limits = Limits()
    two_hours = limits.cpu_s(packets=1_000_000, frames=432_000, picture_px=1920 * 1080)
    assert two_hours > 432_000 * 0.1
    assert limits.cpu_s() == 60


def test_many_videos_in_a_row_leave_nothing(tmp_path: Path) -> None:
    """Opened and read, half read, not read at all; nothing_is_left looks after them."""
    video = write_video(tmp_path / "video.mp4", [plain_frame(n) for n in range(20)])
    for number in range(24):
        with Sandbox().open(video, on_wait=ignore) as opened:
            frames = opened.frames(np.arange(20)) if number % 3 else iter(())
            for _ in range(number % 3 * 10):
                next(frames)


def test_the_worker_itself_holds_no_decoder() -> None:
    """FFmpeg's Python library is imported in the child, and in the worker only to encode pixels."""
    program = "import sys, worker.loop, worker.pipeline, worker.sandbox; sys.exit('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
