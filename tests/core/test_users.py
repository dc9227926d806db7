"""People with a password, and tokens with a role: the files, and the commands that write them."""

import getpass
from collections.abc import Callable
from pathlib import Path

import pytest

from deeptrace_core import tokens, users
from deeptrace_core.__main__ import main
from deeptrace_core.errors import SettingsError
from deeptrace_core.permissions import Person, Role
from deeptrace_core.settings import load_settings

PASSWORD = "four words are good"
Type = Callable[..., None]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "folder" / "users"
    monkeypatch.setenv("DEEPTRACE_USERS_FILE", str(path))
    return path


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Type:
    """What a person answers to the questions for a password."""

    def typed(*answers: str) -> None:
        left = iter(answers)
        monkeypatch.setattr(getpass, "getpass", lambda _: next(left))

    return typed


def test_person_is_added_and_let_in(file: Path, type_in: Type) -> None:
    """With their role; the password is nowhere, and the file for nobody else to read."""
    type_in(PASSWORD, PASSWORD)
    assert main(["user", "ada@example.org", "--role", "viewer"]) == 0
    assert file.stat().st_mode & 0o077 == 0
    assert PASSWORD not in file.read_text()
    assert "$argon2id$" in file.read_text()
    user = users.let_in(file, "ada@example.org", PASSWORD)
    assert user is not None
    assert user.person == Person(name="ada@example.org", role=Role.VIEWER)
    for name, password in (("ada@example.org", PASSWORD + "x"), ("ada@example.org", ""), ("eve", PASSWORD)):
        assert users.let_in(file, name, password) is None


def test_person_is_changed_and_removed(file: Path, type_in: Type) -> None:
    """Another password voids what was signed in with the old one; others stay as they are."""
    for name in ("ada", "ben"):
        type_in(PASSWORD, PASSWORD)
        assert main(["user", name]) == 0
    before = users.read(file)
    type_in("another password", "another password")
    assert main(["user", "ada", "--role", "admin"]) == 0
    after = users.read(file)
    assert after["ada"].person.role is Role.ADMIN
    assert after["ada"].fingerprint != before["ada"].fingerprint
    assert after["ben"] == before["ben"]
    assert before["ben"].person.role is Role.ANALYST
    assert users.let_in(file, "ada", PASSWORD) is None
    assert main(["user", "ada", "--remove"]) == 0
    assert list(users.read(file)) == ["ben"]
    assert main(["user", "ada", "--remove"]) == 2


@pytest.mark.parametrize("answers", [("short",), (PASSWORD, PASSWORD + "x")])
def test_bad_password_changes_nothing(file: Path, type_in: Type, answers: tuple[str, ...]) -> None:
    """Too short, or not the same twice."""
    type_in(*answers)
    assert main(["user", "ada"]) == 2
    assert not file.exists()


@pytest.mark.parametrize("name", ["", "a b", "a\nb admin x", "$", "ä" * 101])
def test_name_is_a_name(file: Path, name: str) -> None:
    """Nothing that could be another field or another line."""
    assert main(["user", name]) == 2


def test_broken_line_is_named(file: Path) -> None:
    """Rather than letting somebody in by chance."""
    file.parent.mkdir()
    file.write_text("# people\nada analyst\n")
    with pytest.raises(SettingsError, match="Line 2"):
        users.read(file)
    file.write_text("ada king $argon2id$x\n")
    with pytest.raises(SettingsError, match="Line 1"):
        users.let_in(file, "ada", PASSWORD)
    file.write_text("ada admin nohash\n")
    assert users.let_in(file, "ada", PASSWORD) is None


def test_token_has_the_role_in_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An analyst if nothing is said; one from before there were roles can do what it could."""
    path = tmp_path / "tokens"
    settings = load_settings({"DEEPTRACE_API_TOKENS_FILE": str(path)})
    tokens.make(settings, name="one")
    tokens.make(settings, name="two", role=Role.VIEWER)
    first, second = capsys.readouterr().out.split()
    assert tokens.person_of(path, first) == Person(name="one", role=Role.ANALYST)
    assert tokens.person_of(path, second) == Person(name="two", role=Role.VIEWER)
    path.write_text(path.read_text().replace(" analyst", "").replace(" viewer", " king"))
    assert tokens.person_of(path, first) == Person(name="one", role=Role.ADMIN)
    assert tokens.person_of(path, "") is None
    with pytest.raises(SettingsError, match="king"):
        tokens.person_of(path, second)


@pytest.mark.parametrize(
    ("claim", "values"),
    [
        ("groups", ""),
        ("", "staff=analyst"),
        ("groups", "staff"),
        ("groups", "staff=king"),
        ("groups", "=admin"),
    ],
)
def test_roles_of_a_provider_are_set_whole(claim: str, values: str) -> None:
    """Half a setting would let in nobody, or everybody."""
    with pytest.raises(SettingsError, match="DEEPTRACE_ROLE"):
        load_settings({"DEEPTRACE_ROLE_CLAIM": claim, "DEEPTRACE_ROLE_VALUES": values})


def test_value_of_a_claim_may_hold_an_equals_sign() -> None:
    """As names of groups in directories do."""
    settings = load_settings({"DEEPTRACE_ROLE_CLAIM": "g", "DEEPTRACE_ROLE_VALUES": "cn=staff=analyst"})
    assert settings.role_values == {"cn=staff": Role.ANALYST}
