"""Who has to prove who they are: people by OpenID Connect (`st.login`) or a password, programs by tokens."""

import ipaddress

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from deeptrace_core.errors import StartupError
from pages.shared import backend

LOOPBACK_NAMES = {"localhost", "127.0.0.1", "[::1]"}


def people_log_in() -> bool:
    """Whether people have to log in at all."""
    return by_provider() or by_password()


def by_password() -> bool:
    """Whether people log in with a password of ours. A provider, where there is one, takes its place."""
    return backend.settings().users_file is not None and not by_provider()


@st.cache_resource(show_spinner=False)
def by_provider() -> bool:
    """Whether there is an [auth] section in the secrets."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def programs_need_tokens() -> bool:
    """Whether the API is for programs with a token only: where there are tokens, or people log in."""
    return backend.settings().api_tokens_file is not None or people_log_in()


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return address == "localhost" or ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address.startswith(("unix:", "/"))


def refuse_open_door(address: str | None) -> None:
    """Do not begin to serve other machines where nobody has to log in.

    Args:
        address: where the server will listen; None for everywhere.

    Raises:
        StartupError: it would.
    """
    if people_log_in() or (address and is_loopback(address)):
        return
    if not backend.settings().without_login:
        raise StartupError(
            f"The server would listen on {address or 'every address'}, where others can reach it, and nobody "
            "has to log in.",
            advice="Set up the login, as the README says. Or, if something in front of this server lets only "
            "the right people through: DEEPTRACE_WITHOUT_LOGIN=yes",
        )
    st.logger.get_logger("deeptrace").warning(
        "WITHOUT LOGIN: whoever reaches %s sees, submits and deletes every video.", address or "this machine"
    )
