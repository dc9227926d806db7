"""All routes of ours, and what answers when one of them fails."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router

from deeptrace_core.errors import DeepTraceError
from pages.http import analyze, files, health, jobs, metrics, paths, problem, sign_in, uploads

DESCRIPTION = Path(__file__).with_name("openapi.json")


def openapi(_: Request) -> Response:
    """GET /api/openapi.json: what all of these take and give."""
    return FileResponse(DESCRIPTION, media_type="application/json", headers={"Cache-Control": "no-cache"})


API = (
    Route("/analyze", analyze.analyze, methods=["POST"]),
    Route("/status/{id}", jobs.status),
    Route("/jobs", jobs.history),
    Route("/jobs/{id}", jobs.delete, methods=["DELETE"]),
    Route("/jobs/{id}/cancel", jobs.cancel, methods=["POST"]),
    Route("/jobs/{id}/report", jobs.report),
    Route("/uploads", uploads.begin, methods=["POST"]),
    Route("/uploads/{id}", uploads.state),
    Route("/uploads/{id}", uploads.append, methods=["PUT"]),
    Route("/uploads/{id}", uploads.cancel, methods=["DELETE"]),
    Route("/uploads/{id}/finish", uploads.finish, methods=["POST"]),
    Route("/health", health.alive),
    Route("/ready", health.ready),
    Route("/metrics", metrics.show),
    Route("/openapi.json", openapi),
)
PEOPLE = (
    Route("/sign-in", sign_in.show),
    Route("/sign-in", sign_in.enter, methods=["POST"]),
    Route("/sign-out", sign_in.leave),
)


def routes() -> list[BaseRoute]:
    """To be given to `st.App`."""
    return [
        _mounted(paths.API, API),
        _mounted(paths.FILES, (Route("/{sha256}", files.stored_file),)),
        _mounted(paths.PEOPLE, PEOPLE),
    ]


def _mounted(path: str, inner: Sequence[BaseRoute]) -> Mount:
    """Routes whose errors are problem documents; those of Streamlit keep its own."""
    handlers: dict[Any, Any] = {
        DeepTraceError: problem.of_error,
        HTTPException: problem.of_http_exception,
        ClientDisconnect: problem.of_disconnect,
        Exception: problem.of_accident,
    }
    router = Router(inner, redirect_slashes=False)
    return Mount(paths.base() + path, app=ExceptionMiddleware(router, handlers=handlers))
