"""Notes on a file: those that are there, and a form for another."""

import math
from html import escape

import streamlit as st

from deeptrace_core.acting import Acting
from deeptrace_core.casework import MAX_NOTE_CHARS, CaseFile, Note
from deeptrace_core.job import Job
from deeptrace_core.permissions import Act
from pages.shared import desk_words, faults, parts, times, who
from pages.shared.text import visible

_TEXT = "note_text"


def show(acting: Acting, job: Job, file: CaseFile, *, at_s: float | None, last_s: float) -> None:
    """All notes in the order of writing, and the form below them for those who may write."""
    st.html(f'<h3 class="dt-person">{desk_words.NOTES}</h3>')
    for note in file.notes:
        _show(job.id, note, may_remove=acting.may_remove(job, note))
    if not file.notes:
        parts.remark(desk_words.NO_NOTES)
    if acting.may(Act.JUDGE, job):
        _form(job.id, at_s, last_s)


def _show(job_id: str, note: Note, *, may_remove: bool) -> None:
    with st.container(key=f"note-{note.id}", horizontal=True, vertical_alignment="top"):
        st.html(note_html(note, times.local_time(note.at)))
        if not may_remove:
            return
        with st.popover(desk_words.REMOVE, type="tertiary", width="content"):
            st.text(desk_words.REMOVE_NOTE)
            st.button(
                desk_words.REMOVE_FOR_GOOD, key=f"remove-{note.id}", on_click=_remove, args=(job_id, note.id)
            )


def note_html(note: Note, when: str) -> str:
    """The words of a note as they were written, and under them who wrote it."""
    moment = f"<b>{times.video_time(note.at_s)}</b> " if note.at_s is not None else ""
    lines = "<br>".join(escape(visible(line)) for line in note.text.splitlines())
    return (
        f'<p class="dt-note">{moment}{lines}</p>'
        f'<p class="dt-by">{escape(visible(desk_words.written_by(note.by, when)))}</p>'
    )


def _form(job_id: str, at_s: float | None, last_s: float) -> None:
    # Another moment is another field: the value of a field that was drawn cannot be changed.
    moment_key = f"note_at_{at_s}"
    end_s = math.ceil(last_s * 10) / 10
    now_s = None if at_s is None else min(at_s, end_s)
    with st.form("note", clear_on_submit=True, border=False):
        st.text_area(
            desk_words.NOTE, max_chars=MAX_NOTE_CHARS, key=_TEXT, placeholder=desk_words.NOTE_HINT, height=90
        )
        if end_s:  # a picture has no moments
            st.number_input(
                desk_words.NOTE_MOMENT, 0.0, end_s, now_s, 0.1, format="%.1f",
                key=moment_key, placeholder=desk_words.NO_MOMENT,
            )  # fmt: skip
        st.form_submit_button(desk_words.ADD_NOTE, key="note_add", on_click=_add, args=(job_id, moment_key))


def _add(job_id: str, moment_key: str) -> None:
    text, at_s = st.session_state[_TEXT], st.session_state.get(moment_key)
    if text.strip():
        with faults.explained(retried_by_caller=True):
            who.acting().add_note(job_id, text, at_s=at_s)


def _remove(job_id: str, note_id: str) -> None:
    with faults.explained(retried_by_caller=True):
        who.acting().remove_note(job_id, note_id)
