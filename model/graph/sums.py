"""Sums by group: what ``GROUP BY`` does, for columns in numpy."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["float_sums", "whole_sums"]

Int64s: TypeAlias = npt.NDArray[np.int64]
Float64s: TypeAlias = npt.NDArray[np.float64]


def float_sums(values: Float64s, groups: Int64s, count: int) -> Float64s:
    """Return ``count`` sums: number ``g`` of the values whose group (never negative) is ``g``."""
    return np.bincount(groups, values, count).astype(np.float64, copy=False)


def whole_sums(values: Int64s, groups: Int64s, count: int) -> Int64s:
    """As :func:`float_sums`, in exact whole numbers."""
    sums = np.zeros(count, np.int64)
    np.add.at(sums, groups, values)
    return sums
