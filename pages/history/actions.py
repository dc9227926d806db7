"""What can be done with the jobs that were picked: delete, run again, compare."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from deeptrace_core.errors import JobNotFoundError
from deeptrace_core.job import Job
from deeptrace_core.permissions import Act
from pages.shared import again, desk_words, faults, parts, places, who, wording
from pages.shared.text import shortened, visible

NAMED = 8
"""So many of those that go are named; the others are counted."""
_SAID = "history_said"
_ALL = "pick_all"


def key_of(job: Job) -> str:
    """The checkbox of a job."""
    return f"pick-{job.id}"


def show(jobs: Sequence[Job]) -> None:
    """The line above the list."""
    say()
    picked = [job for job in jobs if st.session_state.get(key_of(job))]
    st.session_state[_ALL] = len(picked) == len(jobs)
    with st.container(key="history-actions", horizontal=True, vertical_alignment="center"):
        st.checkbox(desk_words.PICK_ALL, key=_ALL, on_change=_pick_all, args=([key_of(job) for job in jobs],))
        if not picked:
            return
        acting = who.acting()
        deletable = [job for job in picked if acting.may(Act.DELETE, job)]
        if deletable and st.button(desk_words.delete(len(deletable)), key="delete"):
            _ask(deletable)
        if acting.may(Act.SUBMIT) and st.button(desk_words.RUN_AGAIN, key="again"):
            again.ask(picked)
        finished = [job for job in picked if job.result is not None]
        if len(picked) == len(finished) == 2 and st.button(desk_words.COMPARE, key="compare", type="primary"):
            first, second = sorted(finished, key=lambda job: job.created_at)
            st.switch_page(places.COMPARE, query_params={"a": first.id, "b": second.id})


def say() -> None:
    """What the last act came to, once."""
    if said := st.session_state.pop(_SAID, ""):
        parts.notice("active", said)


def _pick_all(keys: list[str]) -> None:
    for key in keys:
        st.session_state[key] = st.session_state[_ALL]


@st.dialog(desk_words.DELETE_TITLE)
def _ask(jobs: Sequence[Job]) -> None:
    names = [shortened(job.media.name) or wording.NO_NAME for job in jobs[:NAMED]]
    rest = [desk_words.and_more(len(jobs) - NAMED)] if len(jobs) > NAMED else []
    items = "".join(f"<li>{escape(visible(name))}</li>" for name in (*names, *rest))
    st.html(f'<ul class="dt-points dt-goes">{items}</ul>')
    parts.points(desk_words.WHAT_GOES)
    # A dialog runs alone, outside of the frame, as a fragment does.
    with faults.explained(retried_by_caller=True):
        if st.button(desk_words.delete_for_good(len(jobs)), key="delete_confirm", type="primary"):
            st.session_state[_SAID] = desk_words.deleted(_delete(jobs))
            st.rerun()


def _delete(jobs: Sequence[Job]) -> int:
    acting, count = who.acting(), 0
    for job in jobs:
        try:
            acting.delete(job.id)
        except JobNotFoundError:  # somebody else was faster
            continue
        count += 1
    return count
