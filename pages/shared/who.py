"""Who is at the desk: the name under which the audit trail remembers an act."""

import streamlit as st

NOBODY_LOGGED_IN = "local"


def current_user() -> str:
    """The person who is logged in; "local" where nobody has to log in."""
    if not getattr(st.user, "is_logged_in", False):
        return NOBODY_LOGGED_IN
    return str(st.user.get("email") or st.user.get("name") or st.user.get("sub") or NOBODY_LOGGED_IN)
