"""Under which name the audit trail remembers what a person does."""

from typing import Any

import pytest
import streamlit as st

from pages.shared import who


class User(dict[str, Any]):
    """As `st.user` is: names and attributes are the same."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({}, "local"),
        ({"is_logged_in": False, "email": "ada@example.org"}, "local"),
        ({"is_logged_in": True, "email": "ada@example.org", "name": "Ada"}, "ada@example.org"),
        ({"is_logged_in": True, "name": "Ada"}, "Ada"),
        ({"is_logged_in": True, "sub": "1234"}, "1234"),
    ],
)
def test_a_person_is_known_by_what_the_provider_says(
    monkeypatch: pytest.MonkeyPatch, user: dict[str, Any], name: str
) -> None:
    """The address first, since names repeat; where nobody logs in, everybody is local."""
    monkeypatch.setattr(st, "user", User(user))
    assert who.current_user() == name
