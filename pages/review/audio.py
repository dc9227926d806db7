"""What was heard of the voices: a verdict of its own, the waveform, the spectrogram, and the scores."""

from html import escape
from urllib.parse import quote

import streamlit as st

from deeptrace_core import audio_words as words
from deeptrace_core.audio import Audio, AudioAssessed
from deeptrace_core.audio_drawing import HEIGHT, WIDTH, AudioDrawing, SpectrogramDrawing, drawing_of
from deeptrace_core.model import Report
from pages.review.verdict import scale_html
from pages.shared import parts, wording
from pages.shared.icons import icon


def show(report: Report) -> None:
    """The section; nothing for a report that was made where nobody listened."""
    audio = report.audio
    if audio is None:
        return
    parts.heading(f"{words.TITLE} {words.EXPERIMENTAL_MARK}", words.BELOW)
    look = wording.VERDICTS[audio.finding.verdict]
    st.html(
        parts.band(
            look.tone, icon(look.icon), words.headline(audio), *words.explained(audio), extra=_scale(audio)
        )
    )
    drawing = drawing_of(audio, report.media.duration_s)
    if drawing is not None:
        st.html(lanes_html(audio, drawing))
    parts.remark(words.LIP_SYNC)
    rows = words.rows(audio)
    if rows:
        with st.expander("What was listened to, and by what"):
            parts.facts(rows)
            parts.points(audio.limits)


def _scale(audio: Audio) -> str:
    if not isinstance(audio.finding, AudioAssessed) or audio.detector is None:
        return ""
    return scale_html(audio.finding.score, audio.detector.threshold_low, audio.detector.threshold_high)


def lanes_html(audio: Audio, drawing: AudioDrawing) -> str:
    """The waveform, the spectrogram, and the lane of scores if anything was scored."""
    wave = _shape(f'<polygon points="{drawing.wave}" fill="black" stroke="black"/>')
    lanes = _lane(words.WAVEFORM, words.WAVEFORM, _mask("dt-wave", wave))
    if drawing.spectrogram is not None:
        named = f"{words.SPECTROGRAM} {words.SPECTROGRAM_IS}"
        lanes += _lane(named, words.SPECTROGRAM, _picture(drawing.spectrogram), kind="dt-tall")
    if drawing.lines:
        lines = _shape("".join(f'<polyline points="{points}"/>' for points in drawing.lines), width=2)
        level = f"M0 {drawing.threshold_y}H{WIDTH}"
        threshold = _shape(f'<path d="{level}" stroke-dasharray="5 4"/>', width=1.5)
        alt = f"{words.SCORES} {words.peak(audio)}"
        lanes += _lane(words.scores_below(audio), alt, _mask("dt-limit", threshold), _mask("dt-line", lines))
    ticks = "".join(f"<span>{escape(tick)}</span>" for tick in drawing.ticks)
    return f'<div class="dt-audio">{lanes}<div class="dt-ticks">{ticks}</div></div>'


def _lane(name: str, alt: str, *drawn: str, kind: str = "") -> str:
    return (
        f'<p class="dt-below">{escape(name)}</p>'
        f'<div class="dt-lane {kind}" role="img" aria-label="{escape(alt)}">{"".join(drawn)}</div>'
    )


def _picture(spectrogram: SpectrogramDrawing) -> str:
    place = f"left:{spectrogram.left:%};width:{spectrogram.width:%}"
    marks = "".join(f'<b style="top:{down:%}">{escape(name)}</b>' for name, down in spectrogram.marks)
    return f'<img alt="" src="data:image/png;base64,{spectrogram.png}" style="{place}">{marks}'


def _mask(kind: str, shape: str) -> str:
    return f'<i class="{kind}" style="mask-image:{shape}"></i>'


def _shape(inside: str, width: float = 1) -> str:
    """As a mask, since Streamlit takes SVG out of HTML; it has the colour of its element in both themes."""
    drawn = inside.replace("/>", ' vector-effect="non-scaling-stroke"/>')
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -2 {WIDTH} {HEIGHT + 4}" '
        f'preserveAspectRatio="none" fill="none" stroke="black" stroke-width="{width}">{drawn}</svg>'
    )
    return f"url(data:image/svg+xml,{quote(svg)})"
