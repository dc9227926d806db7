"""A remark that another page leaves for the page of a job, shown as long as the session looks at that job."""

import streamlit as st

from pages.shared import parts

_KEY = "job_note"


def leave(job_id: str, text: str) -> None:
    """Say this on the page of the job."""
    st.session_state[_KEY] = [job_id, text]


def show(job_id: str) -> None:
    """Show the remark left for this job, if any."""
    for_job, text = st.session_state.get(_KEY, ["", ""])
    if for_job == job_id:
        parts.notice("active", text)
    else:
        st.session_state.pop(_KEY, None)
