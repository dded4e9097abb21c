"""In which views a call is an edge of which two places (rules G17 and G18)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE, at, nearest_or_self
from model.graph.edge import ALL_VIEWS, Via, View
from model.graph.entries import UNKNOWN, Entries
from model.graph.members import Members
from model.graph.place import PlaceKind
from model.graph.requests import Requests

__all__ = ["VIAS", "Rows", "find_rows"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

VIAS = tuple(Via)

_GATEWAYS = int(View.GATEWAYS_WAYPOINTS | View.GATEWAYS)
_WAYPOINTS = int(View.GATEWAYS_WAYPOINTS | View.WAYPOINTS)
_THROUGH_WAYPOINTS = int(View.GATEWAYS | View.NEITHER)


@dataclass(frozen=True, slots=True)
class Rows:
    """Calls by groups of views. ``call`` is an index in ``Requests``, ``via`` one in ``VIAS``."""

    call: Int64s
    source: Int64s
    destination: Int64s
    views: Int64s
    via: Int64s

    def __getitem__(self, rows: Int64s | Bools) -> Rows:
        return Rows(
            self.call[rows],
            self.source[rows],
            self.destination[rows],
            self.views[rows],
            self.via[rows],
        )


def find_rows(members: Members, entries: Entries, requests: Requests) -> Rows:
    """Return each call once for each group of views in which it has the same two ends."""
    rows = _by_waypoints(members, requests)
    kinds = [place.kind is PlaceKind.GATEWAY for place in members.places.table.items]
    is_gateway = np.array(kinds, np.bool_)
    if not is_gateway.any():
        return rows
    from_gateway, to_gateway = is_gateway[rows.source], is_gateway[rows.destination]
    touches = from_gateway | to_gateway
    # G17: where gateways are no nodes, what they called was called by who called them.
    bridged = np.flatnonzero(from_gateway & ~to_gateway & (rows.views & ~_GATEWAYS != 0))
    unknown = members.places.table.index(UNKNOWN)
    caller = requests.caller[rows.call[bridged]]
    source = _callers_of_gateways(members, entries, is_gateway, caller)
    bridges = Rows(
        call=rows.call[bridged],
        source=np.where(source == NONE, unknown, source),
        destination=rows.destination[bridged],
        views=rows.views[bridged] & ~_GATEWAYS,
        via=np.full(len(bridged), VIAS.index(Via.GATEWAY)),
    )
    views = np.where(touches, rows.views & _GATEWAYS, rows.views)
    kept = Rows(rows.call, rows.source, rows.destination, views, rows.via)[views != 0]
    return _concatenate(kept, bridges)


def _by_waypoints(members: Members, requests: Requests) -> Rows:
    count = len(requests)
    every = np.arange(count)
    plain = Rows(
        every,
        requests.source,
        requests.destination,
        np.full(count, int(ALL_VIEWS)),
        np.full(count, VIAS.index(Via.NOTHING)),
    )
    made, entry = members.places.made, requests.entry
    own = at(made, entry)
    kinds = [place.kind is PlaceKind.WAYPOINT for place in members.places.table.items]
    passes = (own != NONE) & np.array([*kinds, False])[own]
    if not passes.any():
        return plain
    # G18: an edge of the two ends, or one to the waypoint and one from there.
    through = plain[passes]
    own = own[passes]
    nothing = through.via
    return _concatenate(
        plain[~passes],
        Rows(
            through.call,
            through.source,
            through.destination,
            np.full(len(own), _THROUGH_WAYPOINTS),
            np.full(len(own), VIAS.index(Via.WAYPOINT)),
        ),
        Rows(through.call, through.source, own, np.full(len(own), _WAYPOINTS), nothing),
        Rows(through.call, own, through.destination, np.full(len(own), _WAYPOINTS), nothing),
    )


def _callers_of_gateways(
    members: Members, entries: Entries, is_gateway: Bools, spans: Int64s
) -> Int64s:
    """Return who called the gateway that made each span, or the gateways before it, or NONE."""
    # The span with which a place's part began, and there the span above that called.
    first = nearest_or_self(members.begins, members.forest.parent)
    source, caller = entries.source, entries.caller
    found = at(first, spans)
    place = at(source, found)
    by_gateway = np.flatnonzero((place != NONE) & is_gateway[place])
    if len(by_gateway):
        goes_on = (source != NONE) & is_gateway[source] & (caller != NONE)
        before = np.where(goes_on, first[caller], NONE)
        found = nearest_or_self(~goes_on, before)[found[by_gateway]]
        place[by_gateway] = at(source, found)
        place[(place != NONE) & is_gateway[place]] = NONE
    return place


def _concatenate(*parts: Rows) -> Rows:
    return Rows(
        np.concatenate([part.call for part in parts]),
        np.concatenate([part.source for part in parts]),
        np.concatenate([part.destination for part in parts]),
        np.concatenate([part.views for part in parts]),
        np.concatenate([part.via for part in parts]),
    )
