"""Who looks at the pages, where people log in."""

from html import escape

import streamlit as st

from deeptrace_core.permissions import Person
from pages.http import login, paths, sign_in
from pages.shared import parts, who, wording


def ask_to_log_in() -> None:
    """All that is shown to somebody who may not enter."""
    if name := who.provider_knows():
        parts.title(wording.LOG_IN_TITLE, wording.NO_ROLE.format(name=name))
        st.button(wording.LOG_OUT, key="log_out", on_click=st.logout)
        return
    parts.title(wording.LOG_IN_TITLE, wording.LOG_IN_BELOW)
    if login.by_provider():
        st.button(wording.LOG_IN, key="log_in", type="primary", on_click=st.login)
    else:
        _link(sign_in.address(paths.base() + "/"), wording.LOG_IN)


def offer_to_log_out(person: Person) -> None:
    """Who is logged in, and the way out; nothing where nobody has to."""
    if not login.people_log_in():
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        parts.remark(wording.LOGGED_IN.format(name=person.name, role=person.role))
        if login.by_provider():
            st.button(wording.LOG_OUT, key="log_out", on_click=st.logout)
        else:
            _link(paths.base() + paths.SIGN_OUT, wording.LOG_OUT)


def _link(address: str, label: str) -> None:
    # To a page that is none of Streamlit's: its own links would look for one.
    st.html(
        f'<a class="dt-way" href="{escape(address, quote=True)}" target="_self">{label}</a>', width="content"
    )
