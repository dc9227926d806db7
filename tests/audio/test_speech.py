"""Telling speech from what is none, with the real detector."""

import numpy as np
import pytest

from tests.sounds import Sound, silence, tone, voice
from worker.audio.speech import SileroSpeechFinder
from worker.audio.windows import WINDOW_SAMPLES

NOISE = np.random.default_rng(0).uniform(-0.3, 0.3, (1, WINDOW_SAMPLES)).astype(np.float32)


def test_a_voice_is_heard() -> None:
    """Much of it: between syllables nobody speaks."""
    assert SileroSpeechFinder().speech_s(voice(4)[0]) > 2


@pytest.mark.parametrize(
    "sound", [silence(4), tone(4), NOISE, 40 * tone(4)], ids=["silence", "tone", "noise", "loud"]
)
def test_what_is_no_speech_is_not_taken_for_it(sound: Sound) -> None:
    assert SileroSpeechFinder().speech_s(sound[0]) < 0.2


def test_what_was_heard_before_changes_nothing() -> None:
    """Each window is judged for itself."""
    finder = SileroSpeechFinder()
    alone = finder.speech_s(tone(4)[0])
    finder.speech_s(voice(4)[0])
    assert finder.speech_s(tone(4)[0]) == alone
