"""The section on voices in a report: kept whole, and not there where nobody listened."""

from dataclasses import replace

import pytest

from deeptrace_core.audio import (
    Audio,
    AudioAssessed,
    AudioNotAssessed,
    AudioReason,
    AudioTrack,
    Spectrogram,
    Waveform,
)
from deeptrace_core.audio_finding import LIMITS, MIN_WINDOWS, find_audio
from deeptrace_core.audio_words import REASONS, headline
from deeptrace_core.report import parse_report, report_bytes, report_document
from deeptrace_core.verdict import ScoreRange, Verdict
from tests.audio.fakes import INFO
from tests.core.test_report import sample_report

REPORT = sample_report()

TRACK = AudioTrack(codec="aac", channels=2, rate_hz=48_000, more_tracks=1)
HEARD = Audio(
    finding=AudioAssessed(verdict=Verdict.SIGNS_FOUND, score=ScoreRange(mean=0.92, low=0.88, high=0.96)),
    limits=LIMITS,
    track=TRACK,
    detector=INFO,
    window_s=4.0375,
    times_s=(0.0, 2.0, 4.0, 6.0, 8.0),
    scores=(0.9, None, 0.95, 0.92, 0.91),
    waveform=Waveform(start_s=0.0, column_s=0.01, low=(-10, -20), high=(30, 40)),
)
DRAWN = replace(
    HEARD,
    spectrogram=Spectrogram(
        start_s=0.0, column_s=0.032, edges_hz=(0, 1000, 8000), floor_db=-100, levels="AP8="
    ),
)
SILENT = Audio(
    finding=AudioNotAssessed(reason=AudioReason.NO_AUDIO, explanation="None.", advice="None."), limits=LIMITS
)


@pytest.mark.parametrize("audio", [HEARD, DRAWN, SILENT])
def test_a_report_keeps_what_was_heard(audio: Audio) -> None:
    data = report_bytes(replace(REPORT, audio=audio))
    assert parse_report(data).audio == audio
    assert report_bytes(parse_report(data)) == data


def test_a_report_without_it_does_not_name_it() -> None:
    """So that reports which were made before have the bytes that they had."""
    assert "audio" not in report_document(REPORT)
    assert "spectrogram" not in report_document(replace(REPORT, audio=HEARD))["audio"]
    assert "spectrogram" in report_document(replace(REPORT, audio=DRAWN))["audio"]


def test_no_other_number_moves_with_it() -> None:
    """The verdict on the faces and their score are what they were."""
    before, after = report_document(REPORT), report_document(replace(REPORT, audio=HEARD))
    assert after.pop("audio")
    assert after == before


def test_low_scores_of_uncalibrated_weights_say_nothing() -> None:
    finding = find_audio([0.01] * 20, replace(INFO, threshold_low=0.0))
    assert isinstance(finding, AudioAssessed)
    assert finding.verdict is Verdict.INCONCLUSIVE


def test_fewer_windows_than_a_statement_needs() -> None:
    """Silence between does not count."""
    short = find_audio([0.9, None] * (MIN_WINDOWS - 1), INFO)
    enough = find_audio([0.9, None] * MIN_WINDOWS, INFO)
    assert isinstance(short, AudioNotAssessed)
    assert short.reason is AudioReason.TOO_LITTLE_SPEECH
    assert enough.verdict is Verdict.SIGNS_FOUND


def test_every_reason_has_its_words() -> None:
    said = {
        headline(replace(SILENT, finding=AudioNotAssessed(reason=reason, explanation="", advice="")))
        for reason in AudioReason
    }
    assert len(said) == len(AudioReason) == len(REASONS)
