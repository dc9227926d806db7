"""The sound of a file, decoded in its sandbox: 16 kHz, mono, and a plain reason where it cannot be."""

import os
import signal
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest

from deeptrace_core.audio import AudioNotAssessed, AudioReason
from deeptrace_core.errors import DecoderFailedError, UnreadableMediaError
from tests.audio.fakes import Loudness
from tests.clips import plain_frame, write_video
from tests.media.bad_audio_child import ACTS
from tests.sounds import Sound, pictures, silence, tone, voice, write_with_sound
from worker.audio.interface import NotHeardError
from worker.audio.listener import Listener
from worker.audio.speech import SileroSpeechFinder
from worker.audio.windows import MAX_WINDOWS, RATE_HZ
from worker.media.audio import SoundReader
from worker.media.limits import Limits


def nothing() -> None:
    """Nobody waits."""


def read(path: Path, reader: SoundReader | None = None) -> tuple[np.ndarray, list[float]]:  # type: ignore[type-arg]
    with (reader or SoundReader()).open(path, on_wait=nothing) as sound:
        blocks = list(sound.blocks())
    assert sound.track.rate_hz > 0
    return np.concatenate([samples for _, samples in blocks]), [start_s for start_s, _ in blocks]


def refusal(path: Path) -> AudioReason:
    with pytest.raises(NotHeardError) as error:
        read(path)
    assert error.value.finding.explanation
    assert error.value.finding.advice
    return error.value.finding.reason


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz", "layout", "channels"),
    [
        ("a.mp4", "aac", 16_000, "mono", 1),
        ("a.mp4", "aac", 44_100, "stereo", 2),
        ("a.mkv", "aac", 96_000, "5.1", 6),
        ("a.mkv", "flac", 96_000, "5.1", 6),
        ("a.webm", "libopus", 48_000, "stereo", 2),
        ("a.avi", "libmp3lame", 32_000, "mono", 1),
        ("a.mov", "pcm_s16le", 8_000, "mono", 1),
    ],
)
def test_every_track_becomes_mono_at_16_khz(
    tmp_path: Path, name: str, codec: str, rate_hz: int, layout: str, channels: int
) -> None:
    """As long as it was, with its tone at its pitch, at times that follow each other."""
    made = tone(3, rate_hz, channels, pitch_hz=1000)
    images = [] if name == "a.webm" else pictures(3)
    path = write_with_sound(tmp_path / name, made, rate_hz=rate_hz, layout=layout, codec=codec, images=images)
    samples, times_s = read(path)
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx(3 * RATE_HZ, abs=0.15 * RATE_HZ)
    assert times_s == sorted(times_s)
    assert abs(times_s[0]) < 0.1
    middle = samples[RATE_HZ : 2 * RATE_HZ]
    assert np.abs(np.fft.rfft(middle)).argmax() == 1000
    assert 0.05 < np.abs(middle).max() < 1.2


def test_silence_is_silence(tmp_path: Path) -> None:
    samples, _ = read(write_with_sound(tmp_path / "a.mp4", silence(2, 48_000), rate_hz=48_000))
    assert np.abs(samples).max() < 1e-3


def test_a_long_silence_is_no_speech_and_takes_little_room(tmp_path: Path) -> None:
    """As a surveillance camera with a dead microphone makes: ten minutes of it here."""
    path = write_with_sound(tmp_path / "a.mkv", silence(600), codec="flac")
    reader = SoundReader(Limits(address_space_bytes=2**30))
    audio = Listener(reader, SileroSpeechFinder(), Loudness).listen(path, on_wait=nothing)
    assert isinstance(audio.finding, AudioNotAssessed)
    assert audio.finding.reason is AudioReason.NO_SPEECH
    assert set(audio.scores) == {None}
    assert len(audio.times_s) <= MAX_WINDOWS
    assert audio.times_s[-1] > 590
    assert audio.waveform is not None
    assert set(audio.waveform.low + audio.waveform.high) == {0}
    assert audio.spectrogram is not None
    assert set(b64decode(audio.spectrogram.levels)) == {0}
    assert len(audio.spectrogram.levels) < 60_000


