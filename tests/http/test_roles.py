"""Roles over HTTP: every route, as a viewer, as the owner, and as somebody who does not own the job."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.routing import Route

from deeptrace_core.casework import CaseLabel
from deeptrace_core.job import Job, JobResult
from deeptrace_core.model import AnalysisOptions, Verdict
from deeptrace_core.report import report_bytes
from deeptrace_core.settings import PROJECT_ROOT, Settings
from deeptrace_core.store import Store
from pages.http.routes import API
from tests.e2e.conftest import free_port
from tests.http.server import Server
from tests.pages.samples import report_of, wave
from tests.store.conftest import make_media

OPEN = {"/health", "/ready", "/openapi.json"}
READING = {("GET", "/jobs"), ("GET", "/metrics")}
"""Routes of no one job that only tell."""
OF_A_JOB = {
    ("GET", "/status/{id}"),
    ("GET", "/jobs/{id}/report"),
    ("POST", "/jobs/{id}/cancel"),
    ("DELETE", "/jobs/{id}"),
}
OF_AN_UPLOAD = {
    ("POST", "/uploads"),
    ("GET", "/uploads/{id}"),
    ("PUT", "/uploads/{id}"),
    ("DELETE", "/uploads/{id}"),
    ("POST", "/uploads/{id}/finish"),
    ("POST", "/analyze"),
}
ROUTES = [(method, route) for route in API for method in sorted((route.methods or set()) - {"HEAD"})]


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """A server with tokens, each by the name of its program."""

    server: Server
    tokens: dict[str, str]

    def ask(self, who: str, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        url = f"{self.server.url}/api{path}"
        return requests.request(method, url, headers=headers, timeout=30, **more)


def make_token(file: Path, name: str, *role: str) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "deeptrace_core", "token", name, *role],
        cwd=PROJECT_ROOT,
        env={"DEEPTRACE_API_TOKENS_FILE": str(file), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return made.stdout.strip()


@pytest.fixture(scope="module")
def guarded(server_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    file = tmp_path_factory.mktemp("roles") / "tokens"
    tokens = {
        "vera": make_token(file, "vera", "--role", "viewer"),
        "anna": make_token(file, "anna", "--role", "analyst"),
        "ben": make_token(file, "ben"),
        "root": make_token(file, "root", "--role", "admin"),
        "old": make_token(file, "old", "--role", "admin"),
    }
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:-1], lines[-1].removesuffix(" admin")]) + "\n")
    environment = {"DEEPTRACE_API_TOKENS_FILE": str(file)}
    server = Server(settings=server_settings, port=free_port(), environment=environment)
    try:
        server.start()
        yield Guarded(server=server, tokens=tokens)
    finally:
        server.stop()


@pytest.fixture
def annas(server_store: Store, server_blobs: Any) -> Job:
    """A finished job of anna's, in a case of its own that is shared with vera."""
    options = AnalysisOptions(detector=uuid.uuid4().hex)
    submission = server_store.jobs.submit(make_media(), options, by="anna", priority=1_000)
    job = server_store.jobs.claim("worker-1")
    assert job is not None
    assert job.id == submission.job_id
    report = server_blobs.put_bytes(report_bytes(report_of([wave(0.5)])))
    result = JobResult(report_sha256=report, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)
    server_store.jobs.complete(job, result)
    reference = uuid.uuid4().hex
    server_store.cases.label(job.id, CaseLabel(reference=reference), by="anna")
    server_store.sharing.add("anna", reference, "vera", by="anna")
    return server_store.jobs.get(job.id)


@pytest.fixture
def annas_upload(guarded: Guarded) -> str:
    wish = {"name": "a.mp4", "sizeBytes": 10}
    found: str = guarded.ask("anna", "POST", "/uploads", json=wish).json()["id"]
    return found


def state_of(store: Store, parts: Path) -> tuple[Any, ...]:
    names = ("jobs", "case_marks", "case_notes", "case_shares", "anchors", "webhooks")
    rows = [list(store._database[name].find(sort=[("_id", 1)])) for name in names]
    return (*rows, sorted((path.name, path.read_bytes()) for path in parts.glob("upload-*")))


