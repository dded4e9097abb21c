"""Projection: the stored edges of a window drawn as a graph of one type (rules G47 and G48)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from model.graph.draw import Drawing
from model.graph.edge import View
from model.graph.health import KIALI, HealthRules
from model.graph.legs import Legs, Nodes, is_drawn
from model.graph.measures import EdgeTable, OperationTable
from model.graph.place import Place
from model.graph.view import BoxKind, Graph, GraphType

__all__ = ["Projection", "project"]

_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Projection:
    """How a graph is drawn.

    Attributes:
        type: what a node stands for. In a graph of operations, each call goes to a node of the
            called operation, and on from there to the called service.
        view: exactly one: whether gateways and waypoints are nodes or passed through.
        boxes: frames around nodes.
        health: thresholds.
    """

    type: GraphType = GraphType.WORKLOAD
    view: View = View.GATEWAYS
    boxes: tuple[BoxKind, ...] = ()
    health: HealthRules = KIALI


def project(
    edges: EdgeTable,
    operations: OperationTable,
    from_ns: int,
    to_ns: int,
    projection: Projection,
    *,
    settled_ns: int | None = None,
    idle: Iterable[Place] = (),
) -> Graph:
    """Draw the edges of the window ``[from_ns, to_ns)``.

    The calls of all edges add up to the same in every type (in a graph of operations: those of
    the edges that lead to operations), and places with spans but without edges are nodes.

    Args:
        edges: of the window, resolved (:func:`model.graph.resolve.resolve`).
        operations: likewise.
        from_ns: start of the window.
        to_ns: its end, later than its start. Rates are per second of the window.
        projection: what to draw.
        settled_ns: the time before which nothing changes any more; None: all is settled.
        idle: places seen earlier; those without traffic now become idle nodes.
    """
    nodes = Nodes(projection.type)
    legs = Legs.of(edges, nodes, projection.type, projection.view)
    for key in operations.keys:
        if is_drawn(key.place, projection.view):
            nodes.index(key.place)
    active = len(nodes.facts)
    for place in idle:
        if is_drawn(place, projection.view):
            nodes.index(place)
    seconds = (to_ns - from_ns) / _SECOND_NS
    drawing = Drawing(nodes.facts, legs, projection.type, projection.health, seconds)
    edge_list = drawing.edges()
    node_list, boxes = drawing.nodes(active, projection.boxes)
    labels = {node.id: node.label for node in node_list}
    return Graph(
        type=projection.type,
        from_ns=from_ns,
        to_ns=to_ns,
        nodes=tuple(sorted(node_list, key=lambda node: (node.label, node.id))),
        edges=tuple(
            sorted(
                edge_list,
                key=lambda edge: (labels[edge.source], labels[edge.target], edge.protocol, edge.id),
            )
        ),
        boxes=boxes,
        is_estimate=bool((legs.measures.estimated != legs.measures.calls).any()),
        provisional_ns=to_ns if settled_ns is None else min(to_ns, max(from_ns, settled_ns)),
    )
