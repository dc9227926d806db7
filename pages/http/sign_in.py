"""Logging in with a password: a plain page of our own, since pages of Streamlit can set no cookie."""

import threading
import time
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, quote

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from deeptrace_core import users
from deeptrace_core.users import User
from pages.http import access, body, login, paths, session
from pages.shared import backend

log = st.logger.get_logger("deeptrace.people")

FREE_TRIES = 5
"""Wrong passwords for a name, before each further one makes the next wait."""
LONGEST_WAIT_S = 60.0
MAX_NAMES = 10_000
WRONG = "This name and this password do not belong together."
_PAGE = Path(__file__).with_name("sign_in.html").read_text(encoding="utf-8")
# Each check takes 64 MB and all of a core: one at a time.
_checking = threading.Lock()
_failures: dict[str, tuple[int, float]] = {}


def show(request: Request) -> Response:
    """GET /people/sign-in?next=..."""
    _only_with_passwords()
    return _page("", request.query_params.get("next", ""))


async def enter(request: Request) -> Response:
    """POST /people/sign-in: name, password and where to go next, as a form."""
    _only_with_passwords()
    access.refuse_other_sites(request)
    form = parse_qs((await body.small(request)).decode("utf-8", "replace"), keep_blank_values=True)
    name, password, after = (form.get(field, [""])[0] for field in ("name", "password", "next"))
    said, user = await run_in_threadpool(_checked, name, password)
    if user is None:
        log.warning("REFUSED: a wrong name or password for %r, from %s.", name[:100], _address(request))
        return _page(said, after, status=401)
    log.info("LOGGED IN: %s (%s), from %s.", user.person.name, user.person.role, _address(request))
    answer = RedirectResponse(_inside(after), 303)
    answer.set_cookie(
        session.COOKIE,
        await run_in_threadpool(session.cookie_for, user),
        max_age=session.LASTS_S,
        path=paths.base() or "/",
        secure=_is_https(request),
        httponly=True,
        samesite="lax",
    )
    return answer


def leave(request: Request) -> Response:
    """GET /people/sign-out."""
    _only_with_passwords()
    access.refuse_other_sites(request)
    answer = RedirectResponse(paths.base() + paths.SIGN_IN, 303)
    answer.delete_cookie(session.COOKIE, path=paths.base() or "/")
    return answer


def address(after: str) -> str:
    """The page to log in on, which leads on to a path of this server."""
    return f"{paths.base()}{paths.SIGN_IN}?next={quote(after, safe='')}"


def _checked(name: str, password: str) -> tuple[str, User | None]:
    path = backend.settings().users_file
    with _checking:
        wrong, again_s = _failures.get(name, (0, 0.0))
        wait_s = again_s - time.monotonic()
        if wait_s > 0:
            return f"Too many wrong passwords for this name. Try again in {wait_s:.0f} seconds.", None
        user = users.let_in(path, name, password) if path else None
        if user is not None:
            _failures.pop(name, None)
            return "", user
        if len(_failures) >= MAX_NAMES:
            _failures.clear()
        pause_s = min(2.0 ** max(wrong + 1 - FREE_TRIES, 0), LONGEST_WAIT_S) if wrong + 1 >= FREE_TRIES else 0
        _failures[name[: users.MAX_PASSWORD_CHARS]] = (wrong + 1, time.monotonic() + pause_s)
        return WRONG, None


def _page(said: str, after: str, status: int = 200) -> Response:
    wrong = f'<p role="alert">{escape(said)}</p>' if said else ""
    page = _PAGE.replace("{{ said }}", wrong).replace("{{ next }}", escape(after, quote=True))
    return HTMLResponse(page, status, headers={"Cache-Control": "no-store"})


def _inside(after: str) -> str:
    """Where to go: a path of this server, never another site."""
    is_ours = after.startswith("/") and not after.startswith(("//", "/\\")) and after.isprintable()
    return after if is_ours else paths.base() + "/"


def _only_with_passwords() -> None:
    if not login.by_password():
        raise HTTPException(404)


def _is_https(request: Request) -> bool:
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", ""))


def _address(request: Request) -> str:
    return request.client.host if request.client else "this machine"
