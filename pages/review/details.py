"""The rest of a report: the file, the method, the limits, and all of it to take away."""

import streamlit as st

from deeptrace_core.job import Job
from deeptrace_core.model import Report
from deeptrace_core.permissions import Act
from deeptrace_core.report_facts import file_facts, method_facts
from pages.review import downloads
from pages.shared import again, desk_words, parts, who


def show(job: Job, report: Report, data: bytes, sha256: str) -> None:
    """Four tabs."""
    file, method, limits, keep = st.tabs(["File", "How it was measured", "Limits", "Download"])
    with file:
        parts.facts(file_facts(job.media.name, report.media))
    with method:
        parts.facts(method_facts(report))
        if who.acting().may(Act.SUBMIT) and st.button(desk_words.RUN_WITH_ANOTHER, key="again"):
            again.ask([job])
    with limits:
        parts.points(report.limits)
    with keep:
        downloads.show(job, report, data, sha256)
