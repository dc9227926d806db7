"""What every request passes first, those of Streamlit included: who may come in at all, and which headers
every answer has."""

import base64
import hashlib
import re
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deeptrace_core.errors import DeepTraceError
from pages.http import login, metrics, paths, problem, session, sign_in
from pages.shared import backend

PAGE = Path(st.__file__).with_name("static") / "index.html"


def _own_scripts() -> str:
    """The scripts in Streamlit's own page, by their hashes, so that no other in a page will run."""
    scripts = re.findall(r"<script>(.*?)</script>", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


# Streamlit puts styles into its page, loads components from blobs, and plays files from itself. No script of
# anybody else runs, and nothing is sent or loaded from anywhere else.
POLICY = "; ".join(
    (
        "default-src 'self'",
        f"script-src 'self' blob: {_own_scripts()}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._ours = tuple(paths.base() + path + "/" for path in (paths.API, paths.FILES, paths.PEOPLE))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, unless nobody has to log in and it does not come from this machine."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith(self._ours):
                    metrics.ANSWERS.labels(scope["method"], str(message["status"])).inc()
            await send(message)

        if is_foreign(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})  # which the browser sees as a 403
                return
            refusal = problem.problem(
                403,
                "ACCESS_DENIED",
                "This server has no login, so it serves its own machine only.",
                "Open it as http://127.0.0.1, or set up the login.",
            )
            await refusal(scope, receive, send_with_headers)
            return
        if "\n" in scope["path"] and scope["path"].startswith(self._ours):
            # Starlette's patterns end at the end of a line, so this would fall through to Streamlit.
            refusal = problem.problem(
                404, "NOT_FOUND", "Not Found.", "No address contains the end of a line."
            )
            await refusal(scope, receive, send_with_headers)
            return
        if await run_in_threadpool(self._must_log_in, scope):
            query = scope["query_string"].decode("latin-1")
            to = sign_in.address(scope["path"] + (f"?{query}" if query else ""))
            await RedirectResponse(to, 303)(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)

    def _must_log_in(self, scope: Scope) -> bool:
        """Whether a browser opens a page for somebody who has to give a password first."""
        if scope["type"] != "http" or scope["path"].startswith(self._ours) or not login.by_password():
            return False
        request = Request(scope)
        if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
            return False
        try:
            return session.person_of(request.cookies.get(session.COOKIE, "")) is None
        except DeepTraceError:
            return False  # the page says what is wrong; nobody enters it


def is_foreign(scope: Scope) -> bool:
    """Whether somebody else may have sent this to a server that has no login."""
    if login.people_log_in() or backend.settings().without_login:
        return False
    # A name of its own that leads to this machine is how another web site reaches it past its origin.
    host = Headers(scope=scope).get("host", "")
    if host.rpartition(":")[0] not in login.LOOPBACK_NAMES and host not in login.LOOPBACK_NAMES:
        return True
    # However it was started: `uvicorn app:app --host 0.0.0.0` does not ask the settings.
    server = scope.get("server")
    return server is not None and server[1] is not None and not login.is_loopback(server[0])
