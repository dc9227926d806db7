"""What a page shows when it cannot do its work: what happened, what it means, what to do."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from deeptrace_core.errors import DeepTraceError, JobNotFoundError, StoreUnavailableError
from pages.shared import backend, parts, places, wording

log = logging.getLogger("deeptrace.pages")

RETRY_S = 3
_JUST_FAILED = "database_just_failed"


@contextmanager
def explained(*, retried_by_caller: bool = False) -> Iterator[None]:
    """Turn the errors of a page into words.

    Args:
        retried_by_caller: the caller runs again by itself, so that no second timer is needed. A fragment
            needs its own `explained`: Streamlit runs it alone, outside of the frame.
    """
    try:
        yield
    except StoreUnavailableError as error:
        log.warning("database unavailable: %s", error)
        if retried_by_caller:
            _database_banner()
            _is_back()
        else:
            st.session_state[_JUST_FAILED] = True
            _until_the_database_is_back()
    except JobNotFoundError as error:
        parts.notice("none", wording.JOB_NOT_FOUND, error.advice)
        st.page_link(places.HISTORY, label=wording.TO_HISTORY, query_params={})
    except DeepTraceError as error:
        log.exception("%s", error.code)
        parts.notice("failed", error.what, error.advice)
    except Exception:
        error_id = secrets.token_hex(4)
        log.exception("error id %s", error_id)
        parts.notice("failed", wording.UNEXPECTED, wording.UNEXPECTED_ADVICE.format(id=error_id))


@st.fragment(run_every=RETRY_S)
def _until_the_database_is_back() -> None:
    _database_banner()
    # The first run follows the failure at once: asking again would only double the wait.
    if not st.session_state.pop(_JUST_FAILED, False) and _is_back():
        st.rerun()


def _is_back() -> bool:
    """Whether the database answers. Starts the embedded one again if it died."""
    try:
        store = backend.store()
        store.revive()
        store.ping()
    except DeepTraceError as error:
        log.info("database still unavailable: %s", error)
        return False
    return True


def _database_banner() -> None:
    parts.notice("inconclusive", wording.DATABASE_DOWN, wording.DATABASE_DOWN_ADVICE)
