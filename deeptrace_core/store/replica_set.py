"""Make the embedded server a replica set of one, which transactions and change streams need."""

import time
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

from deeptrace_core.errors import EmbeddedDatabaseError

POLL_S = 0.05
NAME = "rs0"
ALREADY_INITIALIZED = 23


def wait_until_primary(uri: str, host: Path, deadline_s: float) -> bool:
    """Set the replica set up if need be, and wait until it takes writes.

    A client made before that keeps a wrong picture of the server, so the one used here is not reused.

    Args:
        host: the socket of the server, which is its address within the set.
        deadline_s: on the clock of `time.monotonic`.

    Returns:
        False if the server went away meanwhile.

    Raises:
        EmbeddedDatabaseError: it did not take writes in time.
    """
    with MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=1000, appname="deeptrace") as client:
        while True:
            try:
                hello = client.admin.command("hello")
                if hello.get("isWritablePrimary"):
                    return True
                if "setName" not in hello:
                    _configure(client, str(host))
            except ConnectionFailure:
                return False
            if time.monotonic() > deadline_s:
                raise EmbeddedDatabaseError("The embedded database runs, but does not take writes.")
            time.sleep(POLL_S)


def _configure(client: MongoClient[dict[str, object]], host: str) -> None:
    try:
        client.admin.command("replSetInitiate", {"_id": NAME, "members": [{"_id": 0, "host": host}]})
    except OperationFailure as error:
        if error.code != ALREADY_INITIALIZED:
            return  # another process does the same at this moment, or it is too early: the caller asks again
        _move(client, host)


def _move(client: MongoClient[dict[str, object]], host: str) -> None:
    """Give the member its present address: the folder may have been renamed, or copied."""
    config = client.local["system.replset"].find_one()
    if config is None:
        return
    members = config["members"]
    version = config["version"]
    assert isinstance(members, list)
    assert isinstance(version, int)
    if members[0]["host"] == host:
        return  # it is only starting
    members[0]["host"] = host
    config["version"] = version + 1
    try:
        client.admin.command("replSetReconfig", config, force=True)
    except OperationFailure:
        return  # as above: the caller asks again
