"""Listening: what is heard becomes a finding, and no fault becomes a score."""

import tracemalloc
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from deeptrace_core.audio import Audio, AudioAssessed, AudioNotAssessed, AudioReason
from deeptrace_core.audio_finding import EXPERIMENTAL
from deeptrace_core.errors import EnvironmentFault, ModelUnavailableError, StoreUnavailableError
from deeptrace_core.verdict import Verdict
from tests.audio.fakes import INFO, TRACK, FakeSound, FakeSpeech, Loudness
from worker.audio.interface import AudioDetector, NotHeardError
from worker.audio.listener import Listener
from worker.audio.windows import MAX_WINDOWS, RATE_HZ, Samples

FILE = Path("video.mp4")


def loud(level: float, length_s: float = 30) -> Samples:
    return np.full(round(length_s * RATE_HZ), level, np.float32)


def heard(
    sound: FakeSound,
    detector: Callable[[], AudioDetector] = Loudness,
    on_wait: Callable[[], None] = lambda: None,
) -> Audio:
    return Listener(sound, FakeSpeech(), detector).listen(FILE, on_wait=on_wait)


@pytest.mark.parametrize(
    ("level", "verdict"),
    [
        (0.9, Verdict.SIGNS_FOUND),
        (0.5, Verdict.INCONCLUSIVE),
        (0.1, Verdict.NO_SIGNS_FOUND),
    ],
)
def test_the_rules_are_those_for_faces(level: float, verdict: Verdict) -> None:
    """The whole likely range beyond a threshold, or it is inconclusive."""
    audio = heard(FakeSound(loud(level)))
    assert isinstance(audio.finding, AudioAssessed)
    assert audio.finding.verdict is verdict
    assert audio.finding.score.mean == pytest.approx(level)
    assert (audio.detector, audio.track) == (INFO, TRACK)
    assert len(audio.times_s) == len(audio.scores) == 14
    assert EXPERIMENTAL in audio.limits


def reason(audio: Audio) -> AudioReason:
    assert isinstance(audio.finding, AudioNotAssessed)
    assert audio.finding.verdict is Verdict.NOT_ASSESSED
    assert audio.finding.explanation
    assert audio.finding.advice
    assert EXPERIMENTAL in audio.limits
    return audio.finding.reason


def test_windows_without_speech_have_no_score() -> None:
    """A gap, and not a low score."""
    audio = heard(FakeSound(np.concatenate([loud(0.5, 20), loud(0, 20), loud(0.5, 20)])))
    assert None in audio.scores
    assert {score for score in audio.scores if score is not None} == {0.5}


def test_silence_is_no_speech() -> None:
    audio = heard(FakeSound(loud(0)))
    assert reason(audio) is AudioReason.NO_SPEECH
    assert set(audio.scores) == {None}


def test_a_few_words_are_too_little() -> None:
    """Their scores are kept; they support no statement."""
    audio = heard(FakeSound(loud(0.9, 6)))
    assert reason(audio) is AudioReason.TOO_LITTLE_SPEECH
    assert audio.scores == pytest.approx((0.9, 0.9))


def test_an_empty_track_is_no_audio() -> None:
    assert reason(heard(FakeSound(loud(0, 0)))) is AudioReason.NO_AUDIO


def test_without_weights_there_is_the_command_that_mends_it() -> None:
    """No score, and still the waveform."""

    def missing() -> AudioDetector:
        raise ModelUnavailableError("Not here.", advice="Run: python -m worker models pull aasist")

    audio = heard(FakeSound(loud(0.9)), missing)
    assert reason(audio) is AudioReason.MODEL_UNAVAILABLE
    assert "models pull aasist" in audio.finding.advice  # type: ignore[union-attr]
    assert (audio.scores, audio.detector) == ((), None)
    assert audio.waveform is not None
    assert audio.spectrogram is not None


def test_what_came_before_the_damage_is_no_finding() -> None:
    damage = NotHeardError(AudioReason.UNDECODABLE, "The sound is damaged.")
    audio = heard(FakeSound(loud(0.9), error=damage))
    assert reason(audio) is AudioReason.UNDECODABLE
    assert audio.scores == ()
    assert audio.waveform is not None
    assert audio.spectrogram is not None
    assert audio.spectrogram.column_s * len(b64decode(audio.spectrogram.levels)) / 64 == pytest.approx(
        30, abs=1
    )


class Broken:
    """A detector that fails."""

    info = INFO

    def __init__(self, error: Exception | float) -> None:
        self._error = error

    def score(self, windows: Samples) -> NDArray[np.float32]:
        if isinstance(self._error, Exception):
            raise self._error
        return np.full(len(windows), self._error, np.float32)


FAULTS = [ZeroDivisionError(), MemoryError(), EnvironmentFault("The disk is full."), float("nan"), 1.5, -0.1]


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_a_fault_is_said_and_is_no_score(fault: Exception | float) -> None:
    audio = heard(FakeSound(loud(0.9)), lambda: Broken(fault))
    assert reason(audio) is AudioReason.LISTENING_FAILED
    assert audio.scores == ()


def test_a_fault_while_reading_is_said() -> None:
    audio = heard(FakeSound(loud(0.9), error=OSError("gone")))
    assert reason(audio) is AudioReason.LISTENING_FAILED


@pytest.mark.parametrize("after", [0, 3])
def test_what_on_wait_raises_ends_the_analysis(after: int) -> None:
    """A lost lease is nothing about the sound."""
    calls = 0

    def on_wait() -> None:
        nonlocal calls
        calls += 1
        if calls > after:
            raise StoreUnavailableError("The database is away.")

    with pytest.raises(StoreUnavailableError):
        heard(FakeSound(loud(0.9)), on_wait=on_wait)


def test_ten_hours_take_little_memory_and_few_windows() -> None:
    """However long a track is, its windows are spread over all of it and no more of it is held."""
    tracemalloc.start()
    audio = heard(FakeSound(loud(0.5, 60), repeated=600))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 20e6
    assert MAX_WINDOWS / 2 <= len(audio.scores) <= MAX_WINDOWS
    steps_s = np.diff(audio.times_s)
    assert steps_s == pytest.approx(steps_s[0], abs=0.01)
    assert audio.times_s[-1] > 36_000 - 2 * steps_s[0]
    assert audio.waveform is not None
    assert len(audio.waveform.low) <= 1000
    assert audio.spectrogram is not None
    assert len(audio.spectrogram.levels) < 60_000
