"""The rest of a report: the file, the method, the limits, and the report itself to keep."""

import streamlit as st

from deeptrace_core.job import Job
from deeptrace_core.model import Report
from deeptrace_core.report_facts import file_facts, method_facts
from pages.shared import parts, places


def show(job: Job, report: Report, data: bytes, sha256: str) -> None:
    """Four tabs."""
    file, method, limits, keep = st.tabs(["File", "How it was measured", "Limits", "Download"])
    with file:
        parts.facts(file_facts(job.media.name, report.media))
    with method:
        parts.facts(method_facts(report))
    with limits:
        parts.points(report.limits)
    with keep:
        _download(job, data, sha256)


def _download(job: Job, data: bytes, sha256: str) -> None:
    st.download_button(
        "Download the report (JSON)",
        data,
        file_name=f"deeptrace-{places.short_id(job.id)}.json",
        mime="application/json",
        key="download",
        on_click="ignore",
        type="primary",
    )
    st.text("SHA-256 of this file. Whoever has the file can compute it again; a changed file has another.")
    st.code(sha256, language=None, wrap_lines=True)
