"""What attempts keep beside their job, in rows named by job and attempt (`token`)."""

from bson import MaxKey
from pymongo.client_session import ClientSession
from pymongo.database import Database

from deeptrace_core.store.connection import Document

COLLECTIONS = ("thumbnails", "frame_scores")
"""All collections whose `_id` begins with `job` and `token`."""


def rows_of_job(job_id: str) -> Document:
    """A filter for what any attempt of the job staged."""
    return {"_id": {"$gte": {"job": job_id}, "$lt": {"job": job_id, "token": MaxKey()}}}


def rows_of_claim(job_id: str, token: int) -> Document:
    """A filter for what one attempt staged."""
    return {
        "_id": {"$gte": {"job": job_id, "token": token}, "$lt": {"job": job_id, "token": token + 1}},
    }


def rows_before_claim(job_id: str, token: int) -> Document:
    """A filter for what earlier attempts staged."""
    return {"_id": {"$gte": {"job": job_id}, "$lt": {"job": job_id, "token": token}}}


def discard(database: Database[Document], rows: Document, *, session: ClientSession | None = None) -> int:
    """Delete these rows. Returns how many there were."""
    return sum(database[name].delete_many(rows, session=session).deleted_count for name in COLLECTIONS)
