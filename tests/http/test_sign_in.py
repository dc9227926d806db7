"""Logging in with a password, at a real server."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from deeptrace_core import users
from deeptrace_core.errors import StartupError
from deeptrace_core.permissions import Person, Role
from deeptrace_core.settings import Settings
from deeptrace_core.users import User
from pages.http import login, session
from pages.shared import backend
from tests.e2e.conftest import free_port
from tests.http.server import Server

PASSWORD = "four words are good"
HTML = {"Accept": "text/html,application/xhtml+xml"}


def put(file: Path, name: str, role: Role, password: str = PASSWORD) -> User:
    """As the command `user` does."""
    people = dict(users.read(file)) if file.exists() else {}
    people[name] = User(person=Person(name=name, role=role), password_hash=users._hasher().hash(password))
    users._write(file, people)
    return people[name]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("people") / "users"
    put(file, "ada", Role.ANALYST)
    return file


@pytest.fixture(scope="module")
def with_passwords(server_settings: Settings, people: Path) -> Iterator[Server]:
    server = Server(
        settings=server_settings, port=free_port(), environment={"DEEPTRACE_USERS_FILE": str(people)}
    )
    try:
        server.start()
        yield server
    finally:
        server.stop()


def log_in(
    server: Server, name: str = "ada", password: str = PASSWORD, after: str = "", **headers: str
) -> requests.Response:
    form = {"name": name, "password": password, "next": after}
    url = f"{server.url}/people/sign-in"
    return requests.post(url, data=form, headers=headers, allow_redirects=False, timeout=60)


def opens(server: Server, cookie: str | None) -> bool:
    cookies = {session.COOKIE: cookie} if cookie else {}
    answer = requests.get(
        f"{server.url}/history?a=1&b=2", cookies=cookies, headers=HTML, allow_redirects=False, timeout=30
    )
    if answer.status_code == 303:
        assert answer.headers["Location"] == "/people/sign-in?next=%2Fhistory%3Fa%3D1%26b%3D2"
    return answer.status_code == 200


def test_who_has_not_logged_in_is_led_to_the_form(with_passwords: Server) -> None:
    """From every page, and back to it afterwards; no script, and the policy on it as on all."""
    assert not opens(with_passwords, None)
    form = requests.get(f"{with_passwords.url}/history", headers=HTML, timeout=30)
    assert form.status_code == 200
    assert 'name="password"' in form.text
    assert 'value="/history"' in form.text
    assert "<script" not in form.text
    assert "form-action 'self'" in form.headers["Content-Security-Policy"]


def test_right_password_opens_the_pages(with_passwords: Server) -> None:
    """By a cookie that scripts and other sites cannot use."""
    answer = log_in(with_passwords, after="/review?job=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/review?job=1")
    said = answer.headers["Set-Cookie"].lower()
    assert "httponly" in said
    assert "samesite=lax" in said
    assert "secure" not in said
    assert opens(with_passwords, answer.cookies[session.COOKIE])
    assert "LOGGED IN: ada (analyst), from 127.0.0.1." in with_passwords.log.read_text()
    behind_tls = log_in(with_passwords, **{"X-Forwarded-Proto": "https"})
    assert "secure" in behind_tls.headers["Set-Cookie"].lower()


def test_wrong_password_opens_nothing(with_passwords: Server) -> None:
    """The same words for a name that nobody has; it is in the log."""
    answers = [log_in(with_passwords, "ada", "wrong"), log_in(with_passwords, "nobody <b>", PASSWORD)]
    for answer in answers:
        assert answer.status_code == 401
        assert "Set-Cookie" not in answer.headers
        assert "do not belong together" in answer.text
        assert "<b>" not in answer.text
    assert "REFUSED: a wrong name or password for 'ada'" in with_passwords.log.read_text()


def test_guessing_is_slowed_down(with_passwords: Server, people: Path) -> None:
    """After some wrong ones the right one has to wait, too; other names need not."""
    put(people, "guessed", Role.VIEWER)
    for _ in range(5):
        log_in(with_passwords, "guessed", "wrong")
    answer = log_in(with_passwords, "guessed", PASSWORD)
    assert (answer.status_code, "Too many wrong passwords" in answer.text) == (401, True)
    assert log_in(with_passwords).status_code == 303


def test_cookie_is_void_after_any_change(
    with_passwords: Server, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forged, of another password, of somebody who was removed, or logged out."""
    put(people, "eve", Role.ADMIN)
    cookie = log_in(with_passwords, "eve").cookies[session.COOKIE]
    assert opens(with_passwords, cookie)
    assert not opens(with_passwords, cookie[:-1])
    assert not opens(with_passwords, "x.y")
    put(people, "eve", Role.ADMIN, "another password")
    assert not opens(with_passwords, cookie)
    cookie = log_in(with_passwords, "eve", "another password").cookies[session.COOKIE]
    assert opens(with_passwords, cookie)
    left = dict(users.read(people))
    left.pop("eve")
    users._write(people, left)
    assert not opens(with_passwords, cookie)


@pytest.mark.parametrize(
    "after", ["https://evil.example", "//evil.example", "/\\evil.example", "", "javascript:x", "/a\r\nb"]
)
def test_it_leads_on_to_this_server_only(with_passwords: Server, after: str) -> None:
    """Whatever the address said."""
    assert log_in(with_passwords, after=after).headers["Location"] == "/"


def test_other_sites_can_neither_log_in_nor_out(with_passwords: Server) -> None:
    """A browser says from where it was made to ask."""
    assert log_in(with_passwords, Origin="https://evil.example").status_code == 403
    out = requests.get(
        f"{with_passwords.url}/people/sign-out",
        headers={"Sec-Fetch-Site": "cross-site"},
        allow_redirects=False,
        timeout=30,
    )
    assert out.status_code == 403
    out = requests.get(f"{with_passwords.url}/people/sign-out", allow_redirects=False, timeout=30)
    assert re.search(rf'{session.COOKIE}=(""|);', out.headers["Set-Cookie"])


def test_programs_need_a_token_there(with_passwords: Server) -> None:
    """The cookie of a person opens pages, not the API."""
    cookie = log_in(with_passwords).cookies[session.COOKIE]
    answer = requests.get(f"{with_passwords.url}/api/jobs", cookies={session.COOKIE: cookie}, timeout=30)
    assert answer.status_code == 401


def test_there_is_no_form_where_nobody_logs_in(server: Server) -> None:
    """One's own machine stays as simple as it is."""
    for method, path in (("GET", "sign-in"), ("POST", "sign-in"), ("GET", "sign-out")):
        assert requests.request(method, f"{server.url}/people/{path}", timeout=30).status_code == 404
    assert requests.get(f"{server.url}/history", headers=HTML, allow_redirects=False, timeout=30).ok


@pytest.mark.usefixtures("links")
def test_it_may_listen_elsewhere_with_passwords(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Since everybody has to log in."""
    with pytest.raises(StartupError):
        login.refuse_open_door("0.0.0.0")
    monkeypatch.setenv("DEEPTRACE_USERS_FILE", str(people))
    backend.settings.clear()
    login.refuse_open_door("0.0.0.0")
