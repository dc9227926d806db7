"""Which jobs to list: part of the name, states, and the page of the list."""

import streamlit as st

from deeptrace_core.job import JobState
from pages.shared import wording

_PAGE = "history_page"


def choose() -> tuple[str, list[JobState]]:
    """What the name contains, and the states; both empty for all."""
    name: str = st.text_input(
        "Search by file name", key="history_name", type="search", placeholder="Part of the file name",
        label_visibility="collapsed", max_chars=200, on_change=_to_first_page,
    )  # fmt: skip
    states: list[JobState] = st.pills(
        "States", list(JobState), selection_mode="multi", key="history_states",
        format_func=_label,
        label_visibility="collapsed", on_change=_to_first_page,
    )  # fmt: skip
    return name.strip(), states


def _label(state: JobState) -> str:
    return wording.STATES[state].short


def page_number() -> int:
    """Which page of the list is shown, counted from 0."""
    number: int = st.session_state.get(_PAGE, 0)
    return number


def turn_pages(number: int, *, more: bool) -> None:
    """Buttons to newer and older jobs, where there are any."""
    if not number and not more:
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.button("Newer", key="newer", disabled=not number, on_click=_turn, args=(number - 1,))
        st.text(f"Page {number + 1}")
        st.button("Older", key="older", disabled=not more, on_click=_turn, args=(number + 1,))


def _turn(number: int) -> None:
    st.session_state[_PAGE] = number


def _to_first_page() -> None:
    _turn(0)
