"""Who may use a route: a program with a token, a page by the ticket it was given, or, where nobody has to
log in, everybody on this machine, but no other web site that a browser on it has open."""

import time
from hashlib import sha256
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request

from deeptrace_core import tokens
from deeptrace_core.acting import Acting, require
from deeptrace_core.errors import AccessDeniedError, OtherSiteError
from deeptrace_core.permissions import Act, Person, Role
from pages.http import login
from pages.shared import backend

TICKET_STEP_S = 24 * 3600
"""A ticket ends at a multiple of this time, and holds for one to two of it."""
PROGRAM = Person(name="api", role=Role.ADMIN)
"""Any program, where nobody has to log in."""


def ticket(person: Person) -> str:
    """What a page gives its browser, so that it may upload as this person."""
    until_s = (int(time.time()) // TICKET_STEP_S + 2) * TICKET_STEP_S
    return str(_tickets().dumps([until_s, person.name, person.role.value]))


def check(request: Request) -> Person:
    """Who asks.

    Raises:
        AccessDeniedError: nobody who may.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        path = backend.settings().api_tokens_file
        person = tokens.person_of(path, given.strip()) if path is not None else None
        if person is None:
            raise AccessDeniedError("This token is not known here.")
        return person
    if login.programs_need_tokens():
        raise AccessDeniedError
    refuse_other_sites(request)
    return PROGRAM


def acting(request: Request) -> Acting:
    """The store, as who asks may use it.

    Raises:
        AccessDeniedError: nobody who may.
    """
    return Acting(backend.store(), check(request))


def submitter(request: Request) -> Person:
    """Who sends a file: a ticket is enough, and only who may submit may send one. Needs no database.

    Raises:
        AccessDeniedError: nobody who may.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    person = _ticket_holder(given.strip()) if scheme.lower() == "ticket" else check(request)
    require(person, Act.SUBMIT)
    return person


def refuse_other_sites(request: Request) -> None:
    """A page of another site may make a browser send requests here; that browser says so.

    Raises:
        OtherSiteError: it did.
    """
    origin = request.headers.get("origin")
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin") or (
        origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    ):
        raise OtherSiteError


def _ticket_holder(given: str) -> Person:
    try:
        until_s, name, role = _tickets().loads(given)
        person = Person(name=name, role=Role(role))
    except (BadSignature, ValueError, TypeError) as error:  # or it is from an older version
        raise AccessDeniedError(advice="Reload the page, and choose the file again.") from error
    if until_s < time.time():
        raise AccessDeniedError("This page was open for too long.", advice="Reload it: the upload goes on.")
    return person


def _tickets() -> URLSafeSerializer:
    signing = {"digest_method": sha256, "key_derivation": "hmac"}
    return URLSafeSerializer(backend.link_key(), salt="deeptrace.ticket", signer_kwargs=signing)
