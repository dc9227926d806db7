"""What is drawn of a sound over time: columns that are joined while it streams in."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Columns:
    """At most `most` columns, however many base columns come: `every` of these are one.

    With too many columns, neighbours become one. So the base columns should be joined by something that
    gives the same in whichever order: the lowest or the highest value.

    Args:
        join: what makes one column of two, such as `np.maximum`.
        like: an empty array with the type of the columns, and the shape of one after its first axis.
    """

    def __init__(self, most: int, join: np.ufunc, like: NDArray[Any]) -> None:
        self._most, self._join = most, join
        self._whole = self._pending = like
        self.every = 1

    def __len__(self) -> int:
        """How many columns are held, with the base columns that fill none yet as one of them."""
        return len(self._whole) + bool(len(self._pending))

    def add(self, base: NDArray[Any]) -> None:
        """Take the next base columns in: shape (n, ...)."""
        pending = np.concatenate([self._pending, base])
        whole = len(pending) // self.every * self.every
        filled = pending[:whole].reshape(-1, self.every, *pending.shape[1:])
        self._whole = np.concatenate([self._whole, self._join.reduce(filled, axis=1)])
        self._pending = pending[whole:]
        while len(self) > self._most:
            self._halve()

    def joined(self) -> NDArray[Any]:
        """All columns. The last one may be of fewer base columns than the others."""
        if not len(self._pending):
            return self._whole
        return np.concatenate([self._whole, self._join.reduce(self._pending, axis=0)[None]])

    def _halve(self) -> None:
        """Join columns in pairs."""
        if len(self._whole) % 2:
            # The last one has no partner yet, and waits for it.
            self._pending = np.concatenate([self._whole[-1:].repeat(self.every, axis=0), self._pending])
            self._whole = self._whole[:-1]
        self._whole = self._join(self._whole[::2], self._whole[1::2])
        self.every *= 2
