"""`streamlit run app.py`: the pages of DeepTrace and its HTTP routes in one server on one port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from pages.http.routes import routes
from pages.shared import backend


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """From the start of the server to its end."""
    yield
    backend.close()


app = st.App("pages/frame.py", routes=routes(), lifespan=lifespan)
