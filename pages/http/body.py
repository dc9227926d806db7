"""The body of a request, taken in pieces of a mebibyte: a thread hop for each, and no more memory."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from deeptrace_core.blobs import PIECE_BYTES
from deeptrace_core.errors import DeepTraceError, RequestInvalidError
from pages.http import metrics

DRAINED_BYTES = 64_000_000
"""Read and dropped after a refusal: a browser that is still sending would not look at the answer."""
_T = TypeVar("_T")


async def each_piece(request: Request, take: Callable[[bytes], None]) -> None:
    """Give the body to `take`, in a thread. What came before a broken connection is taken, too.

    Raises:
        ClientDisconnect: the connection broke.
    """
    pending = bytearray()
    stream = request.stream()
    try:
        try:
            async for piece in stream:
                pending += piece
                metrics.UPLOADED_BYTES.inc(len(piece))
                if len(pending) >= PIECE_BYTES:
                    whole = bytes(pending)
                    pending.clear()
                    await run_in_threadpool(take, whole)
        finally:
            if pending:
                await run_in_threadpool(take, bytes(pending))
    except DeepTraceError:
        await _drain(stream)
        raise


async def small(request: Request, limit: int = 16_384) -> bytes:
    """A whole body that must be small.

    Raises:
        RequestInvalidError: it is not.
    """
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > limit:
            raise RequestInvalidError(f"This request takes at most {limit:,} bytes.")
    return bytes(data)


@asynccontextmanager
async def in_thread(manager: AbstractContextManager[_T]) -> AsyncIterator[_T]:
    """A context manager whose beginning and end wait for a disk."""
    value = await run_in_threadpool(manager.__enter__)
    try:
        yield value
    except BaseException as error:
        if not await run_in_threadpool(manager.__exit__, type(error), error, error.__traceback__):
            raise
    else:
        await run_in_threadpool(manager.__exit__, None, None, None)


async def _drain(stream: AsyncIterator[bytes]) -> None:
    drained = 0
    try:
        async for piece in stream:
            drained += len(piece)
            if drained > DRAINED_BYTES:
                return
    except ClientDisconnect:
        return
