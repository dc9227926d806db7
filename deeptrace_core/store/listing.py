"""Searching all jobs, page by page.

A page begins where another ended, not after so many rows: it costs the same however far back it is, and no
job is shown twice or left out because others came or went.
"""

import re
from datetime import datetime

from pymongo.database import Database

from deeptrace_core.job import JobState
from deeptrace_core.listing import Page, Place, Search
from deeptrace_core.model import Verdict
from deeptrace_core.permissions import Scope
from deeptrace_core.store.connection import Document, translating_errors
from deeptrace_core.store.job_document import MAX_NAME_CHARS, clean_text, job_from
from deeptrace_core.store.sharing import seen_by

NEWEST_FIRST = [("created_at", -1), ("_id", -1)]
OLDEST_FIRST = [("created_at", 1), ("_id", 1)]
HASH = re.compile(r"[0-9a-f]{6,64}")
"""Fewer digits than these would find files that nobody meant."""
NAMES = ("media_name", "case.name", "case.reference")
HASHES = ("_id", "media_id", "result.report_sha256")


class Listing:
    """The list of all jobs. Each method raises StoreUnavailableError while the database is away."""

    def __init__(self, database: Database[Document]) -> None:
        self._jobs = database["jobs"]

    def page(
        self,
        search: Search,
        size: int,
        *,
        older_than: Place | None = None,
        newer_than: Place | None = None,
        scope: Scope | None = None,
    ) -> Page:
        """The newest jobs, or those next to a place in one direction."""
        asked = _wanted(search)
        if asked is None:
            return Page(jobs=(), has_newer=False, has_older=False)
        wanted = [*asked, *seen_by(scope)]
        with translating_errors():
            if newer_than is not None:
                beyond = {"$and": [*wanted, _beyond(newer_than, "$gt")]}
                found = list(self._jobs.find(beyond, sort=OLDEST_FIRST, limit=size + 1))
                rows, more = found[:size][::-1], len(found) > size
                return Page(
                    jobs=tuple(map(job_from, rows)), has_newer=more, has_older=self._any(wanted, rows, "$lt")
                )
            beyond = {"$and": [*wanted, _beyond(older_than, "$lt")]} if older_than else _all(wanted)
            found = list(self._jobs.find(beyond, sort=NEWEST_FIRST, limit=size + 1))
            rows, more = found[:size], len(found) > size
            has_newer = older_than is not None and self._any(wanted, rows, "$gt")
            return Page(jobs=tuple(map(job_from, rows)), has_newer=has_newer, has_older=more)

    def _any(self, wanted: list[Document], rows: list[Document], direction: str) -> bool:
        """Whether there is a job on that side of these."""
        if not rows:
            return self._jobs.find_one(_all(wanted), {"_id": 1}) is not None
        row = rows[-1] if direction == "$lt" else rows[0]
        beyond = _after(row["created_at"], row["_id"], direction)
        return self._jobs.find_one({"$and": [*wanted, beyond]}, {"_id": 1}) is not None


def _wanted(search: Search) -> list[Document] | None:
    """The conditions; None where nothing can match."""
    wanted: list[Document] = []
    if text := clean_text(search.text.strip(), MAX_NAME_CHARS):
        if "\0" in text:  # no pattern may contain it
            return None
        anywhere = {"$regex": re.escape(text), "$options": "i"}
        found: list[Document] = [{name: anywhere} for name in NAMES]
        if HASH.fullmatch(text.lower()):
            # An anchored pattern reads a part of the index.
            found += [{name: {"$regex": f"^{text.lower()}"}} for name in HASHES]
        wanted.append({"$or": found})
    if search.outcomes:
        states = sorted(one.value for one in search.outcomes if isinstance(one, JobState))
        verdicts = sorted(one.value for one in search.outcomes if isinstance(one, Verdict))
        # With one condition alone the database can use an index, which holds for no empty list.
        conditions = (("status", states), ("result.verdict", verdicts))
        wanted.append({"$or": [{name: {"$in": values}} for name, values in conditions if values]})
    if search.since is not None:
        wanted.append({"created_at": {"$gte": search.since}})
    if search.before is not None:
        wanted.append({"created_at": {"$lt": search.before}})
    return wanted


def _all(wanted: list[Document]) -> Document:
    return {"$and": wanted} if wanted else {}


def _beyond(place: Place, direction: str) -> Document:
    return _after(datetime.fromisoformat(place.created_at), place.id, direction)


def _after(created_at: datetime, job_id: str, direction: str) -> Document:
    return {
        "$or": [
            {"created_at": {direction: created_at}},
            {"created_at": created_at, "_id": {direction: job_id}},
        ]
    }
