"""Who may come in: nobody from elsewhere without a login, people by OpenID Connect, programs by tokens."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from starlette.routing import Route

from deeptrace_core.errors import StartupError
from deeptrace_core.permissions import Person, Role
from deeptrace_core.settings import PROJECT_ROOT, Settings
from pages.http import access, guard, login
from pages.http.routes import API
from pages.shared import backend
from tests.e2e.conftest import free_port
from tests.e2e.system import wait_for
from tests.http.identity_provider import identity_provider
from tests.http.server import Server

ADA = Person(name="ada@example.org", role=Role.ANALYST)


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tokens") / "tokens"


@pytest.fixture(scope="module")
def closed(
    server_settings: Settings, tokens: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server where people log in and programs have tokens."""
    port = free_port()
    secrets = tmp_path_factory.mktemp("secrets") / "secrets.toml"
    with identity_provider() as provider:
        secrets.write_text(
            f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
            f'cookie_secret = "{"x" * 40}"\nclient_id = "deeptrace"\nclient_secret = "secret"\n'
            f'server_metadata_url = "{provider}/.well-known/openid-configuration"\n'
        )
        server = Server(
            settings=server_settings,
            port=port,
            options=(f"--secrets.files={secrets}",),
            environment={
                "DEEPTRACE_API_TOKENS_FILE": str(tokens),
                "DEEPTRACE_ROLE_CLAIM": "groups",
                "DEEPTRACE_ROLE_VALUES": "staff=analyst,heads=admin",
            },
        )
        try:
            server.start()
            yield server
        finally:
            server.stop()


def make_token(tokens: Path, name: str) -> str:
    """As the README says."""
    made = subprocess.run(
        [sys.executable, "-m", "deeptrace_core", "token", name],
        cwd=PROJECT_ROOT,
        env={"DEEPTRACE_API_TOKENS_FILE": str(tokens), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return made.stdout.strip()


def jobs(server: Server, authorization: str | None = None) -> requests.Response:
    headers = {"Authorization": authorization} if authorization else {}
    return requests.get(f"{server.url}/api/jobs", headers=headers, timeout=30)


def test_a_program_needs_a_token(closed: Server, tokens: Path) -> None:
    """401 without one or with a wrong one; a line taken out of the file counts at once."""
    token = make_token(tokens, "newsroom")
    assert jobs(closed, f"Bearer {token}").status_code == 200
    assert jobs(closed, f"bearer {token}").status_code == 200
    for wrong in (None, "Bearer ", "Bearer x", f"Bearer {token}x", f"Basic {token}", "Bearer ü"):
        answer = jobs(closed, wrong and wrong.encode("utf-8").decode("latin-1"))
        assert (answer.status_code, answer.json()["code"]) == (401, "ACCESS_DENIED")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert token not in tokens.read_text()
    assert tokens.stat().st_mode & 0o077 == 0
    tokens.write_text("")
    assert jobs(closed, f"Bearer {token}").status_code == 401


@pytest.mark.parametrize("route", API, ids=lambda route: f"{sorted(route.methods)[0]} {route.path}")
def test_every_route_asks_who_it_is(closed: Server, route: Route) -> None:
    """But for health and the description, which tell nothing of any video."""
    for method in route.methods or set():
        path = route.path.replace("{id}", "a" * 32)
        answer = requests.request(method, f"{closed.url}/api{path}", data=b"{}", timeout=30)
        assert (answer.status_code == 401) == (path not in ("/health", "/ready", "/openapi.json"))


def test_health_needs_none(closed: Server) -> None:
    """A load balancer has no token."""
    assert requests.get(f"{closed.url}/api/health", timeout=30).ok
    assert requests.get(f"{closed.url}/api/ready", timeout=30).ok


@pytest.mark.usefixtures("links")
def test_a_ticket_is_for_uploads_and_for_a_while(closed: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page's browser may send files, and nothing else; forged and old tickets may not."""

    def begin(ticket: str) -> int:
        headers = {"Authorization": f"Ticket {ticket}"}
        wish = {"name": "a.mp4", "sizeBytes": 10}
        return requests.post(f"{closed.url}/api/uploads", json=wish, headers=headers, timeout=30).status_code

    ticket = access.ticket(ADA)
    assert begin(ticket) == 201
    assert begin(ticket[:-1]) == 401
    assert begin("") == 401
    assert jobs(closed, f"Ticket {ticket}").status_code == 401
    now_s = time.time()
    monkeypatch.setattr(time, "time", lambda: now_s - 49 * 3600)
    assert begin(access.ticket(ADA)) == 401


def test_it_does_not_listen_elsewhere_without_a_login(server_settings: Settings) -> None:
    """It ends at once, and says what to do."""
    server = Server(settings=server_settings, port=free_port(), options=("--server.address=0.0.0.0",))
    server.launch()
    process = server.process
    assert process is not None
    wait_for(lambda: process.poll() is not None, "its end")
    assert process.returncode != 0
    assert "nobody has to log in" in server.log.read_text()
    assert "DEEPTRACE_WITHOUT_LOGIN=yes" in server.log.read_text()


@pytest.mark.usefixtures("links")
@pytest.mark.parametrize(
    ("address", "is_refused"),
    [("127.0.0.1", False), ("localhost", False), ("::1", False), ("unix:///run/x", False)]
    + [(address, True) for address in ("0.0.0.0", "::", None, "", "10.0.0.1", "example.org")],
)
def test_only_addresses_of_this_machine_need_no_login(address: str | None, is_refused: bool) -> None:
    """Streamlit listens everywhere where no address is set."""
    if is_refused:
        with pytest.raises(StartupError):
            login.refuse_open_door(address)
    else:
        login.refuse_open_door(address)


@pytest.mark.usefixtures("links")
def test_it_can_be_told_to_serve_all(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Something in front of it may check who comes."""
    monkeypatch.setenv("DEEPTRACE_WITHOUT_LOGIN", "yes")
    backend.settings.clear()
    login.refuse_open_door("0.0.0.0")


@pytest.mark.usefixtures("links")
@pytest.mark.parametrize(
    ("host", "server", "is_foreign"),
    [
        ("127.0.0.1:8501", ("127.0.0.1", 8501), False),
        ("localhost", ("127.0.0.1", 8501), False),
        ("[::1]:8501", ("::1", 8501), False),
        ("localhost:8501", ("/run/x", None), False),
        ("localhost:8501", ("10.0.0.7", 8501), True),
        ("rebound.example:8501", ("127.0.0.1", 8501), True),
        ("", ("127.0.0.1", 8501), True),
    ],
)
def test_a_request_from_elsewhere_is_noticed(
    host: str, server: tuple[str, int | None], is_foreign: bool
) -> None:
    """However the server was started, and whatever a name on the web leads to."""
    scope = {"type": "http", "headers": [(b"host", host.encode())], "server": server}
    assert guard.is_foreign(scope) == is_foreign
