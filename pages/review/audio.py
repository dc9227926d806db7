"""What was heard of the voices: a verdict of its own, and by what. Lanes are drawn under the player."""

import streamlit as st

from deeptrace_core import audio_words as words
from deeptrace_core.audio import Audio, AudioAssessed
from deeptrace_core.audio_drawing import drawing_of
from deeptrace_core.model import MediaKind, Report
from pages.review import sound_lanes
from pages.review.verdict import scale_html
from pages.shared import parts, wording
from pages.shared.icons import icon


def show(report: Report, *, has_player: bool) -> None:
    """The section; nothing for a report that was made where nobody listened.

    Args:
        has_player: the lanes are drawn under it then, and here otherwise.
    """
    audio = report.audio
    if audio is None:
        return
    parts.heading(f"{words.TITLE} {words.EXPERIMENTAL_MARK}", words.below(report.media.kind))
    look = wording.VERDICTS[audio.finding.verdict]
    st.html(
        parts.band(
            look.tone, icon(look.icon), words.headline(audio), *words.explained(audio), extra=_scale(audio)
        )
    )
    drawing = None if has_player else drawing_of(audio, report.media.duration_s)
    if drawing is not None:
        st.html(sound_lanes.STYLE)
        st.html(sound_lanes.html(audio, drawing) + sound_lanes.axis(drawing))
    under = words.UNDER_THE_PLAYER if has_player and audio.waveform else ""
    lips = words.LIP_SYNC if report.media.kind is MediaKind.VIDEO else ""
    if under or lips:
        parts.remark(f"{under} {lips}".strip())
    rows = words.rows(audio)
    if rows:
        with st.expander("What was listened to, and by what"):
            parts.facts(rows)
            parts.points(audio.limits)


def _scale(audio: Audio) -> str:
    if not isinstance(audio.finding, AudioAssessed) or audio.detector is None:
        return ""
    return scale_html(audio.finding.score, audio.detector.threshold_low, audio.detector.threshold_high)
