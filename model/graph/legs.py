"""Which rows of a table are drawn, between which nodes, over which edge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from model.graph.edge import EdgeKey, Protocol, View
from model.graph.nodes import NodeFacts, NodeKey, node_key
from model.graph.place import Place, PlaceKind
from model.graph.view import GraphType

__all__ = ["PROTOCOLS", "Legs", "Nodes", "is_drawn"]

Int64s = npt.NDArray[np.int64]

PROTOCOLS = tuple(Protocol)
"""Protocols by their number in :class:`Legs`."""

_GATEWAYS_DRAWN = View.GATEWAYS_WAYPOINTS | View.GATEWAYS
_WAYPOINTS_DRAWN = View.GATEWAYS_WAYPOINTS | View.WAYPOINTS
_UNKNOWN = Place(PlaceKind.UNKNOWN, name="unknown")


def is_drawn(place: Place, view: View) -> bool:
    """Whether ``place`` may be a node in ``view``: gateways and waypoints are in some only."""
    if place.kind is PlaceKind.GATEWAY:
        return bool(view & _GATEWAYS_DRAWN)
    return place.kind is not PlaceKind.WAYPOINT or bool(view & _WAYPOINTS_DRAWN)


class Nodes:
    """The nodes so far, numbered."""

    def __init__(self, type: GraphType) -> None:
        self.facts: list[NodeFacts] = []
        self._type = type
        self._by_place: dict[Place, int] = {}
        self._by_key: dict[NodeKey, int] = {}

    def index(self, place: Place) -> int:
        """Return the number of the node that ``place`` belongs to; it is made if need be."""
        found = self._by_place.get(place)
        if found is None:
            key = node_key(place, self._type)
            found = self._by_place[place] = self._make(key)
            self.facts[found].places.append(place)
        return found

    def of_operation(self, callee: int, operation: str) -> int:
        """Return the number of the node of an operation of the node ``callee``."""
        around = self.facts[callee]
        found = self._make(("operation", *around.key, operation))
        if not self.facts[found].places:
            self.facts[found].places = around.places
            self.facts[found].operation = operation or "unknown"
        return found

    def _make(self, key: NodeKey) -> int:
        found = self._by_key.setdefault(key, len(self.facts))
        if found == len(self.facts):
            self.facts.append(NodeFacts(key, []))
        return found


class Legs:
    """The rows that are drawn, each with the nodes at its ends; in a graph of operations twice.

    Args:
        keys: of the rows.
        rows: their places in the table.
        source: of each row the number of a node.
        target: likewise.
        nodes: how many there are.

    Attributes:
        edge: of each row the number of its edge; ``edge_source``, ``edge_target`` and
            ``edge_protocol`` are of the edges.
    """

    def __init__(
        self,
        keys: tuple[EdgeKey, ...],
        rows: Int64s,
        source: Sequence[int],
        target: Sequence[int],
        nodes: int,
    ) -> None:
        self.keys = keys
        self.rows = rows
        self.source = np.array(source, np.int64)
        self.target = np.array(target, np.int64)
        protocol = np.array([PROTOCOLS.index(key.protocol) for key in keys], np.int64)
        cells, edge = np.unique(
            (self.source * nodes + self.target) * len(PROTOCOLS) + protocol, return_inverse=True
        )
        self.edge = edge.astype(np.int64)
        ends = cells // len(PROTOCOLS)
        self.edge_source: Int64s = ends // max(nodes, 1)
        self.edge_target: Int64s = ends % max(nodes, 1)
        self.edge_protocol: Int64s = cells % len(PROTOCOLS)

    @classmethod
    def of(cls, keys: Sequence[EdgeKey], nodes: Nodes, type: GraphType, view: View) -> Legs:
        """Return the rows that exist in ``view``; their nodes are made."""
        bits = int(view)
        shown = [row for row, key in enumerate(keys) if key.views & bits]
        drawn = tuple(keys[row] for row in shown)
        source, target = [], []
        for key in drawn:
            # A gateway whose spans are missing was found by its address, in every view.
            caller = key.source if is_drawn(key.source, view) else _UNKNOWN
            callee = nodes.index(key.destination)
            source.append(nodes.index(caller))
            target.append(callee)
            if key.host:
                nodes.facts[callee].hosts.add(key.host)
        rows = np.array(shown, np.int64)
        if type is not GraphType.OPERATION:
            return cls(drawn, rows, source, target, len(nodes.facts))
        between = [
            nodes.of_operation(callee, key.operation)
            for callee, key in zip(target, drawn, strict=True)
        ]
        return cls(
            drawn * 2, np.tile(rows, 2), source + between, between + target, len(nodes.facts)
        )
