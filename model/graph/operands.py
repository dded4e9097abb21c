"""What an expression can say of nodes and edges: operands and words, by Kiali's names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from model.graph.edge import Protocol
from model.graph.place import PlaceKind
from model.graph.view import (
    Graph,
    GraphEdge,
    GraphNode,
    GraphType,
    HealthStatus,
    Latency,
    Traffic,
)

__all__ = [
    "EDGE_NUMBERS",
    "EDGE_TEXTS",
    "EDGE_WORDS",
    "KUBERNETES_WORDS",
    "NODE_NUMBERS",
    "NODE_TEXTS",
    "NODE_WORDS",
    "Elements",
]

_MILLISECOND_NS = 1e6
_RANKS = 100


@dataclass(slots=True)
class Elements:
    """The graph that expressions are matched against.

    Attributes:
        namespaces: that were asked for; nodes of others are outside. Empty is all.
    """

    graph: Graph
    namespaces: Collection[str] = ()
    _ranks: dict[str, int] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Length of the window."""
        return (self.graph.to_ns - self.graph.from_ns) / 1e9

    def rank(self, node: GraphNode) -> int:
        """Return 1 for the nodes with most edges to and from them, up to 100; ties share."""
        if not self._ranks:
            edges = dict.fromkeys((node.id for node in self.graph.nodes), 0)
            for edge in self.graph.edges:
                edges[edge.source] += 1
                edges[edge.target] += 1
            scores = sorted(set(edges.values()), reverse=True)
            crowding = max(1.0, len(scores) / _RANKS)
            place = {score: int(index / crowding) + 1 for index, score in enumerate(scores)}
            self._ranks = {node: place[score] for node, score in edges.items()}
        return self._ranks[node.id]


_T = TypeVar("_T")

NodeTexts = Callable[[Elements, GraphNode], tuple[str, ...]]
NodeNumber = Callable[[Elements, GraphNode], float | None]
NodeWord = Callable[[Elements, GraphNode], bool]
EdgeTexts = Callable[[Elements, GraphEdge], tuple[str, ...]]
EdgeNumber = Callable[[Elements, GraphEdge], float | None]
EdgeWord = Callable[[Elements, GraphEdge], bool]


def _rate(traffic: Traffic | None, protocol: Protocol, elements: Elements) -> float | None:
    """Return the calls a second of one protocol; None for none."""
    if traffic is None:
        return None
    calls = sum(one.estimated for one in traffic.outcomes if one.protocol is protocol)
    return calls / elements.seconds if calls else None


def _inbound(protocol: Protocol) -> NodeNumber:
    return lambda elements, node: _rate(node.inbound, protocol, elements)


def _outbound(protocol: Protocol) -> NodeNumber:
    return lambda elements, node: _rate(node.outbound, protocol, elements)


def _names(_: Elements, node: GraphNode) -> tuple[str, ...]:
    return (node.operation, node.service, node.workload, node.label, node.name)


def _node_grain(elements: Elements, node: GraphNode) -> tuple[str, ...]:
    """Return Kiali's ``nodeType``."""
    if node.operation:
        return ("operation", "op")
    if node.kind is PlaceKind.UNKNOWN:
        return ("unknown",)
    reports = node.kind in (PlaceKind.WORKLOAD, PlaceKind.GATEWAY, PlaceKind.WAYPOINT)
    if reports and elements.graph.type is GraphType.WORKLOAD:
        return ("workload", "wl")
    if reports and elements.graph.type in (GraphType.APP, GraphType.VERSIONED_APP):
        return ("app",)
    return ("service", "svc")


def _flagged(*flags: str) -> NodeWord:
    """Whether a response flag was seen on calls of the node: a hint of its configuration."""

    def seen(_: Elements, node: GraphNode) -> bool:
        return any(
            flag in outcome.flags.split(",")
            for traffic in (node.inbound, node.outbound)
            if traffic is not None
            for outcome in traffic.outcomes
            for flag in flags
        )

    return seen


def _is_dead(_: Elements, node: GraphNode) -> bool:
    inbound = node.inbound
    return (
        node.kind is PlaceKind.SERVICE and inbound is not None and inbound.errors == inbound.calls
    )


def _is_outside(elements: Elements, node: GraphNode) -> bool:
    return bool(elements.namespaces) and node.namespace not in elements.namespaces


def _edge_rate(protocol: Protocol) -> EdgeNumber:
    return lambda _, edge: edge.traffic.rate if edge.protocol is protocol else None


def _edge_errors(protocol: Protocol | None) -> EdgeNumber:
    def percent(_: Elements, edge: GraphEdge) -> float | None:
        return 100 * edge.traffic.error_ratio if protocol in (None, edge.protocol) else None

    return percent


