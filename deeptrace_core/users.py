"""People who log in with a password: a file with one line each, a name, a role and the password's hash.

For a few people without a provider of their own. Passwords are hashed with argon2id and stored nowhere.
"""

import argparse
import getpass
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deeptrace_core.errors import RequestInvalidError, SettingsError
from deeptrace_core.permissions import Person, Role
from deeptrace_core.settings import Settings

NAME = re.compile(r"[\w.@+-]{1,100}")
MIN_PASSWORD_CHARS = 10
MAX_PASSWORD_CHARS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """One line of the file."""

    person: Person
    password_hash: str

    @property
    def fingerprint(self) -> str:
        """Another one after each change of the password: what was signed in before is so no longer."""
        return hashlib.sha256(self.password_hash.encode()).hexdigest()[:16]


def register(subparsers: Any) -> None:
    """Add the command to those of `python -m deeptrace_core`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "user", help="add a person who logs in with a password, or change one"
    )
    parser.add_argument("name", help="what they type to log in: letters, digits, . @ + -")
    parser.add_argument("--role", type=Role, choices=list(Role), default=Role.ANALYST)
    parser.add_argument("--remove", action="store_true", help="let them in no longer")
    parser.set_defaults(func=change)


def change(settings: Settings, *, name: str, role: Role, remove: bool) -> None:
    """Ask for the password and write the file; a change counts at once.

    Raises:
        SettingsError: there is no file to write, or it cannot be used, or this is no name.
        RequestInvalidError: the password is too short, or was not the same twice.
    """
    path = settings.users_file
    if path is None:
        raise SettingsError("DEEPTRACE_USERS_FILE is not set: it names the file with the people.")
    if not NAME.fullmatch(name):
        raise SettingsError(f"{name!r} cannot be a name.", advice="Use letters, digits and . @ + -")
    users = dict(read(path)) if path.exists() else {}
    if remove:
        if users.pop(name, None) is None:
            raise SettingsError(f"{name} is not in {path}.", advice="Look into the file.")
    else:
        person = Person(name=name, role=role)
        users[name] = User(person=person, password_hash=_hasher().hash(_asked_for()))
    _write(path, users)
    sys.stdout.write(f"{name}: {'removed' if remove else role.value}.\n")


def read(path: Path) -> Mapping[str, User]:
    """All people in the file, by name. It is read each time: a line removed counts at once.

    Raises:
        SettingsError: it cannot be read, or a line is not as it should be.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"DEEPTRACE_USERS_FILE cannot be read: {error}.") from error
    users = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            name, role, password_hash = line.split()
            users[name] = User(person=Person(name=name, role=Role(role)), password_hash=password_hash)
        except ValueError as error:
            raise SettingsError(
                f"Line {number} of DEEPTRACE_USERS_FILE is not a name, a role and a hash.",
                advice="Remove the line, and add the person again: python -m deeptrace_core user NAME",
            ) from error
    return users


def let_in(path: Path, name: str, password: str) -> User | None:
    """Who this is; None if there is nobody with this name and this password. Takes a tenth of a second.

    Raises:
        SettingsError: the file cannot be used.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    user = read(path).get(name)
    hasher = _hasher()
    # An unknown name takes as long as a wrong password: the time tells nobody which names there are.
    known = user.password_hash if user else hasher.hash("nobody")
    try:
        hasher.verify(known, password[:MAX_PASSWORD_CHARS])
    except (VerificationError, InvalidHashError):
        return None
    return user


def _hasher() -> Any:
    # Only a host where people log in needs it.
    from argon2 import PasswordHasher

    return PasswordHasher()


def _asked_for() -> str:
    password = getpass.getpass("Password: ")
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise RequestInvalidError(
            f"A password has at least {MIN_PASSWORD_CHARS} characters.", advice="Several words are good."
        )
    if getpass.getpass("Again: ") != password:
        raise RequestInvalidError("These were two different passwords.", advice="Try again.")
    return password


def _write(path: Path, users: Mapping[str, User]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (f"{name} {user.person.role.value} {user.password_hash}\n" for name, user in users.items())
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # for nobody else to read
    with open(handle, "w", encoding="utf-8") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    Path(fresh).replace(path)
