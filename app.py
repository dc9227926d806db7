"""`streamlit run app.py`: the pages of DeepTrace in one server on one port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from pages.shared import backend


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """From the start of the server to its end."""
    yield
    backend.close()


app = st.App("pages/frame.py", lifespan=lifespan)
