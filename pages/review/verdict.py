"""The verdict band: what was found, how sure, on which face, and what was not looked at."""

from html import escape
from itertools import pairwise

import streamlit as st

from deeptrace_core import sentences
from deeptrace_core.model import Assessed, NotAssessed, Report, ScoreRange
from pages.shared import parts, wording
from pages.shared.icons import icon


def show(report: Report) -> None:
    """The band of the report's finding."""
    if isinstance(report.finding, NotAssessed):
        _show_unassessed(report.finding)
    else:
        st.html(_assessed(report, report.finding))


def _show_unassessed(finding: NotAssessed) -> None:
    look = wording.VERDICTS[finding.verdict]
    what = f"{look.word}: {wording.REASONS[finding.reason]}."
    parts.notice(look.tone, what, finding.explanation, finding.advice)


def _assessed(report: Report, finding: Assessed) -> str:
    look = wording.VERDICTS[finding.verdict]
    said = f"{sentences.score_and_range(finding.score)} {wording.MEANINGS[finding.verdict]}"
    scale = ""
    if report.detector is not None:
        scale = scale_html(finding.score, report.detector.threshold_low, report.detector.threshold_high)
    return parts.band(
        look.tone,
        icon(look.icon),
        sentences.headline(finding, report.tracks),
        sentences.doubts(finding),
        f"{sentences.drove(finding, report.tracks)} {sentences.coverage(report.coverage)}",
        f"{wording.NOT_EXAMINED} {sentences.detector(report.detector)}",
        extra=f'<p class="dt-score">{escape(said)}</p>{scale}',
    )


def scale_html(score: ScoreRange, low: float, high: float) -> str:
    """The score and its range on a scale from 0 to 1, with the zones that the two thresholds make."""
    # A range without width would not be seen.
    width = max(score.high - score.low, 0.012)
    left = min(score.low, 1 - width)
    edges = (0.0, low, high, 1.0)
    zones = "".join(
        f'<b style="left:{start:.2%};width:{end - start:.2%}">{escape(word)}</b>'
        for word, (start, end) in zip(wording.ZONES, pairwise(edges), strict=True)
        if end > start
    )
    return (
        f'<div class="dt-scale" role="img" aria-label="{escape(sentences.scale_alt(score, low, high))}">'
        f'<i class="dt-range" style="left:{left:.2%};width:{width:.2%}"></i>'
        f'<i class="dt-mean" style="left:{score.mean:.2%}"></i>'
        f"{zones}</div>"
    )