def named(route: tuple[str, Route]) -> str:
    return f"{route[0]} {route[1].path}"


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_viewer_changes_nothing_by_any_route(
    guarded: Guarded,
    server_store: Store,
    server_blobs: Any,
    annas: Job,
    annas_upload: str,
    route: tuple[str, Route],
) -> None:
    """A shared job can be read; whatever else is asked is refused, and nothing is there that was not."""
    method, path = route[0], route[1].path
    before = state_of(server_store, server_blobs.parts_folder)
    named_id = annas_upload if path.startswith("/uploads") else annas.id
    body: dict[str, Any] = {"data": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" * 2}
    if (method, path) == ("POST", "/uploads"):
        body = {"json": {"name": "a.mp4", "sizeBytes": 5}}
    answer = guarded.ask("vera", method, f"{path.replace('{id}', named_id)}?offset=0", **body)
    reads = path in OPEN or (method, path) in READING or (method == "GET" and (method, path) in OF_A_JOB)
    assert (answer.status_code == 200) == reads, answer.text
    if not reads:
        assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")
    assert state_of(server_store, server_blobs.parts_folder) == before


def test_every_route_is_of_a_known_kind() -> None:
    """A new one must say here what it is."""
    known = READING | OF_A_JOB | OF_AN_UPLOAD | {("GET", path) for path in OPEN}
    assert {(method, route.path) for method, route in ROUTES} == known


@pytest.mark.parametrize(("method", "path"), sorted(OF_A_JOB))
@pytest.mark.parametrize("who", ["ben", "vera"])
def test_job_of_another_is_not_found(
    guarded: Guarded, server_store: Store, annas: Job, method: str, path: str, who: str
) -> None:
    """404, in the very words of an id that nobody has."""
    server_store.cases.label(annas.id, CaseLabel(reference="not shared"), by="anna")
    answer = guarded.ask(who, method, path.replace("{id}", annas.id))
    nobodys = guarded.ask(who, method, path.replace("{id}", "0" * 32))
    assert (answer.status_code, answer.json()) == (404, nobodys.json())
    assert annas.id not in guarded.ask(who, "GET", "/jobs?limit=100").text
    assert server_store.jobs.get(annas.id).state == annas.state


@pytest.mark.parametrize("who", ["anna", "root", "old"])
def test_owner_and_admin_may(guarded: Guarded, annas: Job, who: str) -> None:
    """A token without a role is from before there were roles, and can do what it could."""
    assert annas.id in guarded.ask(who, "GET", "/jobs?limit=100").text
    assert guarded.ask(who, "GET", f"/jobs/{annas.id}/report").status_code == 200
    assert guarded.ask(who, "POST", f"/jobs/{annas.id}/cancel").status_code == 200
    assert guarded.ask(who, "DELETE", f"/jobs/{annas.id}").status_code == 204


def test_upload_of_another_is_not_found(guarded: Guarded, annas_upload: str) -> None:
    """Neither to go on with, nor to look at, nor to analyze, nor to cancel."""
    for method, path in (("GET", ""), ("PUT", "?offset=0"), ("POST", "/finish"), ("DELETE", "")):
        answer = guarded.ask("ben", method, f"/uploads/{annas_upload}{path}", data=b"1")
        assert (answer.status_code, answer.json()["code"]) == (404, "UPLOAD_NOT_FOUND")
    answer = guarded.ask("ben", "POST", "/analyze", json={"uploadId": annas_upload})
    assert answer.status_code == 404
    assert guarded.ask("anna", "GET", f"/uploads/{annas_upload}").json()["have"] == 0


def test_submitted_job_is_its_senders(guarded: Guarded, server_store: Store) -> None:
    """With the upload and the submission in its custody, under the name of the token."""
    video = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + uuid.uuid4().bytes * 50
    job_id = guarded.ask("ben", "POST", "/analyze", data=video).json()["jobId"]
    assert server_store.jobs.get(job_id).owner == "ben"
    acts = [(event.event, event.actor) for event in server_store.audit.of(job_id)]
    assert acts == [("uploaded", "ben"), ("submitted", "ben")]
    assert guarded.ask("anna", "GET", f"/status/{job_id}").status_code == 404
    server_store.jobs.cancel(job_id)


def test_refusals_are_in_the_log(guarded: Guarded, annas: Job) -> None:
    """Who, what, which job."""
    guarded.ask("vera", "DELETE", f"/jobs/{annas.id}")
    assert f"REFUSED: vera (viewer) may not delete this: job {annas.id}." in guarded.server.log.read_text()
