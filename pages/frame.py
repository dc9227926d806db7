"""The frame around every page: title, menu, look, and what is shown when a page fails."""

from pathlib import Path

import streamlit as st

from pages.shared import faults, places, visitor, who

HERE = Path(__file__).resolve().parent

st.set_page_config(page_title="DeepTrace", page_icon=str(HERE / "shared/icon.png"), layout="centered")
st.html(HERE / "shared/style.css")
st.html(HERE / "shared/desk.css")
person, unsure = None, True
with faults.explained():
    person, unsure = who.current_person(), False
page = st.navigation(
    [
        st.Page(places.ANALYZE, title="Analyze", default=True),
        # Reached by a link to one job only: without ?job= there is nothing to review.
        st.Page(places.REVIEW, title="Review", url_path="review", visibility="hidden"),
        st.Page(places.HISTORY, title="History", url_path="history"),
        st.Page(places.VERIFY, title="Verify", url_path="verify"),
        # Reached from the history, with two jobs.
        st.Page(places.COMPARE, title="Compare", url_path="compare", visibility="hidden"),
        st.Page(places.SYSTEM, title="System", url_path="system"),
    ],
    position="top" if person else "hidden",
)
if person:
    with faults.explained():
        page.run()
    visitor.offer_to_log_out(person)
elif not unsure:
    visitor.ask_to_log_in()
