"""Two finished jobs, named by ?a= and ?b= in the address: what is the same, what differs, in words."""

from html import escape

import streamlit as st

from deeptrace_core.comparison import number_differences, recipe_differences
from deeptrace_core.errors import JobNotFoundError
from deeptrace_core.job import Job, JobResult
from deeptrace_core.model import Assessed, Report
from deeptrace_core.sentences import score_and_range
from pages.compare import differences
from pages.shared import backend, desk_words, parts, places, times, who, wording
from pages.shared.text import literal, shortened, visible


def show(first: Job, second: Job) -> None:
    """The page of two jobs."""
    parts.title(desk_words.COMPARISON, desk_words.COMPARISON_BELOW)
    if first.result is None or second.result is None:
        parts.notice("none", desk_words.NOTHING_TO_COMPARE, desk_words.NOTHING_TO_COMPARE_ADVICE)
        st.page_link(places.HISTORY, label=wording.TO_HISTORY, query_params={})
        return
    one, _ = backend.report(first.result.report_sha256)
    other, _ = backend.report(second.result.report_sha256)
    left, right = st.columns(2)
    with left:
        _card("A", first, first.result, one)
    with right:
        _card("B", second, second.result, other)
    recipe, numbers = recipe_differences(one, other), number_differences(one, other)
    parts.points(differences.summary(one, other, recipe, numbers))
    differences.table(desk_words.MADE_DIFFERENTLY, recipe)
    differences.table(desk_words.CAME_OUT_DIFFERENTLY, numbers)


def _card(letter: str, job: Job, result: JobResult, report: Report) -> None:
    look = wording.VERDICTS[result.verdict]
    label = f"{letter}: {literal(shortened(job.media.name)) or wording.NO_NAME}"
    st.page_link(places.REVIEW, label=label, query_params=places.job_query(job.id))
    st.html(parts.badge(look, look.short))
    finding = report.finding
    said = score_and_range(finding.score) if isinstance(finding, Assessed) else finding.explanation
    below = f"{job.options.detector} · {times.local_time(job.created_at)}"
    st.html(
        f'<p class="dt-said-of">{escape(visible(said))}</p><p class="dt-below">{escape(visible(below))}</p>'
    )


def _asked_for(name: str) -> Job:
    return who.acting().job(st.query_params.get(name, ""))


try:
    chosen = _asked_for("a"), _asked_for("b")
except JobNotFoundError:
    st.page_link(places.HISTORY, label=wording.TO_HISTORY, query_params={})
    raise
show(*chosen)
