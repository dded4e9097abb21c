"""What the spans of a call tell of it: errors, codes, sizes, names (rules G35, G39 and G40)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE, at, nearest_or_self, roll_up
from model.graph.members import Members
from model.graph.requests import Requests

__all__ = ["Groups"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Groups:
    """The spans of each call: those of its caller ("outgoing") and those of its callee.

    Attributes:
        entered: the outermost span of the callee; NONE if its side is not known (rule G20).
    """

    def __init__(self, members: Members, requests: Requests) -> None:
        self._members = members
        self._requests = requests
        forest = members.forest
        entry = requests.entry
        self._has_entry = entry != NONE
        # G20: of an entry that is not inbound nothing is known of the callee's side.
        self.entered = np.where(self._has_entry & members.is_inbound[entry], entry, NONE)
        group = members.callee_group
        nested = np.flatnonzero(members.is_inbound & ~members.begins & (group != NONE))
        nested = nested[members.begins[group[nested]] & members.is_inbound[group[nested]]]
        order = np.lexsort((nested, forest.start_ns[nested], forest.depth[nested], group[nested]))
        self._nested = nested[order]  # the outermost of each group first
        self._nested_in = group[self._nested]

    def incoming(self, tells: Bools) -> Int64s:
        """Return for each call the outermost span of the callee that ``tells``, or NONE."""
        if not tells.any():
            return np.full(len(self._requests), NONE)
        found = np.full(len(tells), NONE)
        nested = np.flatnonzero(tells[self._nested])[::-1]
        found[self._nested_in[nested]] = self._nested[nested]
        telling = np.flatnonzero(tells)
        found[telling] = telling
        return at(found, self.entered)

    def outgoing(self, tells: Bools) -> Int64s:
        """Return for each call the innermost span of the caller that ``tells``, or NONE."""
        if not tells.any():
            return np.full(len(self._requests), NONE)
        innermost, outer = self._requests.outgoing, self._members.outer
        tell = (innermost == NONE) | tells[innermost]
        if tell.all():
            return innermost
        if (outer[innermost[~tell]] == NONE).all():
            return np.where(tell, innermost, NONE)
        return at(nearest_or_self(tells, outer), innermost)

    def earliest_ns(self) -> Int64s:
        """Return the start of the earliest span of each call."""
        members, requests = self._members, self._requests
        earliest = members.forest.start_ns.copy()
        np.minimum.at(earliest, self._nested_in, earliest[self._nested])
        far = np.iinfo(np.int64).max
        of_entry = np.where(self._has_entry, members.forest.start_ns[requests.entry], far)
        of_callee = np.where(self.entered == NONE, far, earliest[self.entered])
        outwards = _least_outwards(members)
        of_caller = np.where(requests.outgoing == NONE, far, outwards[requests.outgoing])
        return np.minimum(np.minimum(of_entry, of_callee), of_caller)

    def errors(self) -> Bools:
        """Return which calls are in error (rule G35)."""
        members, requests = self._members, self._requests
        error, outer = members.forest.error, members.outer
        # G20: nothing tells how a call ended whose callee is not seen being called.
        can_fail = ~self._has_entry | (self.entered != NONE)
        used = np.bincount(requests.outgoing[requests.outgoing != NONE], minlength=len(error))
        users = roll_up(outer, used, np.add)
        found: Bools = self.incoming(error) != NONE
        first = self.outgoing(error | (users > 1))
        found |= (first != NONE) & error[first] & (users[first] == 1)
        found &= can_fail
        shared = error & (users > 1)
        if shared.any():
            self._blame_last(found, can_fail, shared)
        return found

    def _blame_last(self, found: Bools, can_fail: Bools, shared: Bools) -> None:
        """Put the error of a span that several calls share on the last of them, if none has one."""
        members, requests = self._members, self._requests
        own = found.copy()
        below = np.flatnonzero(requests.outgoing != NONE)
        span = np.where(self._has_entry, requests.entry, requests.peer)
        order = np.lexsort((span, members.forest.start_ns[span]))
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        last = np.full(len(shared), NONE)
        np.maximum.at(last, requests.outgoing[below], rank[below])
        last = roll_up(members.outer, last, np.maximum)
        failed = np.bincount(requests.outgoing[below], own[below], len(shared)).astype(np.int64)
        failed = roll_up(members.outer, failed, np.add)
        blamed = order[last[shared & (failed == 0)]]
        found[blamed] = can_fail[blamed]


def _least_outwards(members: Members) -> Int64s:
    """Return for each span of a caller's group the earliest start from itself outwards."""
    least, outer = members.forest.start_ns.copy(), members.outer.copy()
    climbing = np.flatnonzero(outer != NONE)
    while len(climbing):
        passed = outer[climbing]
        least[climbing], outer[climbing] = np.minimum(least[climbing], least[passed]), outer[passed]
        climbing = climbing[outer[climbing] != NONE]
    return least
