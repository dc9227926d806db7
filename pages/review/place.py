"""Where in the video the page is: in its address, so that a link leads to the same moment."""

import math

import streamlit as st

from deeptrace_core.model import Report

TIME = "t"
THRESHOLD = "thr"
FOLLOWER = "hand"
"""The fragment that is drawn again when the player rests at another moment."""
NOTHING = 2.0
"""A threshold that no score reaches: where there is no detector, nothing is marked."""


def seek(time_s: float) -> None:
    """Have the player go there in the next run. For callbacks."""
    key = _seek_key()
    number = st.session_state.get(key, {}).get("number", 0) + 1
    st.session_state[key] = {"timeS": time_s, "number": number}
    remember(time_s)


def wanted_seek() -> dict[str, float] | None:
    """The last seek that was asked for; at first the moment that the address names, if any."""
    key = _seek_key()
    if key not in st.session_state:
        time_s = _number(TIME)
        if time_s is None:
            return None
        st.session_state[key] = {"timeS": time_s, "number": 1}
    wanted: dict[str, float] = st.session_state[key]
    return wanted


def remember(time_s: float) -> None:
    """Put a moment into the address."""
    st.query_params[TIME] = f"{time_s:.2f}"


def time_s() -> float | None:
    """The moment in the address, in seconds, or None."""
    return _number(TIME)


def threshold(report: Report) -> float | None:
    """From which score on moments are marked: as the address says, else as the detector does."""
    if report.detector is None:
        return None
    chosen = _number(THRESHOLD)
    return report.detector.threshold_high if chosen is None else min(chosen, 1.0)


def remember_threshold(chosen: float, report: Report) -> None:
    """Put it into the address, unless it is the detector's own."""
    if report.detector is not None and chosen != report.detector.threshold_high:
        st.query_params[THRESHOLD] = f"{chosen:.2f}"
    else:
        st.query_params.pop(THRESHOLD, None)


def _seek_key() -> str:
    # A session shows many videos, and a moment of one is none of another.
    return f"seek-{st.query_params.get('job', '')}"


def _number(name: str) -> float | None:
    try:
        value = float(st.query_params.get(name, ""))
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
