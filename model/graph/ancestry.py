"""Walks along many parent chains at once: a search doubles its steps, so depth costs little."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = [
    "NONE",
    "Climb",
    "at",
    "climb",
    "earliest",
    "nearest",
    "nearest_or_self",
    "roll_up",
]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NONE = -1
"""No such row."""


def at(values: Int64s, rows: Int64s) -> Int64s:
    """Return the values of ``rows``; NONE where a row is NONE."""
    return np.append(values, NONE)[rows]  # as an index NONE is the last one


def nearest_or_self(stops: Bools, parents: Int64s) -> Int64s:
    """Return for each row the first one that ``stops``, from itself upwards; NONE without one.

    Args:
        stops: whether a row ends the search.
        parents: of each row, its parent's row or NONE; free of cycles.
    """
    return _asked(stops, parents)[:-1]


def nearest(stops: Bools, parents: Int64s) -> Int64s:
    """As :func:`nearest_or_self`, from each row's parent upwards."""
    return _asked(stops, parents)[parents]


def _asked(stops: Bools, parents: Int64s) -> Int64s:
    """Return :func:`nearest_or_self`, and one row more, which has NONE for rows that are NONE."""
    asked = np.append(parents, NONE)
    stopping = np.flatnonzero(stops)
    asked[stopping] = stopping
    # Whoever asks one that asks on, asks that one next.
    while not np.array_equal(further := asked[asked], asked):
        asked = further
    return asked


class Climb(NamedTuple):
    """Where parent chains end.

    Attributes:
        top: of each row its topmost ancestor, or itself; undefined for rows of ``endless``.
        depth: of each row the number of its ancestors; likewise.
        endless: a row of each cycle that others climb into; empty without cycles.
    """

    top: Int64s
    depth: Int64s
    endless: Int64s


def climb(parents: Int64s) -> Climb:
    """Climb from each row to the end of its chain; ``parents`` may have cycles."""
    is_root = parents == NONE
    top = parents.copy()
    roots = np.flatnonzero(is_root)
    top[roots] = roots
    depth = 1 - is_root.astype(np.int64)
    # Who climbs on for more steps than there are rows, ends up in a cycle.
    for _ in range(len(parents).bit_length()):
        further = top[top]
        if np.array_equal(further, top):
            break
        depth += depth[top]
        top = further
    return Climb(top, depth, np.unique(top[~is_root[top]]))


def roll_up(parents: Int64s, values: Int64s, add: np.ufunc) -> Int64s:
    """Return for each row its value, added up with those of all its descendants."""
    rolled = values.copy()
    children = np.flatnonzero(parents != NONE)
    if not len(children):
        return rolled
    depth = climb(parents).depth[children]
    order = np.argsort(-depth, kind="stable")
    children, depth = children[order], depth[order]
    for level in np.split(children, np.flatnonzero(np.diff(depth)) + 1):
        add.at(rolled, parents[level], rolled[level])
    return rolled


def earliest(groups: Int64s, start_ns: Int64s) -> Int64s:
    """Return one position of each group, by group: the earliest start, of equals the first."""
    order: Int64s = np.lexsort((start_ns, groups))
    first = np.ones(len(order), bool)
    first[1:] = groups[order][1:] != groups[order][:-1]
    return order[first]
