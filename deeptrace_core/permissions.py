"""Who may do what: the one table, for pages and programs alike. `acting` is the one place that applies it.

Standard library only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

MAX_NAME_CHARS = 200


class Role(StrEnum):
    """What somebody is here."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"


RANK = (Role.VIEWER, Role.ANALYST, Role.ADMIN)
"""Each may do all that the one before may."""


class Act(StrEnum):
    """What somebody may want to do."""

    SEE = "see this"
    EXPORT = "take this away"
    SUBMIT = "submit a file"
    JUDGE = "write an opinion or a note"
    TAKE_BACK = "remove a note of somebody else"
    CANCEL = "cancel this"
    ANCHOR = "anchor this"
    LABEL = "say to which case this belongs"
    SHARE = "share this case"
    DELETE = "delete this"


class Reach(IntEnum):
    """With which jobs. A job that somebody may not see is, for them, not there."""

    NONE = 0
    OWN = 1
    SHARED = 2
    """Their own, and those of cases that are shared with them."""
    ALL = 3


MAY: Mapping[Act, Mapping[Role, Reach]] = {
    Act.SEE: {Role.VIEWER: Reach.SHARED, Role.ANALYST: Reach.SHARED, Role.ADMIN: Reach.ALL},
    Act.EXPORT: {Role.VIEWER: Reach.SHARED, Role.ANALYST: Reach.SHARED, Role.ADMIN: Reach.ALL},
    Act.SUBMIT: {Role.VIEWER: Reach.NONE, Role.ANALYST: Reach.OWN, Role.ADMIN: Reach.ALL},
    Act.JUDGE: {Role.VIEWER: Reach.NONE, Role.ANALYST: Reach.SHARED, Role.ADMIN: Reach.ALL},
    Act.TAKE_BACK: {Role.VIEWER: Reach.NONE, Role.ANALYST: Reach.OWN, Role.ADMIN: Reach.ALL},
    Act.CANCEL: {Role.VIEWER: Reach.NONE, Role.ANALYST: Reach.OWN, Role.ADMIN: Reach.ALL},
    Act.ANCHOR: {Role.VIEWER: Reach.NONE, Role.ANALYST: Reach.OWN, Role.ADMIN: Reach.ALL},
    Act.LABEL: {Role.VIEWER: Reach.NONE, Role.ANALYST: Reach.OWN, Role.ADMIN: Reach.ALL},
    Act.SHARE: {Role.VIEWER: Reach.NONE, Role.ANALYST: Reach.OWN, Role.ADMIN: Reach.ALL},
    Act.DELETE: {Role.VIEWER: Reach.NONE, Role.ANALYST: Reach.OWN, Role.ADMIN: Reach.ALL},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who asks: a person, or a program with a token."""

    name: str
    role: Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """Somebody lets another see their jobs of a case."""

    owner: str
    case: str
    """As `custody.case_key` has it."""
    person: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Whose jobs somebody sees."""

    name: str
    shares: tuple[Share, ...] = ()


def reach(person: Person, act: Act) -> Reach:
    """With which jobs this person may do this."""
    return MAY[act][person.role]


def highest(roles: list[Role]) -> Role | None:
    """Of several roles the one that may most."""
    return max(roles, key=RANK.index, default=None)
