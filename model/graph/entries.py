"""Calls that have an entry: a span with which another place's part in a trace begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE, at, nearest_or_self
from model.graph.members import Members
from model.graph.place import Place, PlaceKind
from model.graph.requests import Requests
from model.graph.waypoints import may_be, source_by_tags
from model.span import SpanKind

__all__ = ["UNKNOWN", "Entries", "find_entries"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

UNKNOWN = Place(PlaceKind.UNKNOWN, name="unknown")
_INGRESS = Place(PlaceKind.INGRESS, name="ingress")


@dataclass(frozen=True, slots=True)
class Entries:
    """The calls with an entry that is no consumer.

    Attributes:
        requests: the calls.
        source: of each member, the place that called it as an entry; NONE if it is none.
        caller: of each member, the span by which the tree tells that place; NONE without one.
    """

    requests: Requests
    source: Int64s
    caller: Int64s


def find_entries(members: Members) -> Entries:
    """Return one call for each entry, by the rules G11, G13 to G16, G18 to G20, G24 and G25."""
    forest, table = members.forest, members.places.table
    consumes = members.by_class(one.kind is SpanKind.CONSUMER for one in members.spans.classes)
    entry = np.flatnonzero(members.begins & ~consumes)
    above = members.above[entry]
    source = at(members.place, above)
    caller = above.copy()
    is_inbound = members.is_inbound[entry]
    source_address = np.zeros(len(entry), np.int64)
    is_tagged = _apply_tags(members, entry, source)
    top = forest.top[entry]
    # G11: an orphan hangs under its trace's root.
    root = np.where(forest.is_orphan[top], forest.main_root[forest.trace[entry]], NONE)
    root_place = at(members.place, root)
    # Under a root of its own place it is a part of what that does.
    alone = (above == NONE) & ~is_tagged & (root_place != members.place[entry])
    inferred = alone & (root_place != NONE)
    source[inferred] = root_place[inferred]
    caller[inferred] = root[inferred]
    kinds = np.array([place.kind is PlaceKind.GATEWAY for place in table.items])
    is_gateway = kinds[members.place[entry]] if len(kinds) else np.zeros(len(entry), bool)
    source[alone & ~inferred & is_gateway] = table.index(_INGRESS)
    # G24: the address is looked up when it is read; what is found here holds otherwise.
    called = alone & is_inbound & ~is_gateway
    row = forest.row[entry[called]]
    source_address[called] = members.spans.peer_address[row]
    remote = called & ~inferred
    source[remote] = _remote_endpoints(members)[forest.span_class[entry[remote]]]
    sources = np.full(len(forest), NONE)
    callers = np.full(len(forest), NONE)
    sources[entry], callers[entry] = source, caller
    once = _once(members, entry, source)
    entry, source, caller = entry[once], source[once], caller[once]
    return Entries(
        _requests(members, entry, source, caller, inferred[once], source_address[once]),
        sources,
        callers,
    )


def _requests(
    members: Members,
    entry: Int64s,
    source: Int64s,
    caller: Int64s,
    inferred: Bools,
    source_address: Int64s,
) -> Requests:
    nothing = np.full(len(entry), NONE)
    parent = members.forest.parent[entry]
    outgoing = at(members.caller_group, parent)
    # The tags of a waypoint may name another caller than the tree.
    outgoing[(outgoing != NONE) & (members.place[outgoing] != source)] = NONE
    duration_ns = members.duration_ns
    outermost = at(nearest_or_self(members.outer == NONE, members.outer), outgoing)
    return Requests(
        entry=entry,
        peer=nothing,
        source=source,
        destination=members.place[entry],
        caller=caller,
        outgoing=outgoing,
        inferred=inferred.astype(np.int64),
        asynchronous=np.zeros(len(entry), np.int64),
        source_address=source_address,
        protocol=nothing,
        client_ns=at(duration_ns, outermost),
        server_ns=np.where(members.is_inbound[entry], duration_ns[entry], -1),  # G20
        lag_ns=np.full(len(entry), -1),
    )


def _apply_tags(members: Members, entry: Int64s, source: Int64s) -> Bools:
    """Let the tags of waypoints say who called (rule G18); return which entries have such."""
    table = members.places.table
    tagged = [source_by_tags(one) for one in members.spans.classes]
    named = np.fromiter((place is not None for place in tagged), np.bool_, len(tagged))
    is_tagged = named[members.forest.span_class[entry]]
    for index in np.flatnonzero(is_tagged).tolist():
        place = tagged[members.forest.span_class[entry[index]]]
        assert place is not None
        if source[index] == NONE or not may_be(table.items[source[index]], place):
            source[index] = table.index(place)
    return is_tagged


def _remote_endpoints(members: Members) -> Int64s:
    """Return by class the caller that a span without one above may name (rule G24)."""
    table = members.places.table
    unknown = table.index(UNKNOWN)
    return np.array(
        [
            table.index(Place(PlaceKind.EXTERNAL, name=one.peer_service))
            if one.peer_service
            else unknown
            for one in members.spans.classes
        ],
        np.int64,
    )


def _once(members: Members, entry: Int64s, source: Int64s) -> Int64s:
    """Return the entries that count as calls, by index.

    Those without a caller do not. Of orphans of one place that are not inbound and name the
    same missing parent only the earliest does: its server span was lost (rule G20).
    """
    forest = members.forest
    counts = source != NONE
    top = forest.top[entry]
    shared = counts & forest.is_orphan[top] & ~members.is_inbound[entry]
    shared &= members.above[entry] == NONE
    siblings = np.flatnonzero(shared)
    if len(siblings) > 1:
        of = entry[siblings]
        order = np.lexsort(
            (of, forest.start_ns[of], members.place[of], forest.missing_id[forest.top[of]],
             forest.trace[of])
        )  # fmt: skip
        siblings, of = siblings[order], of[order]
        same = np.ones(len(of) - 1, bool)
        for column in (forest.trace[of], members.place[of], forest.missing_id[forest.top[of]]):
            same &= column[1:] == column[:-1]
        counts[siblings[1:][same]] = False
    return np.flatnonzero(counts)
