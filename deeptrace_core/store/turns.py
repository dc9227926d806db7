"""Chores that one process in all should do now and then, whichever it is."""

import uuid

from pymongo import ReturnDocument
from pymongo.database import Database

from deeptrace_core.store.connection import Document, translating_errors


class Turns:
    """Whose turn it is. Information only: a chore must be harmless when two processes do it."""

    def __init__(self, database: Database[Document]) -> None:
        self._turns = database["turns"]

    def take(self, chore: str, *, every_s: float) -> bool:
        """Whether it is time for this chore, by the server's clock, and nobody else has taken the turn."""
        taker = uuid.uuid4().hex
        due = {"$lte": [{"$ifNull": ["$next_at", "$$NOW"]}, "$$NOW"]}
        later = {"$add": ["$$NOW", round(every_s * 1000)]}
        change = {
            "taker": {"$cond": [due, taker, "$taker"]},
            "next_at": {"$cond": [due, later, "$next_at"]},
        }
        with translating_errors():
            turn = self._turns.find_one_and_update(
                {"_id": chore}, [{"$set": change}], upsert=True, return_document=ReturnDocument.AFTER
            )
        return turn is not None and turn["taker"] == taker
