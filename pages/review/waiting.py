"""How long a job will probably wait: from how long the last ones took and how many are ahead."""

from collections.abc import Sequence
from datetime import datetime
from statistics import median

import streamlit as st

from deeptrace_core.job import Job, JobState
from pages.shared import backend

LAST_JOBS = 20
FEWEST_JOBS = 3
"""After fewer than these a number would be a guess."""


def expected_wait_s(ahead: int, workers: int, took_s: Sequence[float]) -> float | None:
    """Until a worker is free for this job, in seconds; None while nobody can tell.

    Args:
        ahead: jobs that wait before this one.
        took_s: how long the last jobs took, seconds.
    """
    if len(took_s) < FEWEST_JOBS or not workers:
        return None
    # Those that run now are on average half done, and each worker has one.
    return median(took_s) * (ahead / workers + 0.5)


@st.cache_data(show_spinner=False, ttl=10)
def lately_took_s() -> list[float]:
    """How long the last finished jobs took, seconds. Asked for each second by every page that waits."""
    jobs = backend.store().jobs.history(limit=LAST_JOBS, states={JobState.COMPLETED})
    return [seconds for job in jobs if (seconds := _took_s(job)) is not None]


def _took_s(job: Job) -> float | None:
    if job.started_at is None or job.finished_at is None:
        return None
    return (datetime.fromisoformat(job.finished_at) - datetime.fromisoformat(job.started_at)).total_seconds()
