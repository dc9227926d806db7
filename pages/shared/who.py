"""Who is at the desk: under this name acts are remembered, and this role says which are allowed."""

import streamlit as st

from deeptrace_core.acting import Acting
from deeptrace_core.claims import role_from
from deeptrace_core.errors import AccessDeniedError
from deeptrace_core.permissions import Person, Role
from pages.http import login, session
from pages.shared import backend

LOCAL = Person(name="local", role=Role.ADMIN)
"""Everybody, where nobody has to log in."""
_GREETED = "greeted"

log = st.logger.get_logger("deeptrace.people")


def current_person() -> Person | None:
    """Who looks at this page; None if they have to log in first, or have no role here."""
    if login.by_provider():
        return _by_provider()
    if login.by_password():
        return session.person_of(st.context.cookies.get(session.COOKIE, ""))
    return LOCAL


def provider_knows() -> str:
    """The name of somebody whom the provider let in, whatever their role; "" if nobody."""
    if not login.by_provider() or not st.user.get("is_logged_in"):
        return ""
    return str(st.user.get("email") or st.user.get("name") or st.user.get("sub") or "")


def acting() -> Acting:
    """The store, as this person may use it.

    Raises:
        AccessDeniedError: they are logged in no longer.
    """
    person = current_person()
    if person is None:
        raise AccessDeniedError("You are no longer logged in.", advice="Reload the page, and log in.")
    return Acting(backend.store(), person)


def _by_provider() -> Person | None:
    name = provider_knows()
    if not name:
        return None
    role = role_from(st.user.to_dict(), backend.settings())
    if st.session_state.get(_GREETED) != [name, role]:
        st.session_state[_GREETED] = [name, role]
        if role is None:
            log.warning("REFUSED: %s has no role here.", name)
        else:
            log.info("LOGGED IN: %s (%s).", name, role)
    return None if role is None else Person(name=name, role=role)
