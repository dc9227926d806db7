"""Wake an idle worker as soon as a job can be claimed, without asking the database all the time."""

import logging
import queue
import random
import threading
import time

from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from deeptrace_core.store.connection import Document

log = logging.getLogger(__name__)

SILENCE_MS = 18_000
"""How long one request to the change stream waits; shorter than the timeout of the socket."""
REOPEN_S = (0.5, 1.5)

BECAME_CLAIMABLE: list[Document] = [
    {
        "$match": {
            "$or": [
                {"fullDocument.ready": True},  # inserted, or replaced
                {"updateDescription.updatedFields.ready": True},  # promoted, released or reaped
            ]
        }
    },
    {"$project": {"_id": 1}},
]


class Arrivals:
    """A listener that turns changes in the jobs into wake-ups.

    No wake-up is lost: each time the stream opens, the waiter is woken once, so that it looks for what
    came before; what comes after is in the stream. A worker therefore claims, and waits if there is none.
    """

    def __init__(self, jobs: Collection[Document]) -> None:
        self._jobs = jobs
        # Unlike the locks of `threading`, it may be put to from a signal handler.
        self._wakes: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def wait(self, timeout_s: float) -> None:
        """Return when there may be something to claim, when woken, or after about the timeout.

        The timeout is shortened at random, so that many workers do not ask in step. The first call starts
        the listening and returns as soon as it works. One thread at a time may wait.
        """
        if self._thread is None and not self._closed.is_set():
            self._thread = threading.Thread(target=self._listen, name="deeptrace-arrivals", daemon=True)
            self._thread.start()
        try:
            self._wakes.get(timeout=timeout_s * random.uniform(0.5, 1))
            while True:
                self._wakes.get_nowait()
        except queue.Empty:
            return

    def wake(self) -> None:
        """Make the present or the next `wait` return at once. Safe in a signal handler."""
        self._wakes.put(None)

    def close(self) -> None:
        """Stop listening. The thread may live on until its present request ends; nothing waits for it."""
        self._closed.set()
        self.wake()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                self._follow()
            except PyMongoError as error:
                # Whatever it is (the server left, it knows no change streams), the slow poll goes on.
                if not self._closed.is_set():
                    log.debug("Listening for jobs was interrupted: %s", error)
                    time.sleep(random.uniform(*REOPEN_S))

    def _follow(self) -> None:
        with self._jobs.watch(BECAME_CLAIMABLE, max_await_time_ms=SILENCE_MS) as stream:
            self.wake()
            while stream.alive and not self._closed.is_set():
                if stream.try_next() is not None:
                    self.wake()
