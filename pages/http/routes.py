"""All routes of ours, and what answers when one of them fails."""

from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import BaseRoute, Mount, Route, Router

from deeptrace_core.errors import DeepTraceError
from pages.http import paths, problem
from pages.http.files import stored_file


def routes() -> list[BaseRoute]:
    """To be given to `st.App`."""
    files = [Route("/{sha256}", stored_file)]
    return [_mounted(paths.FILES, files)]


def _mounted(path: str, inner: Sequence[BaseRoute]) -> Mount:
    """Routes whose errors are problem documents; those of Streamlit keep its own."""
    handlers: dict[Any, Any] = {
        DeepTraceError: problem.of_error,
        HTTPException: problem.of_http_exception,
        Exception: problem.of_accident,
    }
    return Mount(paths.base() + path, app=ExceptionMiddleware(Router(inner), handlers=handlers))
