"""Who looks at the pages, where people log in."""

import streamlit as st

from pages.http import login
from pages.shared import parts, wording


def may_enter() -> bool:
    """Whether this visitor may see the pages."""
    return not login.people_log_in() or bool(st.user.get("is_logged_in"))


def ask_to_log_in() -> None:
    """All that is shown to somebody who has not."""
    parts.title(wording.LOG_IN_TITLE, wording.LOG_IN_BELOW)
    st.button(wording.LOG_IN, key="log_in", type="primary", on_click=st.login)


def offer_to_log_out() -> None:
    """Who is logged in, and the way out; nothing where nobody has to."""
    if not login.people_log_in():
        return
    name = str(st.user.get("email") or st.user.get("name") or "")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        parts.remark(wording.LOGGED_IN.format(name=name) if name else "")
        st.button(wording.LOG_OUT, key="log_out", on_click=st.logout)
