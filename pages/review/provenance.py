"""Where the file says that it comes from: its Content Credentials, and the traces in its container."""

from html import escape

import streamlit as st

from deeptrace_core import provenance_words as words
from deeptrace_core.model import Report
from deeptrace_core.provenance import ContainerFacts, Credentials, CredentialsState, NotRead
from pages.shared import parts
from pages.shared.icons import icon
from pages.shared.text import visible

LOOKS = {
    CredentialsState.ABSENT: ("none", "blank"),
    CredentialsState.TRUSTED: ("clear", "tick"),
    CredentialsState.UNTRUSTED: ("inconclusive", "question"),
    CredentialsState.BROKEN: ("failed", "cross"),
}
"""Tone and shape of each state. No two share a shape, and those that say something no tone."""
NOT_READ_LOOK = ("none", "stop")


def show(report: Report) -> None:
    """The section; nothing for a report that was made before this was read."""
    if report.provenance is None:
        return
    parts.heading("Where the file came from", "What the file itself says. The verdict does not rest on it.")
    found = report.provenance.credentials
    tone, shape = NOT_READ_LOOK if isinstance(found, NotRead) else LOOKS[found.state]
    st.html(parts.band(tone, icon(shape), words.headline(found), *words.explained(found)))
    if isinstance(found, Credentials) and found.steps:
        _show_history(found, report.created_at)
    _show_container(report.provenance.container)


def _show_history(credentials: Credentials, read_at: str) -> None:
    entries = "".join(
        f"<li><strong>{escape(visible(entry.who))}</strong>"
        + "".join(f"<p>{escape(visible(line))}</p>" for line in entry.lines)
        + "</li>"
        for entry in words.history(credentials, read_at)
    )
    title = escape(words.history_title(credentials))
    st.html(f'<h3 class="dt-subheading">{title}</h3><ol class="dt-history">{entries}</ol>')
    if credentials.more_steps:
        parts.remark(f"{credentials.more_steps} more are in the file.")
    checked = f"{words.NEWEST_CHECKED} " if len(credentials.steps) > 1 else ""
    parts.remark(checked + words.OFFLINE)


def _show_container(facts: ContainerFacts | NotRead) -> None:
    if isinstance(facts, NotRead):
        parts.remark(f"{words.CONTAINER_NOT_READ} {facts.explanation} {facts.advice}")
        return
    if hints := words.hint_lines(facts):
        lines = "".join(f"<li>{escape(visible(line))}</li>" for line in hints)
        st.html(
            f'<h3 class="dt-subheading">{escape(words.HINTS_TITLE)}</h3><p class="dt-below">'
            f'{escape(words.HINTS_ARE)}</p><ul class="dt-points">{lines}</ul>'
        )
    else:
        parts.remark(words.NO_HINTS)
    with st.expander("What else stands in the file"):
        parts.facts(words.container_rows(facts))