def _edge_share(protocol: Protocol | None) -> EdgeNumber:
    return lambda _, edge: 100 * edge.share if protocol in (None, edge.protocol) else None


def _latency(quantile: Callable[[Latency], float]) -> EdgeNumber:
    def milliseconds(_: Elements, edge: GraphEdge) -> float | None:
        latency = edge.traffic.latency
        return None if latency is None else quantile(latency) / _MILLISECOND_NS

    return milliseconds


def _throughput(elements: Elements, edge: GraphEdge) -> float | None:
    traffic = edge.traffic
    if not traffic.request_bytes:
        return None
    return traffic.request_bytes * traffic.estimated / traffic.calls / elements.seconds


def _by_alias(table: Mapping[str, _T]) -> dict[str, _T]:
    return {name: value for names, value in table.items() for name in names.split()}


NODE_TEXTS: dict[str, NodeTexts] = _by_alias(
    {
        "app service svc": lambda _, node: (node.service,),
        "cluster": lambda _, node: (node.cluster,),
        "kind": lambda _, node: (node.kind.value,),
        "name": _names,
        "namespace ns": lambda _, node: (node.namespace,),
        "node": _node_grain,
        "operation op": lambda _, node: (node.operation,),
        "version": lambda _, node: (node.version,),
        "workload wl": lambda _, node: (node.workload,),
    }
)
"""Text operands of nodes; of several texts any may match."""

NODE_NUMBERS: dict[str, NodeNumber] = {
    "grpcin": _inbound(Protocol.GRPC),
    "grpcout": _outbound(Protocol.GRPC),
    "httpin": _inbound(Protocol.HTTP),
    "httpout": _outbound(Protocol.HTTP),
    "rank": lambda elements, node: elements.rank(node),
    "tcpin": _inbound(Protocol.TCP),
    "tcpout": _outbound(Protocol.TCP),
}
"""Number operands of nodes: calls a second, and the rank; None is not told."""

NODE_WORDS: dict[str, NodeWord] = _by_alias(
    {
        "circuitbreaker cb": _flagged("UO"),
        "dead": _is_dead,
        "faultinjection fi": _flagged("FI", "DI"),
        "healthy": lambda _, node: node.health.status is HealthStatus.HEALTHY,
        "idle": lambda _, node: node.is_idle,
        "outside outsider": _is_outside,
        "outofmesh om": lambda _, node: node.kind is PlaceKind.SERVICE,
        "requesttimeout rto": _flagged("UT"),
        "sidecar sc": lambda _, node: node.kind is not PlaceKind.SERVICE,
        "trafficsource root": lambda _, node: node.is_root,
    }
)
"""Words about nodes."""

KUBERNETES_WORDS = frozenset(
    {
        "inaccessible",
        "mirroring",
        "requestrouting",
        "rr",
        "se",
        "serviceentry",
        "tcptrafficshifting",
        "tcpts",
        "trafficshifting",
        "ts",
        "virtualservice",
        "vs",
        "we",
        "workloadentry",
    }
)
"""Words of Kiali about configuration that spans do not tell."""

EDGE_TEXTS: dict[str, EdgeTexts] = {
    "destprincipal": lambda _, edge: (edge.destination_principal,),
    "protocol": lambda _, edge: (edge.protocol.value,),
    "sourceprincipal": lambda _, edge: (edge.source_principal,),
}
"""Text operands of edges."""

EDGE_NUMBERS: dict[str, EdgeNumber] = _by_alias(
    {
        "%error error": _edge_errors(None),
        "%grpcerr %grpcerror grpcerr grpcerror": _edge_errors(Protocol.GRPC),
        "%grpctraffic": _edge_share(Protocol.GRPC),
        "%httperr %httperror httperr httperror": _edge_errors(Protocol.HTTP),
        "%httptraffic": _edge_share(Protocol.HTTP),
        "%traffic": _edge_share(None),
        "grpc": _edge_rate(Protocol.GRPC),
        "http": _edge_rate(Protocol.HTTP),
        "p50": _latency(lambda latency: latency.p50_ns),
        "p95 responsetime rt": _latency(lambda latency: latency.p95_ns),
        "p99": _latency(lambda latency: latency.p99_ns),
        "rate": lambda _, edge: edge.traffic.rate,
        "tcp": _edge_rate(Protocol.TCP),
        "throughput": _throughput,
    }
)
"""Number operands of edges: calls a second, percent, milliseconds, request bytes a second."""

EDGE_WORDS: dict[str, EdgeWord] = {
    "async": lambda _, edge: edge.asynchronous,
    "inferred": lambda _, edge: edge.inferred,
    "mtls": lambda _, edge: bool(edge.mtls),
    "traffic": lambda _, edge: edge.traffic.calls > 0,
}
"""Words about edges."""
