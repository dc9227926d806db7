"""A change of several documents, all of it or nothing, with its entry in the audit trail."""

from collections.abc import Callable
from typing import TypeVar

import pymongo
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from deeptrace_core.store.connection import Document

TIMEOUT_S = 6.0
TRIES = 50
_T = TypeVar("_T")


def in_transaction(
    database: Database[Document], step: Callable[[ClientSession], _T], *, tries: int = TRIES
) -> _T:
    """Carry out the step, again from its beginning where others were in its way.

    Args:
        tries: how often, where something is there already: somebody else added to the same chain of events.

    Raises:
        DuplicateKeyError: it was there each time.
        PyMongoError: it did not take effect within seconds.
    """
    # The timeout holds for all retries together; without it they go on for two minutes.
    with pymongo.timeout(TIMEOUT_S), database.client.start_session() as session:
        while True:
            tries -= 1
            try:
                return session.with_transaction(step, write_concern=database.write_concern)
            except DuplicateKeyError:
                if not tries:
                    raise
