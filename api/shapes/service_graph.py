"""ServiceGraph's formats: what Istio's add-on of that name served until 1.2."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from api.shapes.dot import quoted
from api.shapes.labels import unique_names
from model.graph.edge import Protocol
from model.graph.view import Graph, GraphEdge, GraphNode

__all__ = [
    "D3Document",
    "EdgeDocument",
    "EdgeFilter",
    "LinkDocument",
    "NameDocument",
    "ServiceGraphDocument",
    "d3_document",
    "dot_text",
    "service_graph",
]

_UNKNOWN = "unknown"
_ID_CHARACTERS = str.maketrans("/. ", "___")


class EdgeDocument(msgspec.Struct, frozen=True):
    """Traffic between two named nodes."""

    source: str
    target: str
    labels: dict[str, str]


class ServiceGraphDocument(msgspec.Struct, frozen=True):
    """Answer of ``graph``; nodes are the keys of ``nodes``."""

    nodes: dict[str, dict[str, str]]
    edges: list[EdgeDocument]


class NameDocument(msgspec.Struct, frozen=True):
    """A node of ``d3graph``."""

    name: str


class LinkDocument(msgspec.Struct, frozen=True):
    """An edge of ``d3graph``; its ends are indices of nodes."""

    source: int
    target: int
    labels: dict[str, str]


class D3Document(msgspec.Struct, frozen=True):
    """Answer of ``d3graph``."""

    nodes: list[NameDocument]
    links: list[LinkDocument]


@dataclass(frozen=True, slots=True)
class EdgeFilter:
    """Which edges are wanted; empty takes everything.

    Attributes:
        filter_empty: leave out edges and nodes without traffic.
    """

    source_namespace: str = ""
    source_workload: str = ""
    destination_namespace: str = ""
    destination_workload: str = ""
    filter_empty: bool = False

    @property
    def by_place(self) -> bool:
        """Whether any end of an edge is asked for."""
        return self != EdgeFilter(filter_empty=self.filter_empty)

    def takes(self, source: GraphNode, edge: GraphEdge, target: GraphNode) -> bool:
        """Whether the edge is wanted."""
        wanted = (
            (self.source_namespace, source.namespace),
            (self.source_workload, source.workload),
            (self.destination_namespace, target.namespace),
            (self.destination_workload, target.workload),
        )
        return all(want in ("", value or _UNKNOWN) for want, value in wanted) and not (
            self.filter_empty and edge.traffic.estimated <= 0
        )


def service_graph(
    graph: Graph, wanted: EdgeFilter, static_nodes: Iterable[str] = ()
) -> ServiceGraphDocument:
    """Return the graph of a workload graph, with ``static_nodes`` that users added.

    Nodes are named ``app (workload)``. Edges over several protocols are several edges.
    """
    names = unique_names(graph, _name)
    nodes = {node.id: node for node in graph.nodes}
    seconds = (graph.to_ns - graph.from_ns) / 1e9
    edges = [
        edge for edge in graph.edges if wanted.takes(nodes[edge.source], edge, nodes[edge.target])
    ]
    named = {end: names[end] for edge in edges for end in (edge.source, edge.target)}
    if not wanted.by_place:
        named |= {
            node.id: names[node.id]
            for node in graph.nodes
            if not (wanted.filter_empty and node.inbound is None and node.outbound is None)
        }
    return ServiceGraphDocument(
        nodes={name: {} for name in sorted({*named.values(), *static_nodes})},
        edges=[
            EdgeDocument(names[edge.source], names[edge.target], _labels(edge, seconds))
            for edge in edges
        ],
    )


def d3_document(document: ServiceGraphDocument) -> D3Document:
    """Return the same for D3, which counts nodes."""
    index = {name: number for number, name in enumerate(document.nodes)}
    return D3Document(
        [NameDocument(name) for name in document.nodes],
        [
            LinkDocument(index[edge.source], index[edge.target], edge.labels)
            for edge in document.edges
        ],
    )


def dot_text(document: ServiceGraphDocument) -> str:
    """Return the same as DOT. In ids ``/``, ``.`` and blanks are ``_``, as they always were."""
    lines = ['digraph "istio-servicegraph" {']
    for edge in document.edges:
        label = ", ".join(f"{key}: {value}" for key, value in edge.labels.items())
        lines.append(f"{_id(edge.source)} -> {_id(edge.target)} [label={quoted(label)}];")
    lines += [f"{_id(name)} [label={quoted(name, label=True)}];" for name in document.nodes]
    return "\n".join([*lines, "}"]) + "\n"


def _name(node: GraphNode) -> str:
    return f"{node.service or node.label} ({node.workload or _UNKNOWN})"


def _labels(edge: GraphEdge, seconds: float) -> dict[str, str]:
    if edge.protocol is Protocol.TCP:
        return {"bytes/sec": f"{edge.traffic.request_bytes / seconds:.6f}"}
    return {"reqs/sec": f"{edge.traffic.rate:.6f}"}


def _id(name: str) -> str:
    return quoted(name.translate(_ID_CHARACTERS))
