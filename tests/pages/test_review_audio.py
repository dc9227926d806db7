"""The section on voices: a verdict of its own, marked as experimental, and never one on the faces."""

import base64
import random
from dataclasses import replace
from typing import Any

import pytest

from deeptrace_core.audio import Audio, AudioReason, Waveform
from deeptrace_core.audio_drawing import HEIGHT, WIDTH, drawing_of
from deeptrace_core.audio_finding import EXPERIMENTAL
from deeptrace_core.audio_words import (
    BELOW,
    EXPERIMENTAL_MARK,
    LIP_SYNC,
    SCORES,
    SPECTROGRAM,
    SPECTROGRAM_IS,
    WAVEFORM,
    headline,
)
from deeptrace_core.model import Report
from pages.review.player.data import player_data
from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import Desk, report_of, wave
from tests.pages.test_wording import OVERCLAIMS
from tests.pages.voices import WINDOW_S, heard, spectrogram, unheard

REVIEW = "review/page.py"
REPORT = report_of([wave(0.5)])
OUTCOMES = [heard(0.97), heard(0.3), *map(unheard, AudioReason)]


@pytest.mark.parametrize("audio", OUTCOMES, ids=headline)
def test_each_outcome_is_said_and_marked(desk: Desk, open_page: OpenPage, audio: Audio) -> None:
    """With what it is not: nothing on the faces, nothing on lip sync."""
    said = words(open_page(REVIEW, job=desk.completed(replace(REPORT, audio=audio)).id))
    assert headline(audio) in said
    for always in (EXPERIMENTAL_MARK, BELOW, LIP_SYNC):
        assert always in said
    assert OVERCLAIMS.findall(said) == []


def test_scores_come_with_range_training_and_waveform(desk: Desk, open_page: OpenPage) -> None:
    said = words(open_page(REVIEW, job=desk.completed(replace(REPORT, audio=heard(0.97))).id))
    assert "Score 0.9" in said
    assert "likely range 0.9" in said
    assert "Speech was heard and scored in 26 of 30 windows of 4.0 s." in said
    assert EXPERIMENTAL in said
    assert "Waveform" in said
    assert SPECTROGRAM in said
    assert SPECTROGRAM_IS in said
    assert "aac, 48,000 Hz, 2 channels" in said


def test_the_verdict_on_the_faces_stays_what_it_was(desk: Desk, open_page: OpenPage) -> None:
    """The words above the section are the same with it and without it."""
    without = words(open_page(REVIEW, job=desk.completed(REPORT).id))
    with_it = words(open_page(REVIEW, job=desk.completed(replace(REPORT, audio=heard(0.97))).id))
    verdict = with_it[with_it.index("Inconclusive") : with_it.index("The voices")]
    assert "Score 0.5" in verdict
    assert verdict in without
    assert "The voices" not in without


def test_shapes_stay_in_their_box_and_leave_gaps() -> None:
    """Two stretches of scores with the pause between them, at their times."""
    audio = heard(0.5)
    drawing = drawing_of(audio, 20.0)
    assert drawing is not None
    assert len(drawing.lines) == 2
    ends = [line.split()[-1] for line in drawing.lines]
    assert float(ends[0].split(",")[0]) == pytest.approx(WIDTH * (11 * 0.4 + WINDOW_S) / 20, abs=0.1)
    points = [
        tuple(map(float, point.split(",")))
        for line in (*drawing.lines, drawing.wave)
        for point in line.split()
    ]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert drawing.ticks == ("0:00", "0:05", "0:10", "0:15", "0:20")


def player_of(report: Report) -> dict[str, Any]:
    return player_data(report, (), threshold=0.8, theme="light")


def test_the_lanes_are_drawn_under_the_player_or_where_there_is_none() -> None:
    """Once, with words for those who do not see them."""
    drawn = player_of(replace(REPORT, audio=heard(0.97)))["soundHtml"]
    for alt in (WAVEFORM, SPECTROGRAM, SCORES):
        assert drawn.count(f'role="img" aria-label="{alt}') == 1
    for silent in (None, unheard(AudioReason.NO_AUDIO)):
        assert player_of(replace(REPORT, audio=silent))["soundHtml"] == ""


def test_the_timeline_is_as_long_as_a_sound_that_goes_on() -> None:
    """The video has 12.8 s, and the sound four times as much."""
    audio = heard(0.5)
    assert audio.waveform is not None
    longer = replace(audio, waveform=replace(audio.waveform, column_s=0.064))
    assert player_of(replace(REPORT, audio=audio))["durationS"] == player_of(REPORT)["durationS"]
    assert player_of(replace(REPORT, audio=longer))["durationS"] == pytest.approx(51.2)


def test_the_drawing_of_the_worst_noise_is_small() -> None:
    """What the page gets at once: no more than that for any sound however long."""
    noise = random.Random(0)
    audio = replace(
        heard(0.5),
        waveform=Waveform(
            start_s=0.0,
            column_s=36.0,
            low=tuple(noise.randint(-1000, 0) for _ in range(1000)),
            high=tuple(noise.randint(0, 1000) for _ in range(1000)),
        ),
        spectrogram=replace(
            spectrogram(), column_s=65.536, levels=base64.b64encode(noise.randbytes(512 * 64)).decode()
        ),
    )
    assert len(player_of(replace(REPORT, audio=audio))["soundHtml"]) < 100_000


def test_the_spectrogram_lies_at_its_time_and_names_frequencies() -> None:
    """12.8 s of sound that begin a second late, in a video of 20 s."""
    late = replace(heard(0.5), spectrogram=replace(spectrogram(), start_s=1.0))
    drawing = drawing_of(late, 20.0)
    assert drawing is not None
    assert drawing.spectrogram is not None
    assert drawing.spectrogram.left == pytest.approx(1 / 20)
    assert drawing.spectrogram.width == pytest.approx(12.8 / 20)
    # The bands of the sample are as wide as the square of their number.
    marks = dict(drawing.spectrogram.marks)
    assert marks == pytest.approx(
        {"0": 1, "1 kHz": 1 - (1 / 8) ** 0.5, "4 kHz": 1 - 0.5**0.5, "8 kHz": 0}, abs=0.01
    )


def test_a_report_from_before_there_were_spectrograms_has_the_other_lanes() -> None:
    drawing = drawing_of(replace(heard(0.5), spectrogram=None), 20.0)
    assert drawing is not None
    assert drawing.wave
    assert drawing.spectrogram is None


def test_a_sound_longer_than_the_video_is_drawn_whole() -> None:
    drawing = drawing_of(heard(0.5), 1.0)
    assert drawing is not None
    assert drawing.ticks[-1] == "0:12.8"


def test_a_sound_that_ends_a_moment_later_has_the_axis_of_the_video() -> None:
    """12.8 s of sound: as codecs pad it."""
    drawing = drawing_of(heard(0.5), 12.75)
    assert drawing is not None
    assert drawing.ticks[-1] == "0:12.8"
    assert all(float(point.split(",")[0]) <= WIDTH for point in drawing.wave.split())


def test_nothing_heard_is_no_drawing() -> None:
    assert drawing_of(unheard(AudioReason.NO_AUDIO), 10.0) is None
