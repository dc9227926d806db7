"""Which jobs to list: a text, what came of them, when they were submitted, and the place in the list."""

from datetime import date, timedelta

import streamlit as st

from deeptrace_core.job import JobState
from deeptrace_core.listing import Outcome, Page, Place, Search
from deeptrace_core.model import Verdict
from pages.shared import desk_words, times, wording

OUTCOMES: tuple[Outcome, ...] = (
    *Verdict,
    *(state for state in JobState if state is not JobState.COMPLETED),  # which has a verdict
)
_PLACE = "history_place"


def choose() -> Search:
    """What is asked for; empty for all."""
    with st.container(horizontal=True, key="history-filters"):
        text: str = st.text_input(
            "Search", key="q", persist_state="session", type="search", placeholder=desk_words.SEARCH_HINT,
            label_visibility="collapsed", max_chars=200, on_change=_to_newest,
        )  # fmt: skip
        days: tuple[date, ...] = st.date_input(
            desk_words.SEARCH_DAYS, value=[], key="days", persist_state="session", format="YYYY-MM-DD",
            label_visibility="collapsed", on_change=_to_newest, width=250,
        )  # fmt: skip
    outcomes: list[Outcome] = st.pills(
        "Outcome", OUTCOMES, selection_mode="multi", key="outcome", persist_state="session",
        format_func=_label, label_visibility="collapsed", on_change=_to_newest,
    )  # fmt: skip
    # While the second day is still to be chosen there is one.
    since, before = (days[0], days[-1] + timedelta(days=1)) if days else (None, None)
    return Search(
        text=text,
        outcomes=frozenset(outcomes),
        since=times.begin_of(since) if since else None,
        before=times.begin_of(before) if before else None,
    )


def _label(outcome: Outcome) -> str:
    return (wording.VERDICTS[outcome] if isinstance(outcome, Verdict) else wording.STATES[outcome]).short


def place() -> tuple[Place | None, Place | None]:
    """The page shows what is older than the first place, or newer than the second; the newest if neither."""
    direction, *where = st.session_state.get(_PLACE, ["", "", ""])
    at = Place(created_at=where[0], id=where[1])
    return (at if direction == "older" else None), (at if direction == "newer" else None)


def turn_pages(page: Page) -> None:
    """Buttons to newer and older jobs, where there are any."""
    if not page.has_newer and not page.has_older:
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        newer = ["newer", page.jobs[0].created_at, page.jobs[0].id] if page.jobs else ["", "", ""]
        older = ["older", page.jobs[-1].created_at, page.jobs[-1].id] if page.jobs else ["", "", ""]
        st.button("Newer", key="newer", disabled=not page.has_newer, on_click=_turn, args=(newer,))
        st.button("Older", key="older", disabled=not page.has_older, on_click=_turn, args=(older,))


def _turn(where: list[str]) -> None:
    st.session_state[_PLACE] = where


def _to_newest() -> None:
    st.session_state.pop(_PLACE, None)
