"""Random keys that all processes share, each made at its first use. Whoever signs and whoever checks a
signature finds the same one, on any host and after any restart, and nobody has to configure it."""

import secrets

from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from deeptrace_core.store.connection import Document, translating_errors

KEY_BYTES = 32


class SigningKeys:
    """Keys by the name of what they sign. They never leave the processes that open the database."""

    def __init__(self, database: Database[Document]) -> None:
        self._keys = database["signing_keys"]

    def get(self, name: str) -> bytes:
        """The key for a purpose.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        fresh = {"$setOnInsert": {"key": secrets.token_bytes(KEY_BYTES)}}
        with translating_errors():
            while True:
                try:
                    found = self._keys.find_one_and_update(
                        {"_id": name}, fresh, upsert=True, return_document=ReturnDocument.AFTER
                    )
                except DuplicateKeyError:  # another process was faster
                    continue
                if found is not None:
                    return bytes(found["key"])
