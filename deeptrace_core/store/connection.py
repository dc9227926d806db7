"""The connection to MongoDB, and what its errors mean to everybody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)

from deeptrace_core.errors import EnvironmentFault, SettingsError, StoreUnavailableError

Document = dict[str, Any]
Pipeline = list[Document]

SELECTION_TIMEOUT_MS = 3_000
"""How long a call waits for a server that is away, before it says so."""
SOCKET_TIMEOUT_MS = 20_000
"""Longer than a change stream may be silent; shorter than a person's patience with a hung server."""
MAJORITY_TIMEOUT_MS = 10_000
REFUSED_LOGIN = (13, 18)
"""Unauthorized, AuthenticationFailed."""


def connect(uri: str) -> MongoClient[Document]:
    """A client whose writes survive the death of a server once they are acknowledged. Does not wait.

    Raises:
        SettingsError: the address is not one of MongoDB.
    """
    if not uri.startswith(("mongodb://", "mongodb+srv://")):  # pymongo would take it for a host name
        raise SettingsError("DEEPTRACE_MONGODB_URI must begin with mongodb:// or mongodb+srv://.")
    try:
        return MongoClient(
            uri,
            appname="deeptrace",
            w="majority",
            journal=True,
            wTimeoutMS=MAJORITY_TIMEOUT_MS,
            retryWrites=True,
            serverSelectionTimeoutMS=SELECTION_TIMEOUT_MS,
            connectTimeoutMS=SELECTION_TIMEOUT_MS,
            socketTimeoutMS=SOCKET_TIMEOUT_MS,
        )
    except (ConfigurationError, ValueError) as error:
        # Not the address itself: it may contain a password.
        raise SettingsError(f"DEEPTRACE_MONGODB_URI cannot be used: {error}") from error


def check_deployment(client: MongoClient[Document]) -> None:
    """Make sure that the server answers, and is a replica set or a sharded cluster.

    Raises:
        StoreUnavailableError: it cannot be reached, or refuses us.
        SettingsError: it is a stand-alone server: that can neither repeat a write safely nor tell of jobs.
    """
    with translating_errors():
        hello = client.admin.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise SettingsError(
            "DEEPTRACE_MONGODB_URI names a stand-alone MongoDB server; DeepTrace needs a replica set.",
            advice="Start it with --replSet rs0 and run rs.initiate() once: one member is enough.",
        )


@contextmanager
def translating_errors() -> Iterator[None]:
    """Turn errors of pymongo into those of DeepTrace. The original stays reachable as the cause."""
    try:
        yield
    except (AutoReconnect, ConnectionFailure, ExecutionTimeout, WTimeoutError) as error:
        raise StoreUnavailableError from error
    except InvalidOperation as error:
        raise StoreUnavailableError("The connection to the database was closed.") from error
    except OperationFailure as error:
        if error.code in REFUSED_LOGIN:
            raise StoreUnavailableError(
                "The database refused us: the user, the password or the rights are wrong.",
                advice="Correct DEEPTRACE_MONGODB_URI.",
            ) from error
        raise _refused(error) from error
    except PyMongoError as error:
        raise _refused(error) from error


def _refused(error: PyMongoError) -> EnvironmentFault:
    return EnvironmentFault(
        f"The database refused an operation: {error}",
        advice="Look into its log, and check that it is MongoDB 6.0 or newer.",
    )
