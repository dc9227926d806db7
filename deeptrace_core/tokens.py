"""Tokens of programs that use the HTTP API: a file with one line each, a name, the token's SHA-256, a role.

The token itself is shown once, when it is made, and stored nowhere. A line without a role is from before
there were roles: such a token could do everything, and still can.
"""

import argparse
import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Any

from deeptrace_core.errors import SettingsError
from deeptrace_core.permissions import Person, Role
from deeptrace_core.settings import Settings

NAME = re.compile(r"[\w.-]{1,100}")


def register(subparsers: Any) -> None:
    """Add the command to those of `python -m deeptrace_core`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "token", help="make a token for a program that uses the HTTP API"
    )
    parser.add_argument("name", help="whose it is: letters, digits, dots and hyphens")
    parser.add_argument(
        "--role", type=Role, choices=list(Role), default=Role.ANALYST, help="default: %(default)s"
    )
    parser.set_defaults(func=make)


def make(settings: Settings, *, name: str, role: Role = Role.ANALYST) -> None:
    """Make a token, add it to the file, and print it.

    Raises:
        SettingsError: there is no file to add it to, or this is no name.
    """
    path = settings.api_tokens_file
    if path is None:
        raise SettingsError("DEEPTRACE_API_TOKENS_FILE is not set: it names the file with the tokens.")
    if not NAME.fullmatch(name):
        raise SettingsError(f"{name!r} cannot be a name.", advice="Use letters, digits, dots and hyphens.")
    token = secrets.token_urlsafe(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as file:
        file.write(f"{name} {_hash(token)} {role.value}\n")
    print(token)  # noqa: T201


def person_of(path: Path, token: str) -> Person | None:
    """The program whose token this is. The file is read each time: a line removed counts at once.

    Raises:
        SettingsError: the file cannot be read, or the role in its line is none.
    """
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise SettingsError(f"DEEPTRACE_API_TOKENS_FILE cannot be read: {error}.") from error
    wanted = _hash(token)
    found = None
    for line in lines:
        name, digest, role = (*line.split(), "", "", "")[:3]
        if not line.startswith("#") and hmac.compare_digest(digest.encode(), wanted.encode()):
            found = Person(name=name, role=_role(role, name))
    return found


def _role(text: str, name: str) -> Role:
    try:
        return Role(text) if text else Role.ADMIN
    except ValueError as error:
        raise SettingsError(
            f"The role of {name} in DEEPTRACE_API_TOKENS_FILE is {text!r}.",
            advice=f"It is one of {', '.join(Role)}.",
        ) from error


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
