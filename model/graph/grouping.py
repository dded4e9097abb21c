"""Equal rows made one: Python objects are then made for distinct rows only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["Combination", "group"]

Int64s = npt.NDArray[np.int64]

_SMALL = 1 << 22
_LARGEST = 1 << 62


def group(codes: Int64s, space: int) -> tuple[Int64s, Int64s]:
    """Return the distinct ``codes``, rising, and for each code its index among them.

    Args:
        codes: from 0 to below ``space``.
        space: a small one is marked off in a table, which takes no sorting.
    """
    if space > _SMALL:
        distinct, inverse = np.unique(codes, return_inverse=True)
        return distinct, inverse
    seen = np.zeros(space, bool)
    seen[codes] = True
    distinct = np.flatnonzero(seen)
    index = np.empty(space, np.int64)
    index[distinct] = np.arange(len(distinct))
    return distinct, index[codes]


class Combination:
    """Columns of numbers, and the distinct rows that they make up."""

    def __init__(self, length: int) -> None:
        self._columns: dict[str, Int64s] = {}
        self._codes = np.zeros(length, np.int64)
        self._space = 1

    def add(self, name: str, column: Int64s, space: int) -> None:
        """Add a column of numbers from 0 to below ``space``."""
        self._columns[name] = column
        if space == 1:
            return
        if self._space * space > _LARGEST:
            distinct, self._codes = group(self._codes, self._space)
            self._space = max(len(distinct), 1)
        self._codes = self._codes * space + column
        self._space *= space

    def distinct(self) -> tuple[dict[str, list[int]], Int64s]:
        """Return the columns of the distinct rows, and for each row its index among those."""
        distinct, index = group(self._codes, self._space)
        example = np.empty(len(distinct), np.int64)
        example[index] = np.arange(len(index))
        return {name: column[example].tolist() for name, column in self._columns.items()}, index
