"""Equal values found by sorting: numpy's own way hashes, which is slow for many different ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["distinct", "group_numbers"]

Int64s = npt.NDArray[np.int64]
UInt64s = npt.NDArray[np.uint64]


def distinct(values: Int64s) -> Int64s:
    """Return the different values, rising."""
    ordered = np.sort(values)
    first = np.ones(len(ordered), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def group_numbers(*columns: UInt64s | Int64s) -> Int64s:
    """Return a number for each row, the same for rows that are equal in every column."""
    order = np.lexsort(columns)
    differs = np.zeros(len(order), np.bool_)
    for column in columns:
        ordered = column[order]
        differs[1:] |= ordered[1:] != ordered[:-1]
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.cumsum(differs)
    return numbers
