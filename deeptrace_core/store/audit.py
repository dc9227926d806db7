"""What happened to jobs, when, by whom: events in chains, only ever added.

Writing an event is an insertion and nothing else, so the database may refuse this program every change of an
event, as docs/custody.md describes.
"""

import logging
import random
import time
from datetime import datetime
from typing import Any

from pymongo import WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from deeptrace_core.custody import SYSTEM, AuditEvent, Head
from deeptrace_core.custody_check import linked
from deeptrace_core.errors import EnvironmentFault
from deeptrace_core.store.connection import Document, Pipeline, translating_errors
from deeptrace_core.store.job_document import clean_text, rfc3339

log = logging.getLogger(__name__)

MAX_ACTOR_CHARS = 300
TRIES = 200
"""Each time, somebody else was faster, and their event is in the chain."""
REST_S = 0.02


class Audit:
    """The audit trail."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._events = database["audit_events"]
        # Lost in a crash, it only lags behind the events, and says less than it could.
        self._heads = database.get_collection("custody_heads", write_concern=WriteConcern(w=1))

    def of(self, chain: str) -> tuple[AuditEvent, ...]:
        """The events of a chain in order: of a job, by its id. What it says outlives the job.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        # Events from before there were chains know their job only. They sort first: no number.
        mine = {"$or": [_chained(chain), {"job": chain, "number": {"$exists": False}}]}
        with translating_errors():
            rows = self._events.find(mine, sort=[("number", 1), ("at", 1), ("_id", 1)])
            return tuple(map(_event_from, rows))

    def remembered(self, chain: str) -> Head | None:
        """The end of a chain as it was noted beside it, so that nobody takes away the last events unseen."""
        with translating_errors():
            row = self._heads.find_one({"_id": chain})
        return None if row is None else Head(number=row["number"], hash=row["hash"])

    def record(
        self,
        event: str,
        *,
        job_id: str | None = None,
        chain: str | None = None,
        actor: str = "",
        token: int | None = None,
        hurried: bool = False,
        **data: Any,
    ) -> None:
        """Add an event at the server's time. Never fails: what it tells of has happened already.

        Args:
            hurried: do not wait for the journal. It may miss the last moment before a crash of the server.
        """
        try:
            self.write(
                event, job_id=job_id, chain=chain, actor=actor, token=token, data=data, hurried=hurried
            )
        except (PyMongoError, EnvironmentFault) as error:
            log.warning("The audit event %s of job %s was not written: %s", event, job_id, error)

    def write(
        self,
        event: str,
        *,
        job_id: str | None = None,
        chain: str | None = None,
        actor: str,
        data: Document,
        token: int | None = None,
        session: ClientSession | None = None,
        hurried: bool = False,
    ) -> None:
        """Add an event to the end of its chain, or raise. In a transaction it is there if that takes effect.

        Args:
            chain: that of the job if it is not given; without a job, that of the system.

        Raises:
            DuplicateKeyError: in a transaction only: somebody else was faster, so do it all again.
            EnvironmentFault: the chain is too busy.
        """
        name = chain or job_id or SYSTEM
        by = clean_text(actor, MAX_ACTOR_CHARS)
        for _ in range(TRIES):
            end, now = self._end(name, session)
            new = AuditEvent(event=event, at=now, actor=by, data=data, token=token, chain=name)
            placed = linked(new, after=end)
            try:
                self._insert(placed, job_id, session, hurried=hurried)
            except DuplicateKeyError:
                if session is not None:
                    raise
                time.sleep(random.uniform(0, REST_S))
                continue
            self._remember(placed, session)
            return
        raise EnvironmentFault(f"Nothing could be added to the chain {name}: too many others did.")

    def _end(self, chain: str, session: ClientSession | None) -> tuple[Head | None, str]:
        """The last event of a chain, and the server's time."""
        last: Pipeline = [{"$match": _chained(chain)}, {"$sort": {"number": -1}}, {"$limit": 1}]
        found = list(self._events.aggregate([*last, {"$set": {"now": "$$NOW"}}], session=session))
        if found:
            return Head(number=found[0]["number"], hash=found[0]["hash"]), rfc3339(found[0]["now"])
        return None, rfc3339(self._database.client.admin.command("hello")["localTime"])

    def _insert(
        self, event: AuditEvent, job_id: str | None, session: ClientSession | None, *, hurried: bool
    ) -> None:
        row = _document(event)
        if job_id is not None:
            row["job"] = job_id
        events = self._events.with_options(write_concern=WriteConcern(w=1)) if hurried else self._events
        events.insert_one(row, session=session)

    def _remember(self, event: AuditEvent, session: ClientSession | None) -> None:
        new = {"_id": event.chain, "number": event.number, "hash": event.hash}
        older = {"$lt": [{"$ifNull": ["$number", 0]}, event.number]}
        update = [{"$replaceWith": {"$cond": [older, {"$literal": new}, "$$ROOT"]}}]
        try:
            self._heads.update_one({"_id": event.chain}, update, upsert=True, session=session)
        except DuplicateKeyError:  # somebody else began this chain at this moment
            if session is not None:
                raise
            self._heads.update_one({"_id": event.chain}, update, session=session)


def _chained(chain: str) -> Document:
    return {"chain": chain, "number": {"$gt": 0}}  # as its index is: without events from before


def _document(event: AuditEvent) -> Document:
    row: Document = {
        "chain": event.chain,
        "number": event.number,
        "previous": event.previous,
        "hash": event.hash,
        "at": datetime.fromisoformat(event.at),
        "event": event.event,
        "actor": event.actor,
        "data": event.data,
    }
    return row if event.token is None else {**row, "token": event.token}


def _event_from(row: Document) -> AuditEvent:
    return AuditEvent(
        event=row["event"],
        at=rfc3339(row["at"]),
        actor=row["actor"],
        data=dict(row["data"]),
        token=row.get("token"),
        chain=row.get("chain", ""),
        number=row.get("number"),
        previous=row.get("previous"),
        hash=row.get("hash"),
    )
