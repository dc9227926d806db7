"""A finished job, in the order in which a reader needs it: verdict, faces, course of time, details."""

import time

import streamlit as st

from deeptrace_core.job import Job, JobResult
from deeptrace_core.model import MediaKind
from pages.review import anchor, audio, chart, details, ended, faces, hand, provenance, verdict
from pages.review.player import show as player
from pages.shared import backend

FIRST_LOOK_S = 0.5


def show(job: Job, result: JobResult) -> None:
    """Everything that is known about the file of this job."""
    report, data = backend.report(result.report_sha256)
    verdict.show(report)
    if result.reason is not None:
        ended.after_no_assessment(job, result.reason, report.media.kind)
    player.show(report, result.viewing_copy)
    if any(track.frames_scored for track in report.tracks):
        faces.show(report, backend.store().results.thumbnails(job))
        if report.media.kind is MediaKind.VIDEO:
            _let_it_be_seen(job)
            chart.show(report)
    audio.show(report, has_player=result.viewing_copy is not None)
    hand.show(job, report)
    provenance.show(report)
    details.show(job, report, data, result.report_sha256)
    anchor.show(job, data, result.report_sha256)


def _let_it_be_seen(job: Job) -> None:
    """Wait once, at the first drawing of a job's page.

    The script of the chart has 5 MB, and a browser that gets it shows nothing else for a second or two. So
    what was drawn before it gets a moment to be shown.
    """
    if st.session_state.get("seen") != job.id:
        st.session_state["seen"] = job.id
        time.sleep(FIRST_LOOK_S)
