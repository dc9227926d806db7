"""One job in the list: what it was called, when, and what came of it."""

import streamlit as st

from deeptrace_core.job import Job
from pages.history import actions, sparkline
from pages.shared import desk_words, parts, places, times, wording
from pages.shared.text import literal, score, shortened


def show(job: Job) -> None:
    """A row that leads to the page of the job."""
    with st.container(key=f"row-{job.id}", horizontal=True, vertical_alignment="center", gap="small"):
        label = literal(shortened(job.media.name)) or wording.NO_NAME
        st.checkbox(desk_words.pick(label), key=actions.key_of(job), label_visibility="collapsed")
        with st.container(gap=None):
            st.page_link(places.REVIEW, label=label, query_params=places.job_query(job.id))
            parts.remark(f"{times.local_time(job.created_at)} · {_more(job)}")
            if said := " · ".join(part for part in (job.case.name, job.case.reference) if part):
                parts.remark(shortened(said, 80))
        st.html(_outcome(job), width="content")


def _more(job: Job) -> str:
    if job.result is not None and job.result.reason is not None:
        return wording.REASONS[job.result.reason]
    return times.size(job.media.size_bytes)


def _outcome(job: Job) -> str:
    if job.result is None:
        look = wording.STATES[job.state]
        return parts.badge(look, look.short)
    look, value = wording.VERDICTS[job.result.verdict], job.result.score
    badge = parts.badge(look, look.short if value is None else f"{look.short} · {score(value)}")
    return f'<span class="dt-outcome">{sparkline.html(job.result.overview)}{badge}</span>'
