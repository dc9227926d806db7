"""Keeping hold of a job while it is worked on."""

import logging
import threading
import time
from types import TracebackType
from typing import Self

from deeptrace_core.errors import ClaimEnded, DeepTraceError, LeaseLostError, StoreUnavailableError
from deeptrace_core.job import Job, Progress
from deeptrace_core.store import Store

log = logging.getLogger(__name__)

BEATS_A_LEASE = 4


class LeaseKeeper:
    """Renews the lease of one job from a thread of its own, which no inference can block.

    Used as a context manager around the work. The work reports through `update`, which raises as soon as
    the job is no longer this worker's, so that a zombie stops instead of racing its successor.
    """

    def __init__(self, store: Store, job: Job, *, lease_s: float) -> None:
        self._store = store
        self._job = job
        self._lease_s = lease_s
        self._progress: Progress | None = None
        self._ended: ClaimEnded | None = None
        self._changed = threading.Event()
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease-{job.id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leaving.set()
        self._changed.set()
        self._thread.join()

    def update(self, progress: Progress) -> None:
        """Report progress; it is written with the next beat, at once if the stage changed.

        Raises:
            ClaimEnded: the lease was lost or the job cancelled.
        """
        if self._ended is not None:
            raise self._ended
        stage_changed = self._progress is None or self._progress.stage is not progress.stage
        self._progress = progress
        if stage_changed:
            self._changed.set()

    def _beat(self) -> None:
        interval_s = min(self._lease_s / BEATS_A_LEASE, 1.0)
        renewed = time.monotonic()
        while not self._leaving.is_set() and self._ended is None:
            try:
                self._store.jobs.renew(self._job, self._progress)
                renewed = time.monotonic()
            except ClaimEnded as error:
                self._ended = error
            except StoreUnavailableError:
                if time.monotonic() - renewed > self._lease_s:
                    self._ended = LeaseLostError()
            except DeepTraceError:
                log.exception("The lease of job %s could not be renewed; trying again.", self._job.id)
            self._changed.wait(interval_s)
            self._changed.clear()
