"""What happened to jobs, when, by whom. Events are only ever added."""

import logging
from typing import Any

from bson import ObjectId
from pymongo import WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError

from deeptrace_core.custody import AuditEvent
from deeptrace_core.store.connection import Document, translating_errors
from deeptrace_core.store.job_document import rfc3339

log = logging.getLogger(__name__)


class Audit:
    """The audit trail."""

    def __init__(self, database: Database[Document]) -> None:
        # The state of a job is durable by itself; its trail may miss the last moment before a crash.
        self._events = database.get_collection("audit_events", write_concern=WriteConcern(w=1))

    def of(self, job_id: str) -> tuple[AuditEvent, ...]:
        """What happened to a job, in order. What it says outlives the job.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        with translating_errors():
            rows = self._events.find({"job": job_id}, sort=[("at", 1), ("_id", 1)])
            return tuple(
                AuditEvent(
                    event=row["event"], at=rfc3339(row["at"]), actor=row["actor"], data=dict(row["data"])
                )
                for row in rows
            )

    def record(
        self, event: str, *, job_id: str | None = None, actor: str = "", token: int | None = None, **data: Any
    ) -> None:
        """Add an event at the server's time. Never fails: what it tells of has happened already."""
        try:
            self.write(event, job_id=job_id, actor=actor, token=token, data=data)
        except PyMongoError as error:
            log.warning("The audit event %s of job %s was not written: %s", event, job_id, error)

    def write(
        self,
        event: str,
        *,
        job_id: str | None,
        actor: str,
        data: Document,
        token: int | None = None,
        session: ClientSession | None = None,
    ) -> None:
        """Add an event or raise. In a transaction it is as durable as what it tells of."""
        document: Document = {"event": event, "actor": actor, "data": data}
        if job_id is not None:
            document["job"] = job_id
        if token is not None:
            document["token"] = token
        stamped = {"$mergeObjects": [{"_id": "$_id", "at": "$$NOW"}, {"$literal": document}]}
        # An upsert, since only an update knows the server's time.
        self._events.update_one(
            {"_id": ObjectId()}, [{"$replaceWith": stamped}], upsert=True, session=session
        )
