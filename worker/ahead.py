"""Two stages at once: the next item is made while the last one is used."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def one_ahead(items: Iterable[T]) -> Iterator[Iterator[T]]:
    """The same items, each made in a thread while the one before is used; never more than one is waiting.

    What making one raises is raised where it would have been used. At the end nothing is being made.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        yield _handed_over(iter(items), thread)


def _handed_over(items: Iterator[T], thread: ThreadPoolExecutor) -> Iterator[T]:
    coming: Future[T | None] = thread.submit(next, items, None)
    while (item := coming.result()) is not None:
        coming = thread.submit(next, items, None)
        yield item
