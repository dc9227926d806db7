"""Deleting jobs: what goes at once, and which stored files are still needed.

Files themselves are removed by `deeptrace_core.sweep`, since several jobs may share one.
"""

from collections.abc import Collection as Names

from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database

from deeptrace_core.errors import JobNotFoundError
from deeptrace_core.job import ACTIVE_STATES
from deeptrace_core.store import staged
from deeptrace_core.store.audit import Audit
from deeptrace_core.store.connection import Document
from deeptrace_core.store.schema import COPY_INDEX, EXPIRE_INDEX, MEDIA_INDEX, REPORT_INDEX
from deeptrace_core.store.transaction import in_transaction

ZOMBIE_DAYS = 2
"""How long after the deletion of a job its worker might still stage something: it was frozen, say."""


def delete_job(database: Database[Document], audit: Audit, job_id: str, actor: str) -> None:
    """Delete the job and what its attempts staged, and note it in the trail: all of it or nothing."""

    def step(session: ClientSession) -> None:
        wanted = {"status": 1, "media_id": 1, "result.report_sha256": 1}
        job = database["jobs"].find_one_and_delete({"_id": job_id}, wanted, session=session)
        if job is None:
            raise JobNotFoundError
        staged.discard(database, staged.rows_of_job(job_id), session=session)
        for what_people_said in ("case_marks", "case_notes"):
            database[what_people_said].delete_many({"job": job_id}, session=session)
        # Hashes let an auditor recognise the files; names say who is in them.
        report_sha256 = job.get("result", {}).get("report_sha256")
        hashes = {"media_sha256": job["media_id"], "report_sha256": report_sha256}
        # A wish to anchor that nobody has begun goes too. What was sent cannot be taken back: it stays.
        database["anchors"].delete_many({"digest": report_sha256, "status": "REQUESTED"}, session=session)
        audit.write(
            "deleted", job_id=job_id, actor=actor, session=session, data={"state": job["status"], **hashes}
        )

    in_transaction(database, step)


def expired_jobs(jobs: Collection[Document], limit: int) -> tuple[str, ...]:
    """Ids of jobs whose time is over, the oldest first. A job that is still open is not among them."""
    over = {
        "expires_at": {"$exists": True},
        "status": {"$nin": sorted(state.value for state in ACTIVE_STATES)},
        "$expr": {"$lt": ["$expires_at", "$$NOW"]},
    }
    found = jobs.find(over, {"_id": 1}, sort=[("expires_at", 1)], hint=EXPIRE_INDEX, limit=limit)
    return tuple(row["_id"] for row in found)


def referred_files(jobs: Collection[Document], sha256s: Names[str]) -> set[str]:
    """Those of the files that some job needs, as its media, its report or its viewing copy."""
    wanted = {"$in": list(sha256s)}
    media = jobs.find({"media_id": wanted}, {"_id": 0, "media_id": 1}, hint=MEDIA_INDEX)
    reports = jobs.find(
        {"result.report_sha256": wanted}, {"_id": 0, "result.report_sha256": 1}, hint=REPORT_INDEX
    )
    copies = jobs.find(
        {"result.viewing_copy.sha256": wanted}, {"_id": 0, "result.viewing_copy.sha256": 1}, hint=COPY_INDEX
    )
    return (
        {row["media_id"] for row in media}
        | {row["result"]["report_sha256"] for row in reports}
        | {row["result"]["viewing_copy"]["sha256"] for row in copies}
    )


def discard_strays(database: Database[Document]) -> int:
    """Delete rows which a worker staged after its job was deleted, and then died. Returns how many."""
    since = {"$subtract": ["$$NOW", ZOMBIE_DAYS * 24 * 3600 * 1000]}
    deleted = {"event": "deleted", "$expr": {"$gte": ["$at", since]}}
    events = database["audit_events"].find(deleted, {"job": 1})
    return sum(staged.discard(database, staged.rows_of_job(event["job"])) for event in events)
