"""All jobs, the newest first."""

import streamlit as st

from pages.history import filters, row
from pages.shared import backend, parts, places, wording

PAGE_SIZE = 20

parts.title("History", "Every video that was submitted here, the newest first.")
name, states = filters.choose()
number = filters.page_number()
# One more than is shown tells whether there is another page, without counting all.
jobs = backend.store().jobs.history(
    limit=PAGE_SIZE + 1, skip=number * PAGE_SIZE, name_contains=name or None, states=states or None
)
for job in jobs[:PAGE_SIZE]:
    row.show(job)
if not jobs:
    if name or states or number:
        parts.notice("none", wording.NO_MATCH)
    else:
        parts.notice("none", wording.NO_JOBS, wording.NO_JOBS_ADVICE)
        st.page_link(places.ANALYZE, label=wording.TO_ANALYZE, query_params={})
filters.turn_pages(number, more=len(jobs) > PAGE_SIZE)
