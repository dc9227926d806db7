"""Where the pages are, and the address of a job. A link always names its query, so none is carried over."""

from typing import NoReturn

import streamlit as st

ANALYZE = "analyze/page.py"
REVIEW = "review/page.py"
HISTORY = "history/page.py"
VERIFY = "verify/page.py"
COMPARE = "compare/page.py"
SYSTEM = "system/page.py"


def job_query(job_id: str) -> dict[str, str]:
    """The query of a job's address: /review?job=<id>."""
    return {"job": job_id}


def go_to_job(job_id: str) -> NoReturn:
    """Leave this page for the job's page."""
    st.switch_page(REVIEW, query_params=job_query(job_id))


def short_id(job_id: str) -> str:
    """Enough of an id for people to tell jobs apart."""
    return job_id[:8]
