"""Batches that fit into the memory of a device, however little of it is left."""

import logging
from collections.abc import Callable
from typing import TypeVar

import torch

from deeptrace_core.errors import EnvironmentFault

log = logging.getLogger(__name__)

R = TypeVar("R")


class FittingBatches:
    """Runs many items some at a time. Where memory runs out, batches are halved, and stay so.

    Args:
        size: the most items at once.
        device: as torch names it.
        items: what they are called, for the log: "faces".
        even_one: what the memory would be too small for, if one is too many: "for even one face".
    """

    def __init__(self, size: int, device: str, *, items: str, even_one: str) -> None:
        self.size = size
        self._device, self._items, self._even_one = device, items, even_one

    def over(self, count: int, run: Callable[[slice], R]) -> list[R]:
        """What `run` gives for each batch of `count` items, in their order.

        Raises:
            EnvironmentFault: there is not enough memory for even one.
        """
        done: list[R] = []
        start = 0
        while start < count:
            some = slice(start, start + self.size)
            try:
                done.append(run(some))
            except torch.OutOfMemoryError as error:
                self._halve(error)
            else:
                start = some.stop
        return done

    def _halve(self, error: torch.OutOfMemoryError) -> None:
        if self.size == 1:
            raise EnvironmentFault(
                f"The memory of {self._device} is too small {self._even_one}, so there are no scores.",
                advice="End other programs that use it, or run with DEEPTRACE_DEVICE=cpu.",
            ) from error
        self.size //= 2
        log.warning(
            "The memory of %s is short: %d %s at once from now on.", self._device, self.size, self._items
        )
