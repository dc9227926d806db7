"""Sending frames while the next ones are being decoded."""

import os
import queue
import threading
from types import TracebackType
from typing import Self

from worker.media.wire import Kind, send

Message = tuple[Kind, tuple[bytes | memoryview, ...]]


class Outbox:
    """Messages on their way to the parent, sent in order by a thread; `put` waits while it is full."""

    def __init__(self, pipe: int, *, room: int) -> None:
        self._pipe = pipe
        self._messages: queue.Queue[Message | None] = queue.Queue(room)
        self._thread = threading.Thread(target=self._send, name="outbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._messages.put(None)
        self._thread.join()

    def put(self, kind: Kind, *parts: bytes | memoryview) -> None:
        """Send this after what was put before."""
        self._messages.put((kind, parts))

    def _send(self) -> None:
        try:
            while message := self._messages.get():
                kind, parts = message
                send(self._pipe, kind, *parts)
                del message, parts  # or the frame would live until the next one comes
        except BrokenPipeError:
            os._exit(0)  # nobody reads any more
