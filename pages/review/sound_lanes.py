"""The lanes of the sound: the waveform, the spectrogram, and the scores of the voices."""

from html import escape
from pathlib import Path
from urllib.parse import quote

from deeptrace_core import audio_words as words
from deeptrace_core.audio import Audio
from deeptrace_core.audio_drawing import HEIGHT, WIDTH, AudioDrawing, SpectrogramDrawing

STYLE = Path(__file__).resolve().parent / "sound_lanes.css"
"""Apart from the style of the page, which does not reach into the player."""


def html(audio: Audio, drawing: AudioDrawing) -> str:
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
    return lanes


def axis(drawing: AudioDrawing) -> str:
    """The times below the lanes, where no timeline has them."""
    ticks = "".join(f"<span>{escape(tick)}</span>" for tick in drawing.ticks)
    return f'<div class="dt-ticks">{ticks}</div>'


def _lane(name: str, alt: str, *drawn: str, kind: str = "") -> str:
    return (
        f'<p class="dt-named">{escape(name)}</p>'
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
    return f"url(data:image/svg+xml,{quote(svg, safe=',:/')})"
