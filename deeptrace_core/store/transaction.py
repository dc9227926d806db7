"""A change of several documents, all of it or nothing, with its entry in the audit trail."""

from collections.abc import Callable

import pymongo
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from deeptrace_core.store.connection import Document

TIMEOUT_S = 6.0
TRIES = 50


def in_transaction(client: MongoClient[Document], step: Callable[[ClientSession], None]) -> None:
    """Carry out the step, again from its beginning where others were in its way.

    Raises:
        PyMongoError: it did not take effect within seconds.
    """
    # The timeout holds for all retries together; without it they go on for two minutes.
    with pymongo.timeout(TIMEOUT_S), client.start_session() as session:
        for left in reversed(range(TRIES)):
            try:
                session.with_transaction(step)
                return
            except DuplicateKeyError:  # somebody else added to the same chain of events
                if not left:
                    raise
