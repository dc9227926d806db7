"""One job, named by ?job= in the address: its progress while it lasts, then what came of it."""

import streamlit as st

from deeptrace_core.job import ACTIVE_STATES, Job, JobState
from pages.http import login
from pages.review import ended, note, outcome, progress
from pages.shared import parts, places, times, who
from pages.shared.text import shortened, visible

_VIEWED = "viewed_jobs"


def show(job: Job) -> None:
    """The page of a job in any state."""
    st.set_page_config(
        page_title=f"{shortened(visible(job.media.name), 40)} · DeepTrace",
        # The player has the faces beside it; what waits or failed is a few lines.
        layout="wide" if job.state is JobState.COMPLETED else "centered",
    )
    parts.title(shortened(job.media.name, 90), _below(job))
    note.show(job.id)
    if job.state in ACTIVE_STATES:
        progress.show(job)
    elif job.state is JobState.COMPLETED and job.result is not None:
        outcome.show(job, job.result)
    else:
        ended.show(job)


def _below(job: Job) -> str:
    ended = {JobState.COMPLETED: "Finished", JobState.FAILED: "Stopped", JobState.CANCELLED: "Cancelled"}
    when = times.local_time(job.finished_at or job.created_at)
    by = f" · by {shortened(visible(job.owner), 40)}" if job.owner and login.people_log_in() else ""
    return f"{ended.get(job.state, 'Submitted')} {when} · job {places.short_id(job.id)}{by}"


def asked_for() -> Job:
    """The job of the address. That somebody looks at it is written down once for a session."""
    acting = who.acting()
    job = acting.job(st.query_params.get("job", ""))
    viewed = st.session_state.setdefault(_VIEWED, [])
    if job.id not in viewed:
        acting.note_view(job)
        viewed.append(job.id)
    return job


show(asked_for())
