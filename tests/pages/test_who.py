"""Under which name the custody remembers what a person does, and what they may do."""

from typing import Any

import pytest
import streamlit as st

from deeptrace_core.errors import AccessDeniedError
from deeptrace_core.permissions import Person, Role
from pages.http import login
from pages.shared import backend, who


class User(dict[str, Any]):
    """As `st.user` is: names and attributes are the same."""

    def to_dict(self) -> dict[str, Any]:
        return dict(self)


def test_everybody_is_local_where_nobody_logs_in() -> None:
    """And may do everything: it is their own machine."""
    assert who.current_person() == Person(name="local", role=Role.ADMIN)


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"is_logged_in": True, "email": "ada@example.org", "name": "Ada"}, "ada@example.org"),
        ({"is_logged_in": True, "name": "Ada"}, "Ada"),
        ({"is_logged_in": True, "sub": "1234"}, "1234"),
    ],
)
def test_a_person_is_known_by_what_the_provider_says(
    monkeypatch: pytest.MonkeyPatch, user: dict[str, Any], name: str
) -> None:
    """The address first, since names repeat. Without a claim for roles, everybody is an admin."""
    monkeypatch.setattr(login, "by_provider", lambda: True)
    monkeypatch.setattr(st, "user", User(user))
    assert who.current_person() == Person(name=name, role=Role.ADMIN)


def test_who_is_not_logged_in_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """And may do nothing, whatever a page asks for."""
    monkeypatch.setattr(login, "by_provider", lambda: True)
    monkeypatch.setattr(st, "user", User({"is_logged_in": False, "email": "ada@example.org"}))
    assert who.current_person() is None
    with pytest.raises(AccessDeniedError):
        who.acting()


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["staff"], Role.ANALYST),
        ("heads", Role.ADMIN),
        (["guests", "heads", "others"], Role.ADMIN),
        (["guests"], Role.VIEWER),
        (["others"], None),
        ([], None),
        (None, None),
        (7, None),
    ],
)
def test_the_claim_of_the_settings_names_the_role(
    monkeypatch: pytest.MonkeyPatch, groups: object, role: Role | None
) -> None:
    """The highest of several; who has none may not enter."""
    monkeypatch.setenv("DEEPTRACE_ROLE_CLAIM", "groups")
    monkeypatch.setenv("DEEPTRACE_ROLE_VALUES", "staff=analyst, heads=admin,guests=viewer")
    backend.settings.clear()
    monkeypatch.setattr(login, "by_provider", lambda: True)
    monkeypatch.setattr(st, "user", User({"is_logged_in": True, "email": "ada@x", "groups": groups}))
    assert who.current_person() == (None if role is None else Person(name="ada@x", role=role))
