"""Parts of a graph: of some namespaces or clusters, around a node, above a rate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from enum import StrEnum

from model.envoy import parse_service_host
from model.graph.view import Graph, GraphEdge, GraphNode

__all__ = [
    "FocusDirection",
    "above_rate",
    "around",
    "is_named",
    "keep",
    "largest",
    "reached",
    "touching",
]


class FocusDirection(StrEnum):
    """Which way to walk from a node."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BOTH = "both"


def keep(graph: Graph, nodes: Collection[str], edges: Collection[str]) -> Graph:
    """Return the part of ``graph`` with these ids; boxes that hold nothing go as well."""
    kept = tuple(node for node in graph.nodes if node.id in nodes)
    outer = {box.id: box.box for box in graph.boxes}
    filled: set[str] = set()
    for node in kept:
        box = node.box
        while box and box not in filled:
            filled.add(box)
            box = outer[box]
    return replace(
        graph,
        nodes=kept,
        edges=tuple(edge for edge in graph.edges if edge.id in edges),
        boxes=tuple(box for box in graph.boxes if box.id in filled),
    )


def touching(graph: Graph, namespaces: Collection[str], clusters: Collection[str]) -> Graph:
    """Return what is in these namespaces and clusters, with the nodes at the other end of edges.

    No namespaces are all of them, as are no clusters.
    """
    if not namespaces and not clusters:
        return graph
    inside = {
        node.id
        for node in graph.nodes
        if (not namespaces or node.namespace in namespaces)
        and (not clusters or node.cluster in clusters)
    }
    return _with_edges(graph, inside, lambda edge: edge.source in inside or edge.target in inside)


def above_rate(graph: Graph, rate: float) -> Graph:
    """Return the graph without edges of fewer calls a second, and nodes left alone by that."""
    connected = {end for edge in graph.edges for end in (edge.source, edge.target)}
    isolated = {node.id for node in graph.nodes} - connected
    return _with_edges(graph, isolated, lambda edge: edge.traffic.rate >= rate)


def largest(graph: Graph, nodes: int, edges: int) -> Graph:
    """Return at most so many nodes and edges: those that carry most calls.

    The graph itself if it is no larger.
    """
    if len(graph.nodes) <= nodes and len(graph.edges) <= edges:
        return graph
    kept_nodes: set[str] = set()
    kept_edges: set[str] = set()
    for edge in sorted(graph.edges, key=lambda edge: (-edge.traffic.estimated, edge.id)):
        ends = {edge.source, edge.target}
        if len(kept_edges) < edges and len(kept_nodes | ends) <= nodes:
            kept_edges.add(edge.id)
            kept_nodes |= ends
    for node in graph.nodes:
        if len(kept_nodes) < nodes:
            kept_nodes.add(node.id)
    return keep(graph, kept_nodes, kept_edges)


def is_named(node: GraphNode, name: str) -> bool:
    """Whether ``name`` means this node: its id, label, workload, or its service in any form."""
    if node.operation or name in (node.id, node.label):
        return name in (node.id, node.label)
    if name in (node.name, node.workload, node.service):
        return True
    host = parse_service_host(name)
    if host is not None:
        return (host.service, host.namespace) == (node.service, node.namespace)
    return bool(node.service and node.namespace) and name in (
        f"{node.service}.{node.namespace}",
        f"{node.workload}.{node.namespace}",
    )


def around(graph: Graph, name: str, depth: int | None, direction: FocusDirection) -> Graph:
    """Return the nodes that ``name`` means and what is up to ``depth`` calls away from them.

    None is any depth. Both directions are callers of callers and callees of callees, not callees
    of callers. Without such a node the graph is empty.
    """
    centre = {node.id for node in graph.nodes if is_named(node, name)}
    nodes, edges = set(centre), set[str]()
    for way in (FocusDirection.UPSTREAM, FocusDirection.DOWNSTREAM):
        if direction in (way, FocusDirection.BOTH):
            found_nodes, found_edges = reached(graph, centre, depth, way)
            nodes |= found_nodes
            edges |= found_edges
    return keep(graph, nodes, edges)


def reached(
    graph: Graph, start: Iterable[str], depth: int | None, way: FocusDirection
) -> tuple[set[str], set[str]]:
    """Return the ids of nodes and edges met on the way up or down from ``start``, start included.

    A node of an operation is no step of its own: it lies on the call between two others.
    """
    downstream = way is FocusDirection.DOWNSTREAM
    leaving: dict[str, list[GraphEdge]] = {}
    for edge in graph.edges:
        leaving.setdefault(edge.source if downstream else edge.target, []).append(edge)
    between = {node.id for node in graph.nodes if node.operation}
    distance = dict.fromkeys(start, 0)
    free = between - distance.keys()
    edges: set[str] = set()
    pending = list(distance)
    for node in pending:  # grows while it is walked
        # The edge to an operation begins a step, and the one onwards completes it.
        if depth is not None and distance[node] >= depth and node not in free:
            continue
        for edge in leaving.get(node, ()):
            edges.add(edge.id)
            end = edge.target if downstream else edge.source
            if end not in distance:
                distance[end] = distance[node] + (0 if node in free else 1)
                pending.append(end)
    return set(distance), edges


def _with_edges(graph: Graph, nodes: set[str], is_kept: Callable[[GraphEdge], bool]) -> Graph:
    """Keep ``nodes``, the edges that are wanted, and their ends.

    The way on from an operation to its service goes with the calls to the operation.
    """
    between = {node.id for node in graph.nodes if node.operation}
    kept = [edge for edge in graph.edges if edge.source not in between and is_kept(edge)]
    ends = {edge.target for edge in kept} & between
    kept += [edge for edge in graph.edges if edge.source in ends]
    shown = nodes - between
    shown.update(end for edge in kept for end in (edge.source, edge.target))
    return keep(graph, shown, {edge.id for edge in kept})
