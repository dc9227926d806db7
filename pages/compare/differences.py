"""Differences between two reports: first what they come to, in sentences, then one by one."""

import re
from collections.abc import Iterator, Sequence
from html import escape

import streamlit as st

from deeptrace_core.comparison import Difference
from deeptrace_core.model import Report, Verdict
from pages.shared import desk_words, parts, wording
from pages.shared.text import score, visible

MAX_ROWS = 60
VERDICT = "finding.verdict"
KNOWN_OF_THE_DETECTOR = ("detector.accuracy.", "detector.quality_floor.", "detector.members.")
"""Dozens of rows that say together: another detector."""
BOXES = "faces: "
"""Where in the picture each face was, in pixels: nothing to read on a page."""
LONG_NUMBER = re.compile(r"\d+\.\d{3,}")


def summary(
    first: Report, second: Report, recipe: Sequence[Difference], numbers: Sequence[Difference]
) -> Iterator[str]:
    """What a reader wants to know before any number."""
    same_file = first.media.sha256 == second.media.sha256
    yield desk_words.SAME_FILE if same_file else desk_words.OTHER_FILE
    names = [name for name, report in (("A", first), ("B", second)) if report.detector is None]
    if names:
        yield desk_words.without_detector(" and ".join(names))
    changed = {difference.what.split(".")[0] for difference in recipe} - {"media"}
    yield desk_words.recipe(sorted(changed))
    if first.finding.verdict is second.finding.verdict:
        yield desk_words.same_verdict(first.finding.verdict)
    else:
        yield desk_words.other_verdict(first.finding.verdict, second.finding.verdict)
    if first.visual_prob is not None and second.visual_prob is not None:
        yield desk_words.scores_apart(score(first.visual_prob), score(second.visual_prob))
    if not numbers:
        yield desk_words.SAME_NUMBERS


def table(title: str, found: Sequence[Difference]) -> None:
    """All of them, one a row; in blocks under each other where the page is narrow."""
    rows = list(_rows(found))
    if not rows:
        return
    parts.heading(title)
    cells = "".join(
        f"<tr><th scope='row'>{escape(visible(what))}</th>"
        f"<td data-of='A'>{escape(visible(one))}</td><td data-of='B'>{escape(visible(other))}</td></tr>"
        for what, one, other in rows[:MAX_ROWS]
    )
    st.html(
        f'<table class="dt-versus"><thead><tr><td></td><th>A</th><th>B</th></tr></thead>'
        f"<tbody>{cells}</tbody></table>"
    )
    if len(rows) > MAX_ROWS:
        parts.remark(f"{desk_words.and_more(len(rows) - MAX_ROWS)}: python -m worker compare shows all.")


def _rows(found: Sequence[Difference]) -> Iterator[tuple[str, str, str]]:
    for what, first, second in found:
        if what.startswith(KNOWN_OF_THE_DETECTOR):
            continue
        if what == VERDICT:
            one, other = (wording.VERDICTS[Verdict(value)].short for value in (first, second))
            yield desk_words.field(what), one, other
        elif what.startswith(BOXES):
            yield desk_words.field(what), desk_words.SEE_REPORT, desk_words.SEE_REPORT
        else:
            yield desk_words.field(what), *_brief(first, second)
    if any(what.startswith(KNOWN_OF_THE_DETECTOR) for what, _, _ in found):
        yield desk_words.KNOWN_ACCURACY, desk_words.SEE_REPORT, desk_words.SEE_REPORT


def _brief(first: str, second: str) -> tuple[str, str]:
    """Numbers with two decimals, unless the difference lies behind them."""
    one, other = (LONG_NUMBER.sub(lambda found: f"{float(found[0]):.2f}", value) for value in (first, second))
    return (first, second) if one == other else (one, other)
