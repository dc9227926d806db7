"""Running videos that are stored here once more, with another detector."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from deeptrace_core.job import Job
from pages.analyze.options import offers_of
from pages.shared import backend, desk_words, faults, parts, places, who, wording


@st.dialog(desk_words.AGAIN_TITLE)
def ask(jobs: Sequence[Job]) -> None:
    """Which detector, and then a new job for each of these videos. What there is stays."""
    with faults.explained(retried_by_caller=True):
        workers = backend.store().workers.alive()
        offers = offers_of(workers)
        used = {job.options.detector for job in jobs}
        default = workers[0].default_detector if workers else backend.settings().detector
        names = sorted({default, *offers}, key=lambda name: (name in used, name))
        name: str = st.selectbox(desk_words.AGAIN_DETECTOR, names, key="again_detector")
        if name in offers:
            parts.remark(offers[name].description)
            if not offers[name].ready:
                parts.notice("inconclusive", wording.WEIGHTS_MISSING, wording.weights_command(name))
        parts.remark(desk_words.AGAIN_MEANS)
        if st.button(desk_words.run_again(len(jobs)), key="again_confirm", type="primary"):
            _submit(jobs, name)


def _submit(jobs: Sequence[Job], detector: str) -> None:
    acting = who.acting()
    new = [acting.submit(job.media, replace(job.options, detector=detector)).job_id for job in jobs]
    if len(new) == 1:
        places.go_to_job(new[0])
    st.switch_page(places.HISTORY, query_params={})
