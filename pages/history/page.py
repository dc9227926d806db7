"""All jobs, the newest first: to find, to open, to compare, to delete."""

import streamlit as st

from deeptrace_core.listing import Search
from deeptrace_core.permissions import Act, Reach, reach
from pages.history import actions, filters, row
from pages.shared import desk_words, parts, places, who, wording

PAGE_SIZE = 20

sees_all = reach(who.acting().person, Act.SEE) is Reach.ALL
parts.title("History", desk_words.HISTORY_OF_ALL if sees_all else desk_words.HISTORY_OF_SOME)
search = filters.choose()
older_than, newer_than = filters.place()
page = who.acting().page(search, PAGE_SIZE, older_than=older_than, newer_than=newer_than)
if page.jobs:
    actions.show(page.jobs)
else:
    actions.say()
for job in page.jobs:
    row.show(job)
if not page.jobs:
    if search != Search() or page.has_newer or page.has_older:
        parts.notice("none", wording.NO_MATCH)
    else:
        parts.notice("none", wording.NO_JOBS, wording.NO_JOBS_ADVICE)
        st.page_link(places.ANALYZE, label=wording.TO_ANALYZE, query_params={})
filters.turn_pages(page)
