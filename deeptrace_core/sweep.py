"""Remove what is no longer wanted: jobs whose time is over, and files that no job needs.

A file is removed only when it was put long ago *and* no job refers to it. The grace period keeps an
upload whose job is not submitted yet.
"""

import logging
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from deeptrace_core.blobs import Blobs
from deeptrace_core.errors import DeepTraceError, JobNotFoundError
from deeptrace_core.store import Store

log = logging.getLogger(__name__)

GRACE_S = 24 * 3600.0
BATCH = 500
EVERY_S = 3600.0
ASK_EVERY_S = (300.0, 900.0)
FIRST_ASKED_S = (30.0, 90.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Garbage:
    """What was removed, or would be."""

    files: tuple[str, ...]
    parts: int
    """Uploads that were broken off by the death of their process."""


def delete_expired(store: Store) -> int:
    """Delete the jobs whose time is over. Returns how many."""
    count = 0
    while expired := store.jobs.expired():
        for job_id in expired:
            try:
                store.jobs.delete(job_id, actor="retention")
                count += 1
            except JobNotFoundError:  # somebody else was faster
                continue
    return count


def unneeded_files(store: Store, blobs: Blobs, before_s: float) -> Iterator[str]:
    """SHA-256 of files that were put before this time of the storage and that no job needs."""
    for names in blobs.put_before(before_s):
        for start in range(0, len(names), BATCH):
            batch = names[start : start + BATCH]
            needed = store.jobs.referred(batch)
            yield from (name for name in batch if name not in needed)


def delete_garbage(store: Store, blobs: Blobs, *, grace_s: float = GRACE_S) -> Garbage:
    """Remove files that no job needs and that were put longer ago than the grace period.

    Safe while others upload, submit and sweep: what was put again meanwhile stays.
    """
    before_s = blobs.now_s() - grace_s
    files = [
        sha256
        for sha256 in unneeded_files(store, blobs, before_s)
        if blobs.delete_if_put_before(sha256, before_s)
    ]
    store.results.discard_strays()
    return Garbage(files=tuple(files), parts=blobs.delete_parts_before(before_s))


class Sweeper:
    """Sweeps now and then from a thread of its own. Every worker has one; one in all of them sweeps."""

    def __init__(self, store: Store, blobs: Blobs) -> None:
        self._store = store
        self._blobs = blobs
        self._thread: threading.Thread | None = None
        self._ask_at_s = time.monotonic() + random.uniform(*FIRST_ASKED_S)

    def sweep_if_due(self) -> None:
        """Begin a sweep if it is time for one. Returns at once and never fails; call it every few seconds."""
        if time.monotonic() < self._ask_at_s or (self._thread is not None and self._thread.is_alive()):
            return
        self._ask_at_s = time.monotonic() + random.uniform(*ASK_EVERY_S)
        # Nobody waits for it at the end: a sweep may break off anywhere, and the next one goes on.
        self._thread = threading.Thread(target=self._sweep, name="sweep", daemon=True)
        self._thread.start()

    def _sweep(self) -> None:
        try:
            if not self._store.turns.take("sweep", every_s=EVERY_S):
                return
            expired = delete_expired(self._store)
            garbage = delete_garbage(self._store, self._blobs)
            log.info("Swept: %d expired jobs, %d unneeded files.", expired, len(garbage.files))
        except DeepTraceError as error:
            log.warning("The sweep broke off and will be tried again. %s", error.diagnostics())
