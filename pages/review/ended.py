"""A job that ended without a report: what happened, what that means, and one way on."""

from dataclasses import replace

import streamlit as st

from deeptrace_core.job import Job, JobState
from deeptrace_core.model import MAX_RATE_HZ, AnalysisOptions, MediaKind, Reason
from deeptrace_core.permissions import Act
from pages.review import note
from pages.shared import parts, places, who, wording


def show(job: Job) -> None:
    """The end of a failed or cancelled job, and a button to try again."""
    if job.state is JobState.CANCELLED:
        parts.notice("none", wording.CANCELLED)
    elif job.failure is None:
        parts.notice("failed", wording.STATES[JobState.FAILED].word, wording.SAYS_NOTHING)
    else:
        parts.notice("failed", wording.stopped(job.failure.what), wording.SAYS_NOTHING, job.failure.advice)
        parts.facts({"Error code": job.failure.code, "Job": job.id})
    try_again(job, job.options, wording.TRY_AGAIN)


def after_no_assessment(job: Job, reason: Reason, kind: MediaKind) -> None:
    """What may help where nothing could be said: other options, or a detector that has come meanwhile."""
    if reason is Reason.MODEL_UNAVAILABLE:
        try_again(job, job.options, wording.TRY_AGAIN)
    # Against small faces only another video helps.
    elif reason is not Reason.FACE_TOO_SMALL and kind is MediaKind.VIDEO:
        try_again(job, with_more_frames(job.options), wording.MORE_FRAMES)


def with_more_frames(options: AnalysisOptions) -> AnalysisOptions:
    """Four times as many frames, as far as a report may hold them."""
    return replace(
        options,
        min_frames=min(4 * options.min_frames, options.max_frames),
        rate_hz=min(4 * options.rate_hz, MAX_RATE_HZ),
    )


def try_again(job: Job, options: AnalysisOptions, label: str) -> None:
    """A button that submits the same file again."""
    acting = who.acting()
    if acting.may(Act.SUBMIT) and st.button(label, key="try_again", type="primary"):
        submission = acting.submit(job.media, options)
        if submission.already_open:
            note.leave(submission.job_id, wording.ALREADY_OPEN)
        places.go_to_job(submission.job_id)
