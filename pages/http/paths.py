"""Where our routes are, below the base path of the server, which Streamlit puts before its own only."""

import streamlit as st

API = "/api"
FILES = "/files"
"""Not /media, which Streamlit keeps for itself."""
PEOPLE = "/people"
SIGN_IN, SIGN_OUT = f"{PEOPLE}/sign-in", f"{PEOPLE}/sign-out"


def base() -> str:
    """What stands before every path: "" or "/name" of `server.baseUrlPath`."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""
