"""Which part of a window is read from which rollups, and which is computed from spans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from storage.graph.state import RollupState
from storage.rollup_schema import MINUTE_NS, WIDTHS_NS

__all__ = ["Cover", "cover", "joined", "runs"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cover:
    """The parts of a window; what is in none of them holds no trace.

    Attributes:
        periods: starts of the periods to read, by width, rising.
        live: ranges of trace time to compute, rising and not touching one another.
    """

    periods: Mapping[int, Int64s]
    live: list[tuple[int, int]]


def cover(state: RollupState, from_ns: int, to_ns: int) -> Cover:
    """Cover ``[from_ns, to_ns)`` by the widest periods that are right, and spans for the rest.

    A frozen minute cannot be cut: it belongs as a whole to the window that holds its start.
    """
    rolled = state.rolled[MINUTE_NS]
    minutes = np.sort(np.concatenate((rolled, state.stale[~_is_among(state.stale, rolled)])))
    begin_ns = max(from_ns, state.expired_ns)
    minutes = minutes[(minutes > begin_ns - MINUTE_NS) & (minutes < to_ns)]
    is_right = _is_among(minutes, rolled) & ~_is_among(minutes, state.stale)
    is_frozen = is_right & (minutes < state.frozen_ns)
    is_whole = (minutes >= begin_ns) & (minutes + MINUTE_NS <= to_ns)
    is_read = is_right & (is_whole | (is_frozen & (minutes >= begin_ns)))
    lives = minutes[~is_read & ~is_frozen]
    live = [(max(one, begin_ns), min(one + MINUTE_NS, to_ns)) for one in lives.tolist()]
    if from_ns < begin_ns:
        live.insert(0, (from_ns, min(begin_ns, to_ns)))
    return Cover(_widest(state, minutes[is_read], minutes[~is_read], begin_ns, to_ns), joined(live))


def _widest(
    state: RollupState, read: Int64s, others: Int64s, from_ns: int, to_ns: int
) -> dict[int, Int64s]:
    periods: dict[int, Int64s] = {}
    for width in reversed(WIDTHS_NS[1:]):
        starts = state.rolled[width]
        starts = starts[(starts >= from_ns) & (starts + width <= to_ns)]
        starts = starts[~_is_among(starts, others - others % width)]
        is_covered = _is_among(read - read % width, starts)
        # Of those without a minute to read, a wider period holds the minutes already.
        covering = read[is_covered] - read[is_covered] % width
        periods[width] = covering[np.diff(covering, prepend=-1) != 0]
        read = read[~is_covered]
    return {MINUTE_NS: read, **periods}


def _is_among(times: Int64s, known: Int64s) -> Bools:
    """Return whether each of ``times`` is one of ``known``, which rise."""
    if not len(known):
        return np.zeros(len(times), np.bool_)
    found: Bools = known[np.searchsorted(known[:-1], times)] == times
    return found


def joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return rising ranges with those put together that touch."""
    found: list[tuple[int, int]] = []
    for start, end in ranges:
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def runs(starts: Int64s, width: int) -> list[tuple[int, int]]:
    """Return (first, last) of each run of periods that follow one another."""
    if not len(starts):
        return []
    breaks = np.flatnonzero(np.diff(starts) != width)
    firsts = starts[np.concatenate(([0], breaks + 1))]
    lasts = starts[np.concatenate((breaks, [len(starts) - 1]))]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