def test_a_track_that_starts_late_has_its_own_times(tmp_path: Path) -> None:
    """Times count from the first frame of the video."""
    path = write_with_sound(tmp_path / "a.mkv", tone(3), images=pictures(6), codec="pcm_s16le", starts_s=2.5)
    _, times_s = read(path)
    assert times_s[0] == pytest.approx(2.5, abs=0.05)


def test_no_sound_track(tmp_path: Path) -> None:
    assert refusal(write_video(tmp_path / "a.mp4", [plain_frame()] * 5)) is AudioReason.NO_AUDIO


@pytest.mark.parametrize("mark", [b"enca", b"drms"])
def test_a_protected_track_is_said_to_be_so(tmp_path: Path, mark: bytes) -> None:
    """As MP4 marks tracks that are encrypted."""
    path = write_with_sound(tmp_path / "a.mp4", tone(2, 48_000), rate_hz=48_000, images=pictures(2))
    data = path.read_bytes()
    assert data.count(b"mp4a") == 1
    path.write_bytes(data.replace(b"mp4a", mark))
    assert refusal(path) is AudioReason.PROTECTED


def test_an_unknown_coding_is_said_to_be_so(tmp_path: Path) -> None:
    path = write_with_sound(tmp_path / "a.mkv", tone(2), images=pictures(2), codec="pcm_s16le")
    data = path.read_bytes()
    assert data.count(b"A_PCM/INT/LIT") == 1
    path.write_bytes(data.replace(b"A_PCM/INT/LIT", b"A_XYZ/ABC/DEF"))
    assert refusal(path) is AudioReason.UNDECODABLE


def test_damage_in_the_middle_is_no_sound(tmp_path: Path) -> None:
    """What could be decoded before it does not pass for the whole."""
    path = write_with_sound(tmp_path / "a.mp4", voice(20, 48_000), rate_hz=48_000)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = os.urandom(2000)
    path.write_bytes(bytes(data))
    assert refusal(path) is AudioReason.UNDECODABLE


@pytest.mark.parametrize("share", [0.001, 0.3, 0.9])
def test_a_truncated_file_is_refused_or_ends_early(tmp_path: Path, share: float) -> None:
    """A WAV or MP4 that was cut never gives more than there is."""
    path = write_with_sound(tmp_path / "a.mp4", tone(10, 48_000), rate_hz=48_000)
    data = path.read_bytes()
    path.write_bytes(data[: round(share * len(data))])
    with pytest.raises((UnreadableMediaError, NotHeardError)):
        read(path)


def test_values_that_are_no_numbers_are_no_sound(tmp_path: Path) -> None:
    sound: Sound = tone(2)
    sound[0, 9000] = np.nan
    path = write_with_sound(tmp_path / "a.mkv", sound, codec="pcm_f32le")
    assert refusal(path) is AudioReason.UNDECODABLE


def test_a_track_may_only_be_so_long(tmp_path: Path) -> None:
    path = write_with_sound(tmp_path / "a.mkv", tone(5), codec="pcm_s16le")
    with pytest.raises(NotHeardError, match="longer than"):
        read(path, SoundReader(Limits(audio_s=2)))


@pytest.mark.parametrize("act", ACTS)
def test_a_child_that_misbehaves_is_a_failure_and_no_sound(tmp_path: Path, act: str) -> None:
    """Whatever it does, the file is not heard."""
    path = tmp_path / "video"
    path.write_text(act)
    with pytest.raises(DecoderFailedError):
        read(path, SoundReader(child="tests.media.bad_audio_child"))


def test_the_child_is_gone_when_the_reading_ends(tmp_path: Path) -> None:
    """Also when nobody wanted all of it."""
    path = write_with_sound(tmp_path / "a.mkv", tone(60), codec="pcm_s16le")
    before = _children()
    with SoundReader().open(path, on_wait=nothing) as sound:
        next(iter(sound.blocks()))
        [child] = _children() - before
    with pytest.raises(ProcessLookupError):
        os.kill(child, signal.SIG_DFL)


def _children() -> set[int]:
    """Of this process; other tests may have left some that are to stay, such as a fork server."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}
