"""The cookie of somebody who logged in with a password: signed, for some hours, and void after any change."""

import time
from hashlib import sha256

from itsdangerous import BadSignature, URLSafeSerializer

from deeptrace_core import users
from deeptrace_core.permissions import Person
from deeptrace_core.users import User
from pages.shared import backend

COOKIE = "deeptrace_session"
LASTS_S = 12 * 3600


def cookie_for(user: User) -> str:
    """What the browser is to keep."""
    return str(_serializer().dumps([user.person.name, user.fingerprint, int(time.time()) + LASTS_S]))


def person_of(cookie: str) -> Person | None:
    """Who it is; None if the cookie is not from here, too old, or its person or password changed since.

    Raises:
        SettingsError: the file with the people cannot be used.
    """
    path = backend.settings().users_file
    if path is None or not cookie:
        return None
    try:
        name, fingerprint, until_s = _serializer().loads(cookie)
    except (BadSignature, ValueError):
        return None
    user = users.read(path).get(name)
    if user is None or user.fingerprint != fingerprint or until_s < time.time():
        return None
    return user.person


def _serializer() -> URLSafeSerializer:
    signing = {"digest_method": sha256, "key_derivation": "hmac"}
    return URLSafeSerializer(backend.link_key(), salt="deeptrace.session", signer_kwargs=signing)
