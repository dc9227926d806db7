"""A job that waits or runs: one flat fragment asks the store each second and says what it learns."""

import math
import time

import streamlit as st

from deeptrace_core.job import ACTIVE_STATES, Job, JobState, Progress
from deeptrace_core.permissions import Act
from pages.review import waiting
from pages.shared import backend, faults, parts, times, who, wording

POLL_S = 1.25
"""A look costs 2.2 kB; so a page that watches a job takes less than 2 kB a second."""
MIN_SHARE = 0.05
"""Below this share done, and below `MIN_WATCHED_S` of watching, a time left would be a guess."""
MIN_WATCHED_S = 2.0


def show(job: Job) -> None:
    """Follow the job until it ends, then draw the page anew."""
    st.fragment(_poll, run_every=POLL_S)(job.id)


def _poll(job_id: str) -> None:
    # The timer runs again in any case: while the database is away there is a banner, then it goes on.
    with faults.explained(retried_by_caller=True):
        acting = who.acting()
        job = acting.job(job_id)
        if job.state not in ACTIVE_STATES:
            st.rerun()
        if job.state is JobState.PENDING:
            _waiting(job)
        else:
            _running(job)
        if acting.may(Act.CANCEL, job) and st.button(
            wording.CANCEL, key="cancel", disabled=job.cancel_requested
        ):
            acting.cancel(job_id)
            st.rerun()


def _waiting(job: Job) -> None:
    store = backend.store()
    workers = store.workers.alive()
    if not workers:
        parts.notice("inconclusive", wording.NO_WORKER, wording.CAN_CLOSE)
        return
    again = wording.TRIED_AGAIN.format(attempt=job.attempt, of=job.max_attempts) if job.attempt else ""
    ahead = store.jobs.count_ahead(job)
    wait_s = waiting.expected_wait_s(ahead, len(workers), waiting.lately_took_s())
    expected = wording.expected_wait(times.duration(math.ceil(wait_s))) if wait_s is not None else ""
    parts.notice("active", wording.queue_place(ahead), expected, again, wording.CAN_CLOSE)


def _running(job: Job) -> None:
    if job.cancel_requested:
        parts.notice("active", wording.CANCELLING)
        return
    more = wording.CAN_CLOSE if backend.store().workers.alive() else wording.WORKER_SILENT
    progress = job.progress
    if progress is None:
        parts.progress(f"{wording.STATES[job.state].word}.", None, more)
        return
    share = progress.done / progress.total if progress.total else None
    left_s = time_left_s(progress, *_first_seen(job.id, progress))
    left = times.duration(math.ceil(left_s)) if left_s is not None else None
    parts.progress(wording.progress(progress, left), share, more)


def _first_seen(job_id: str, progress: Progress) -> tuple[float, int]:
    """How long this session has watched this stage of the job, in seconds, and where it stood at first."""
    now = time.monotonic()
    seen = st.session_state.get("watched")
    if seen is None or seen[:2] != [job_id, progress.stage.value] or seen[3] > progress.done:
        seen = st.session_state["watched"] = [job_id, progress.stage.value, now, progress.done]
    return now - seen[2], seen[3]


def time_left_s(progress: Progress, watched_s: float, first_done: int) -> float | None:
    """How long the rest of this stage takes at the speed seen so far; None while nobody can tell."""
    gained = progress.done - first_done
    if not MIN_SHARE * progress.total <= progress.done < progress.total:
        return None
    if watched_s < MIN_WATCHED_S or gained <= 0:
        return None
    return max((progress.total - progress.done) * watched_s / gained, 1.0)
