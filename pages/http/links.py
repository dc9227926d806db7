"""Links to stored files that hold without a login, for some hours: whoever may see a page may follow them.

A link names the file by its SHA-256, its media type and the name to save it under, and is signed over all
of these. Within some hours the same file has the same link, so that a player does not load it again.
"""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256 as _sha256
from urllib.parse import urlencode

import itsdangerous

from deeptrace_core.errors import LinkInvalidError
from pages.http import paths
from pages.shared import backend

STEP_S = 6 * 3600
"""A link ends at a multiple of this time, and holds for one to two of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """What a link gives."""

    sha256: str
    media_type: str
    name: str
    """To save it under; "" to show it in place."""
    until_s: int


def media_url(sha256: str, media_type: str, name: str | None = None) -> str:
    """A link to a stored file: to be played or shown or, with a name, to be saved under that.

    The media type must be one that a browser runs no script in.
    """
    until_s = (int(time.time()) // STEP_S + 2) * STEP_S
    link = Link(sha256=sha256, media_type=media_type, name=name or "", until_s=until_s)
    query = {"type": link.media_type, "name": link.name, "until": link.until_s, "signature": _signature(link)}
    return f"{paths.base()}{paths.FILES}/{sha256}?{urlencode(query)}"


def report_url(sha256: str, name: str) -> str:
    """A link that saves the canonical bytes of a report."""
    return media_url(sha256, "application/json", name)


def parse(sha256: str, query: Mapping[str, str]) -> Link:
    """The link that an address contains.

    Raises:
        LinkInvalidError: it was not made here, was changed, or its time is over.
    """
    until = query.get("until", "")
    # Digits of ASCII only: int() takes others, and then the signed text would not be the given one.
    if not (until.isascii() and until.isdigit() and len(until) <= 12):
        raise LinkInvalidError
    link = Link(
        sha256=sha256,
        media_type=query.get("type", ""),
        name=query.get("name", ""),
        until_s=int(until),
    )
    if not hmac.compare_digest(_signature(link), query.get("signature", "").encode("utf-8", "replace")):
        raise LinkInvalidError
    if link.until_s < time.time():
        raise LinkInvalidError("The time of this link is over.")
    return link


def _signature(link: Link) -> bytes:
    signer = itsdangerous.Signer(
        backend.link_key(), salt="deeptrace.file", digest_method=_sha256, key_derivation="hmac"
    )
    # A line each: none of them can contain the end of a line and still be found in an address as it was.
    return signer.get_signature("\n".join((link.sha256, link.media_type, link.name, str(link.until_s))))
