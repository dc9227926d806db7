"""The analyst's own hand: opinions on what was found, notes, and the case. The verdict stays as it is."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

import streamlit as st

from deeptrace_core import sentences
from deeptrace_core.casework import VIDEO, CaseFile, Mark, Opinion, subject_of
from deeptrace_core.job import Job
from deeptrace_core.model import NotAssessed, Report
from deeptrace_core.permissions import Act
from deeptrace_core.ranking import ranked
from deeptrace_core.segments import Segment, segments_of
from pages.review import case, notes, place
from pages.shared import desk_words, faults, parts, times, who, wording
from pages.shared.text import counted, score, visible

MAX_SHOWN = 12
"""Segments at once: each is a control of its own, and nobody judges more in one go."""


def show(job: Job, report: Report) -> None:
    """The section of a report's page that people write in."""
    # A fragment, so that a mark does not draw the whole page anew.
    st.fragment(_draw, key=place.FOLLOWER)(job, report)


def _draw(job: Job, report: Report) -> None:
    # Streamlit runs a fragment alone, outside of the frame.
    with faults.explained(retried_by_caller=True):
        acting = who.acting()
        file, may_write = acting.case_file(job.id), acting.may(Act.JUDGE, job)
        parts.heading(desk_words.HAND, desk_words.HAND_BELOW)
        if not isinstance(report.finding, NotAssessed):
            _show_video(job, report, file, may_write=may_write)
            _show_segments(job, report, file, may_write=may_write)
        notes.show(acting, job, file, at_s=place.time_s(), last_s=report.media.duration_s)
        case.show(acting, job.id)


def _show_video(job: Job, report: Report, file: CaseFile, *, may_write: bool) -> None:
    look = wording.VERDICTS[report.finding.verdict]
    with st.container(key="hand-video", horizontal=True, vertical_alignment="center"):
        machine = parts.badge(look, look.short)
        st.html(f"<p><b>{desk_words.WHOLE_VIDEO}</b></p>{machine}{_said(file.marks.get(VIDEO))}")
        if may_write:
            _control(job.id, VIDEO, file, desk_words.WHOLE_VIDEO)


def _show_segments(job: Job, report: Report, file: CaseFile, *, may_write: bool) -> None:
    segments = _segments(job.result.report_sha256 if job.result else "", report)
    if not segments:
        parts.remark(desk_words.NO_SEGMENTS)
        return
    rank = {track.id: place for place, track in enumerate(ranked(report))}
    segments = sorted(segments, key=lambda segment: (rank[segment.track_id], segment.first_s))
    shown = segments
    if len(segments) > MAX_SHOWN:
        judged = sum(subject_of(segment) in file.marks for segment in segments)
        pages = -(-len(segments) // MAX_SHOWN)
        parts.remark(f"{counted(len(segments), 'segment', 'segments')}, {judged:,} with an opinion.")
        page = st.pagination(pages, key="hand_page") or 1
        shown = segments[(page - 1) * MAX_SHOWN : page * MAX_SHOWN]
    labels = {track.id: track.label for track in report.tracks}
    for track_id, group in groupby(shown, key=lambda segment: segment.track_id):
        st.html(f'<h3 class="dt-person">Face {labels[track_id]}</h3>')
        for segment in group:
            _show_segment(job.id, segment, labels[track_id], file, may_write=may_write)


def _show_segment(job_id: str, segment: Segment, label: str, file: CaseFile, *, may_write: bool) -> None:
    subject = subject_of(segment)
    when = sentences.interval(segment)
    peak = f"peak {score(segment.peak)} at {times.video_time(segment.peak_s)}"
    frames = counted(segment.frames, "suspicious frame", "suspicious frames")
    with st.container(key=f"hand-{subject}", horizontal=True, vertical_alignment="center"):
        st.html(f"<p><b>{when}</b></p><p>{peak}, {frames}</p>{_said(file.marks.get(subject))}")
        if st.button(wording.GO_THERE, key=f"go-{subject}"):
            place.seek(segment.peak_s)
            st.rerun()  # the player is in another fragment
        if may_write:
            _control(job_id, subject, file, f"Face {label}, {when}")


def _said(mark: Mark | None) -> str:
    if mark is None:
        return ""
    said = desk_words.said_by(mark.opinion, mark.by, times.local_time(mark.at))
    return f'<p class="dt-by">{escape(visible(said))}</p>'


def _control(job_id: str, subject: str, file: CaseFile, label: str) -> None:
    key = f"opinion-{job_id}-{subject}"
    mark = file.marks.get(subject)
    # What the store says now, which may be another person's word, and not what this session saw last.
    st.session_state[key] = mark.opinion if mark else None
    st.segmented_control(
        label, list(Opinion), format_func=desk_words.OPINIONS.__getitem__, key=key,
        label_visibility="collapsed", on_change=_mark, args=(job_id, subject, key), width="content",
    )  # fmt: skip


def _mark(job_id: str, subject: str, key: str) -> None:
    with faults.explained(retried_by_caller=True):
        who.acting().mark(job_id, subject, st.session_state[key])


@st.cache_resource(show_spinner=False, max_entries=32)
def _segments(report_sha256: str, _report: Report) -> Sequence[Segment]:
    if _report.detector is None:
        return ()
    return segments_of(_report.frames, _report.detector.threshold_high)
