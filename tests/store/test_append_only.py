"""The role in docs/mongodb-role.json, in a real mongod with passwords: enough to work, and no more."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from bson import ObjectId
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deeptrace_core.anchor import ChainPlace
from deeptrace_core.casework import VIDEO, CaseLabel, Opinion
from deeptrace_core.custody_check import first_break
from deeptrace_core.job import JobResult
from deeptrace_core.model import AnalysisOptions, Verdict
from deeptrace_core.settings import PROJECT_ROOT, load_settings
from deeptrace_core.store import Store, open_store
from deeptrace_core.store.anchor_schema import ANCHOR_COLLECTIONS
from deeptrace_core.store.case_schema import CASE_COLLECTIONS
from deeptrace_core.store.mongod_binary import find_mongod
from deeptrace_core.store.schema import COLLECTIONS
from tests.pages.samples import WORKER
from tests.store.conftest import claimed, make_media

ROLE = json.loads((PROJECT_ROOT / "docs" / "mongodb-role.json").read_text())
PASSWORD = "only for this test"
RESULT = JobResult(report_sha256="c" * 64, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)


def _address(socket: Path, user: str = "") -> str:
    login = f"{user}:{quote_plus(PASSWORD)}@" if user else ""
    return f"mongodb://{login}{quote_plus(str(socket))}/?directConnection=true"


def _database(socket: Path, user: str) -> str:
    """The address as DEEPTRACE_MONGODB_URI has it."""
    return _address(socket, user).replace("/?", "/deeptrace?authSource=admin&")


@pytest.fixture
def guarded(home: Path) -> Iterator[Path]:
    """The socket of a mongod with a user `application`, who has the role and nothing else."""
    key, socket = home / "key", home / "m.sock"
    key.write_text("a key of the members of the set")
    key.chmod(0o600)
    (home / "data").mkdir()
    command = [
        str(find_mongod(load_settings().mongod)),
        "--dbpath",
        str(home / "data"),
        "--bind_ip",
        str(socket),
    ]
    command += ["--nounixsocket", "--replSet", "rs0", "--keyFile", str(key), "--oplogSize", "64", "--quiet"]
    command += ["--logpath", str(home / "log"), "--setParameter", "diagnosticDataCollectionEnabled=false"]
    server = subprocess.Popen(command, env={**os.environ, "LC_ALL": "C"}, stdout=subprocess.DEVNULL)
    try:
        # Until there is a user, this machine may make the first.
        with MongoClient[dict[str, Any]](_address(socket)) as client:
            client.admin.command(
                "replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": str(socket)}]}
            )
            while not client.admin.command("hello")["isWritablePrimary"]:
                time.sleep(0.05)
        with MongoClient[dict[str, Any]](_address(socket)) as client:
            client.admin.command("createUser", "root", pwd=PASSWORD, roles=["root"])
        with MongoClient[dict[str, Any]](_address(socket, "root")) as client:
            client["deeptrace"].command(ROLE)
            given = [{"role": ROLE["createRole"], "db": "deeptrace"}]
            client.admin.command("createUser", "application", pwd=PASSWORD, roles=given)
        # An administrator sets the collections up; the application may not make those of the trail.
        open_store(load_settings({"DEEPTRACE_MONGODB_URI": _database(socket, "root")})).close()
        yield socket
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


@pytest.fixture
def application(guarded: Path) -> Iterator[Store]:
    """The store, as the application's own user."""
    uri = _database(guarded, "application")
    with open_store(load_settings({"DEEPTRACE_MONGODB_URI": uri})) as store:
        yield store


def test_role_names_every_collection() -> None:
    """A collection that is new in the program is new in the role."""
    named = {privilege["resource"]["collection"] for privilege in ROLE["privileges"]} - {""}
    assert named == {*COLLECTIONS, *ANCHOR_COLLECTIONS, *CASE_COLLECTIONS}


def test_application_can_work_and_cannot_change_an_event(application: Store, guarded: Path) -> None:
    """A job from its submission to its deletion; then every way to touch what is written, refused."""
    store = application
    store.workers.announce(WORKER)
    submission = store.jobs.submit(make_media(), AnalysisOptions(detector="test"), by="anna")
    job = claimed(store)
    store.jobs.renew(job)
    store.jobs.complete(job, RESULT)
    store.cases.mark(job.id, VIDEO, Opinion.AGREE, by="anna")
    store.cases.label(job.id, CaseLabel(name="Harbour"), by="anna")
    store.anchors.request(
        "c" * 64, ChainPlace(chain_id=1, contract="0x" + "0" * 40, issuer="0x" + "1" * 40), job_id=job.id
    )
    assert store.turns.take("sweep", every_s=1)
    assert store.signing_keys.get("links")
    assert store.figures.database_bytes() > 0
    assert store.jobs.reap() == 0
    store.jobs.delete(job.id, actor="anna")
    events = store.audit.of(submission.job_id)
    assert [event.number for event in events] == list(range(1, 8))

    uri = _database(guarded, "application")
    with MongoClient[dict[str, Any]](uri) as client:
        trail = client["deeptrace"]["audit_events"]
        for tamper in (
            lambda: trail.update_one({}, {"$set": {"actor": "mallory"}}),
            lambda: trail.replace_one({}, {}),
            lambda: trail.delete_one({}),
            lambda: trail.delete_many({}),
            lambda: trail.drop(),
            lambda: trail.drop_index("chain"),
            lambda: trail.create_index("at", expireAfterSeconds=1),
            lambda: client["deeptrace"].command("collMod", "audit_events", validator={}),
            lambda: trail.rename("other"),
            lambda: trail.aggregate([{"$out": "audit_events"}]),
            lambda: client["deeptrace"].drop_collection("audit_events"),
            lambda: client.drop_database("deeptrace"),
        ):
            with pytest.raises(OperationFailure) as refused:
                tamper()
            assert refused.value.code == 13  # Unauthorized
        with pytest.raises(PyMongoError, match="E11000"):
            trail.insert_one({**(trail.find_one({"number": 1}) or {}), "_id": ObjectId()})
    assert store.audit.of(submission.job_id) == events
    assert first_break(job.id, events, store.audit.remembered(job.id)) is None
