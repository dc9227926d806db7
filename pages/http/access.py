"""Who may use a route: a program with a token, a page by the ticket it was given, or, where nobody has to
log in, everybody on this machine, but no other web site that a browser on it has open."""

import time
from hashlib import sha256
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request

from deeptrace_core import tokens
from deeptrace_core.errors import AccessDeniedError, OtherSiteError
from pages.http import login
from pages.shared import backend

TICKET_STEP_S = 24 * 3600
"""A ticket ends at a multiple of this time, and holds for one to two of it."""


def ticket() -> str:
    """What a page gives its browser, so that it may upload. Give it to whoever may see the page only."""
    return str(_tickets().dumps((int(time.time()) // TICKET_STEP_S + 2) * TICKET_STEP_S))


def check(request: Request) -> str:
    """Who asks: the name of a program, or "" for a person.

    Raises:
        AccessDeniedError: nobody who may.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        path = backend.settings().api_tokens_file
        owner = tokens.owner_of(path, given.strip()) if path is not None else None
        if owner is None:
            raise AccessDeniedError("This token is not known here.")
        return owner
    if login.programs_need_tokens():
        raise AccessDeniedError
    _refuse_other_sites(request)
    return ""


def check_upload(request: Request) -> str:
    """Likewise, for the routes that take files: a ticket is enough.

    Raises:
        AccessDeniedError: nobody who may.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "ticket":
        return check(request)
    try:
        until_s = _tickets().loads(given.strip())
    except BadSignature as error:
        raise AccessDeniedError(advice="Reload the page, and choose the file again.") from error
    if until_s < time.time():
        raise AccessDeniedError("This page was open for too long.", advice="Reload it: the upload goes on.")
    return ""


def _refuse_other_sites(request: Request) -> None:
    """A page of another site may make a browser send requests here; that browser says so."""
    origin = request.headers.get("origin")
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin") or (
        origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    ):
        raise OtherSiteError


def _tickets() -> URLSafeSerializer:
    signing = {"digest_method": sha256, "key_derivation": "hmac"}
    return URLSafeSerializer(backend.link_key(), salt="deeptrace.ticket", signer_kwargs=signing)
