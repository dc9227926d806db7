"""`streamlit run app.py`: the pages of DeepTrace and its HTTP routes in one server on one port."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from deeptrace_core.errors import DeepTraceError
from deeptrace_core.webhook import Messenger
from pages.http import login
from pages.http.guard import Guard
from pages.http.routes import routes
from pages.shared import backend


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """From the start of the server to its end."""
    # Before the first visit, so that nobody waits for it. If it is away, each visit tries again.
    with suppress(DeepTraceError):
        await run_in_threadpool(backend.store)
    messenger = Messenger(backend.store, private=backend.settings().webhook_private)
    messenger.start()
    yield
    messenger.stop()
    backend.close()


try:
    login.refuse_open_door(st.get_option("server.address"))
except DeepTraceError as error:
    sys.exit(error.diagnostics())
app = st.App("pages/frame.py", routes=routes(), middleware=[Middleware(Guard)], lifespan=lifespan)
