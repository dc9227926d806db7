"""To which case a video belongs, and with whom its owner shares that case."""

import streamlit as st

from deeptrace_core.acting import Acting
from deeptrace_core.casework import MAX_LABEL_CHARS, CaseLabel
from deeptrace_core.custody import case_key
from deeptrace_core.job import Job
from deeptrace_core.permissions import MAX_NAME_CHARS, Act
from pages.http import login
from pages.shared import desk_words, faults, parts, who
from pages.shared.text import literal

_WITH = "share_with"


def show(acting: Acting, job_id: str) -> None:
    """The case, to change and to share for those who may."""
    job = acting.job(job_id)
    said = literal(desk_words.case_label(job.case.name, job.case.reference))
    if not acting.may(Act.LABEL, job):
        if case_key(job.case):
            parts.facts({desk_words.CASE_NAME: desk_words.case_label(job.case.name, job.case.reference)})
        return
    with st.expander(said):
        _form(job)
        if case_key(job.case) and login.people_log_in():
            _sharing(acting, job)


def _form(job: Job) -> None:
    with st.form("case", border=False):
        left, right = st.columns(2)
        left.text_input(desk_words.CASE_NAME, job.case.name, max_chars=MAX_LABEL_CHARS, key="case_name")
        right.text_input(
            desk_words.CASE_REFERENCE, job.case.reference, max_chars=MAX_LABEL_CHARS, key="case_reference"
        )
        st.form_submit_button(desk_words.SAVE, key="case_save", on_click=_label, args=(job.id,))


def _sharing(acting: Acting, job: Job) -> None:
    parts.remark(desk_words.SHARING_MEANS)
    for person in acting.shared_with(job):
        with st.container(key=f"share-{person}", horizontal=True, vertical_alignment="center"):
            st.text(person)
            st.button(
                desk_words.UNSHARE, key=f"unshare-{person}", on_click=_unshare, args=(job.id, person),
                type="tertiary",
            )  # fmt: skip
    with st.form("share", clear_on_submit=True, border=False):
        st.text_input(desk_words.SHARE_WITH, key=_WITH, max_chars=MAX_NAME_CHARS)
        st.form_submit_button(desk_words.SHARE, key="share_add", on_click=_share, args=(job.id,))


def _label(job_id: str) -> None:
    label = CaseLabel(name=st.session_state["case_name"], reference=st.session_state["case_reference"])
    with faults.explained(retried_by_caller=True):
        who.acting().label(job_id, label)


def _share(job_id: str) -> None:
    if st.session_state[_WITH].strip():
        with faults.explained(retried_by_caller=True):
            who.acting().share(job_id, st.session_state[_WITH])


def _unshare(job_id: str, person: str) -> None:
    with faults.explained(retried_by_caller=True):
        who.acting().unshare(job_id, person)
