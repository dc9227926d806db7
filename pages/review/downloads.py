"""A finished job to take away, in each format that there is."""

import io
import os
import tempfile
from functools import partial
from typing import BinaryIO, cast

import streamlit as st

from deeptrace_core.acting import Acting
from deeptrace_core.formats import FORMATS
from deeptrace_core.formats.gather import gather
from deeptrace_core.formats.interface import ReportFormat
from deeptrace_core.job import Job
from deeptrace_core.model import Report
from deeptrace_core.permissions import Act
from deeptrace_core.store import Store
from pages.shared import backend, desk_words, parts, places, who


def show(job: Job, report: Report, data: bytes, sha256: str) -> None:
    """A button for each format, and the hash that the report can be recognised by."""
    store, acting = backend.store(), who.acting()
    for number, format_ in enumerate(FORMATS):
        with st.container(key=f"take-{format_.name}", horizontal=True, vertical_alignment="center"):
            st.download_button(
                desk_words.download(format_.label),
                # Made at the click: most of those who read a report take none of them.
                partial(made, store, format_, job, report, data, sha256, acting),
                file_name=f"deeptrace-{places.short_id(job.id)}{format_.suffix}",
                mime=format_.media_type,
                key=f"download_{format_.name}",
                on_click="ignore",
                type="secondary" if number else "primary",
            )
            parts.remark(format_.about)
    st.text(desk_words.REPORT_HASH)
    st.code(sha256, language=None, wrap_lines=True)


def made(
    store: Store, format_: ReportFormat, job: Job, report: Report, data: bytes, sha256: str, acting: Acting
) -> io.FileIO:
    """A file without a name on disk, at its beginning. That it was taken is in the audit trail."""
    acting.job(job.id, Act.EXPORT)  # it may be shared no longer since the page was drawn
    with tempfile.TemporaryFile() as out:
        format_.write(gather(store, job, report, data, sha256), cast(BinaryIO, out))
        out.seek(0)
        # Of files, Streamlit takes those that only read, and those without a buffer.
        file = io.FileIO(os.dup(out.fileno()))
    acting.note_export(job, format_.name)
    return file
