"""Walks along many parent chains at once: a search doubles its steps, so depth costs little."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["NONE", "Climb", "climb", "earliest", "nearest", "nearest_or_self", "roll_up"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NONE = -1
"""No such row."""


def nearest_or_self(stops: Bools, parents: Int64s) -> Int64s:
    """Return for each row the first one that ``stops``, from itself upwards; NONE without one.

    Args:
        stops: whether a row ends the search.
        parents: of each row, its parent's row or NONE; free of cycles.
    """
    # A row that does not stop asks another one; whoever asks one that asks on, asks that one next.
    asked = parents.copy()
    stopping = np.flatnonzero(stops)
    asked[stopping] = stopping
    asking = np.flatnonzero(~stops & (parents != NONE))
    while len(asking):
        above = asked[asking]
        asking, above = asking[~stops[above]], above[~stops[above]]
        asked[asking] = further = asked[above]
        asking = asking[further != NONE]
    return asked


def nearest(stops: Bools, parents: Int64s) -> Int64s:
    """As :func:`nearest_or_self`, from each row's parent upwards."""
    found = np.full(len(parents), NONE)
    if not len(parents):
        return found
    children = np.flatnonzero(parents != NONE)
    found[children] = nearest_or_self(stops, parents)[parents[children]]
    return found


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
    top = np.arange(len(parents))
    depth: Int64s = (parents != NONE).astype(np.int64)
    above = parents.copy()
    climbing = np.flatnonzero(above != NONE)
    # Who climbs on for more steps than there are rows, ends up in a cycle.
    for _ in range(len(parents).bit_length()):
        passed = above[climbing]
        further = above[passed]
        depth[climbing] += depth[passed]
        above[climbing] = further
        goes_on = further != NONE
        ended = ~goes_on
        top[climbing[ended]] = top[passed[ended]]
        climbing = climbing[goes_on]
        if not len(climbing):
            break
    return Climb(top, depth, np.unique(above[climbing]))


def roll_up(parents: Int64s, values: Int64s, add: np.ufunc) -> Int64s:
    """Return for each row its value, added up with those of all its descendants."""
    rolled = values.copy()
    children = np.flatnonzero(parents != NONE)
    depth = climb(parents).depth[children]
    order = np.argsort(-depth, kind="stable")
    children, depth = children[order], depth[order]
    if not len(children):
        return rolled
    for level in np.split(children, np.flatnonzero(np.diff(depth)) + 1):
        add.at(rolled, parents[level], rolled[level])
    return rolled


def earliest(groups: Int64s, start_ns: Int64s) -> Int64s:
    """Return one position of each group, by group: the earliest start, of equals the first."""
    order: Int64s = np.lexsort((start_ns, groups))
    first = np.ones(len(order), bool)
    first[1:] = groups[order][1:] != groups[order][:-1]
    return order[first]
