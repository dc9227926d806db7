"""Webhooks: signed, at least once, and never a way into somebody's network."""

import base64
import hashlib
import hmac
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from pymongo.database import Database

from deeptrace_core.blobs import Blobs
from deeptrace_core.errors import WebhookRefusedError
from deeptrace_core.settings import PROJECT_ROOT, Settings, load_settings
from deeptrace_core.store import Store
from deeptrace_core.store.webhooks import MAX_TRIES
from deeptrace_core.webhook import Messenger, address_of
from tests.e2e.conftest import free_port
from tests.e2e.system import wait_for
from tests.http.receiver import Receiver, receiver
from tests.http.server import Server
from tests.pages.samples import Desk, report_of, wave


@pytest.fixture
def messenger(store: Store) -> Messenger:
    return Messenger(lambda: store, private=True)


@pytest.fixture
def own_desk(store: Store, settings: Settings) -> Desk:
    return Desk(store=store, blobs=Blobs(settings.blobs_url))


def make_due(database: Database[dict[str, Any]]) -> None:
    """As if the time between two tries were over."""
    database["webhooks"].update_many({}, [{"$set": {"next_at": "$$NOW"}}])


def is_signed(key: bytes, told: Receiver) -> bool:
    """As a receiver checks it."""
    headers, body = told.messages[-1]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    is_fresh = abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    return is_fresh and headers["webhook-signature"] == f"v1,{expected}"


def test_the_end_of_a_job_is_told_once_it_is_there(
    own_desk: Desk, messenger: Messenger, database: Database[dict[str, Any]]
) -> None:
    """Not before; then with its outcome, signed; and not again."""
    with receiver() as told:
        job = own_desk.pending()
        own_desk.store.webhooks.add(job.id, told.url)
        messenger.tell_all()
        assert told.messages == []
        own_desk.store.jobs.cancel(job.id)
        make_due(database)
        messenger.tell_all()
        make_due(database)
        messenger.tell_all()
    ((headers, body),) = told.messages
    assert json.loads(body)["data"] == {
        "jobId": job.id,
        "state": "CANCELLED",
        "verdict": None,
        "reportSha256": None,
    }
    assert headers["host"] == told.url.split("/")[2]
    assert is_signed(own_desk.store.signing_keys.get("webhooks"), told)


def test_a_message_that_is_not_taken_is_sent_again(
    own_desk: Desk, messenger: Messenger, database: Database[dict[str, Any]]
) -> None:
    """After an error, a redirect (which is not followed), and a server that is away."""
    with receiver(500, 302) as told:
        job = own_desk.completed(report_of([wave(0.9)]))
        own_desk.store.webhooks.add(job.id, told.url)
        for _ in range(5):
            messenger.tell_all()
            make_due(database)
    assert len(told.messages) == 3
    assert len({headers["webhook-id"] for headers, _ in told.messages}) == 1
    assert database["webhooks"].count_documents({}) == 0


def test_a_sender_that_dies_is_followed_by_another(
    own_desk: Desk, messenger: Messenger, database: Database[dict[str, Any]]
) -> None:
    """Taken, and never told: after its time it is given to the next; meanwhile to nobody."""
    with receiver() as told:
        job = own_desk.cancelled()
        own_desk.store.webhooks.add(job.id, told.url)
        assert own_desk.store.webhooks.take() is not None
        assert own_desk.store.webhooks.take() is None
        make_due(database)
        messenger.tell_all()
    assert len(told.messages) == 1


def test_it_is_given_up_at_last(
    own_desk: Desk, messenger: Messenger, database: Database[dict[str, Any]]
) -> None:
    """A receiver that never takes it; and a job that was deleted."""
    job = own_desk.cancelled()
    own_desk.store.webhooks.add(job.id, f"http://127.0.0.1:{free_port()}/")
    for _ in range(MAX_TRIES + 1):
        make_due(database)
        messenger.tell_all()
    assert database["webhooks"].count_documents({}) == 0
    own_desk.store.webhooks.add("a" * 32, "http://127.0.0.1:9/")
    messenger.tell_all()
    assert database["webhooks"].count_documents({}) == 0


def test_the_same_wish_twice_is_one(own_desk: Desk, database: Database[dict[str, Any]]) -> None:
    """A program that asks again is not told twice."""
    job = own_desk.pending()
    for _ in range(2):
        own_desk.store.webhooks.add(job.id, "https://example.org/")
    assert database["webhooks"].count_documents({}) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[fd00::1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://224.0.0.1/",
        "http://example.org/",
        "https://user:secret@93.184.215.14/",
        "https://93.184.215.14/\r\nX: y",
        "https://93.184.215.14:99999/",
        "ftp://93.184.215.14/",
        "file:///etc/passwd",
        "https:///nothing",
        "https://" + "a" * 300,
        "https://93.184.215.14/" + "a" * 2000,
    ],
)
def test_an_address_that_leads_inside_is_refused(url: str) -> None:
    """By what it leads to, however it is written."""
    with pytest.raises(WebhookRefusedError):
        address_of(url, private=False)


def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """One inner address among outer ones is enough; and it is looked up when it is told, too."""

    def two(*_: object, **__: object) -> list[Any]:
        return [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("192.168.0.1", 443))]

    assert address_of("https://93.184.215.14/x", private=False) == ("93.184.215.14", 443)
    monkeypatch.setattr(socket, "getaddrinfo", two)
    with pytest.raises(WebhookRefusedError, match="public Internet"):
        address_of("https://rebound.example/", private=False)


def test_the_api_refuses_such_an_address(server: Server, clip: Path) -> None:
    """Before the file has come, wherever it stands."""
    url = f"{server.url}/api/analyze"
    for more in (
        {"params": {"webhook": "https://127.0.0.1/"}, "data": clip.read_bytes()},
        {"files": {"file": clip.read_bytes(), "webhook": (None, "https://127.0.0.1/")}},
        {"json": {"uploadId": "a" * 32, "webhook": 5}},
    ):
        answer = requests.post(url, timeout=30, **more)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (400, "WEBHOOK_REFUSED")


@pytest.fixture(scope="module")
def inner(mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may tell programs on its own machine. Another one on its database might not."""
    settings = load_settings(
        {
            "DEEPTRACE_HOME": str(tmp_path_factory.mktemp("inner")),
            "DEEPTRACE_MONGODB_URI": mongodb_uri.replace("/?", "/http_inner?"),
        }
    )
    environment = {"DEEPTRACE_WEBHOOK_PRIVATE": "yes"}
    server = Server(settings=settings, port=free_port(), environment=environment)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_a_program_is_told(inner: Server, clip: Path) -> None:
    """From the request to the message, with the secret that the command prints."""
    printed = subprocess.run(
        [sys.executable, "-m", "deeptrace_core", "secret"],
        cwd=PROJECT_ROOT,
        env={"DEEPTRACE_MONGODB_URI": inner.settings.mongodb_uri or "", "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.strip()
    with receiver() as told:
        params = {"name": "a.mp4", "webhook": told.url}
        job_id = requests.post(
            f"{inner.url}/api/analyze", params=params, data=clip.read_bytes(), timeout=30
        ).json()["jobId"]
        requests.post(f"{inner.url}/api/jobs/{job_id}/cancel", timeout=30)
        wait_for(lambda: bool(told.messages), "the message", 30)
        assert json.loads(told.messages[0][1])["data"]["jobId"] == job_id
        assert is_signed(base64.b64decode(printed.removeprefix("whsec_")), told)
