"""The JSON document of a graph, as ``openapi.yaml`` declares it, and how to fill it."""

from __future__ import annotations

import msgspec

from api.times import format_time
from api.traffic_document import TrafficDocument, TrafficDocuments
from model.graph.edge import Via
from model.graph.view import Box, Graph, GraphEdge, GraphNode, Health

__all__ = [
    "BoxDocument",
    "EdgeDocument",
    "FoundDocument",
    "GraphDocument",
    "NodeDocument",
    "edge_document",
    "graph_document",
    "node_document",
]


class HealthDocument(msgspec.Struct, frozen=True, gc=False):
    """Status and reason; the reason is empty when nothing is wrong."""

    status: str
    reason: str


class NodeDocument(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One node."""

    id: str
    kind: str
    label: str
    name: str
    cluster: str
    namespace: str
    service: str
    version: str
    workload: str
    operation: str
    box: str | None
    is_root: bool
    is_idle: bool
    hosts: list[str]
    health: HealthDocument
    inbound: TrafficDocument | None
    outbound: TrafficDocument | None


class EdgeDocument(TrafficDocument, frozen=True, gc=False):
    """Calls of one node to another over one protocol."""

    id: str
    source: str
    target: str
    protocol: str
    asynchronous: bool
    inferred: bool
    via: list[Via]
    share_percent: float
    mtls_percent: float | None
    source_principal: str
    destination_principal: str
    health: HealthDocument


class BoxDocument(msgspec.Struct, frozen=True, gc=False):
    """A frame around nodes."""

    id: str
    kind: str
    label: str
    cluster: str
    namespace: str
    service: str
    box: str | None


class FoundDocument(msgspec.Struct, frozen=True, gc=False):
    """Ids of what ``find`` matches."""

    nodes: list[str]
    edges: list[str]


class GraphDocument(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Answer of ``/graph``."""

    type: str
    from_time: str
    from_time_unix_nano: str
    to_time: str
    to_time_unix_nano: str
    provisional_from: str | None
    provisional_from_unix_nano: str | None
    is_estimate: bool
    estimate: str
    truncated: bool
    nodes: list[NodeDocument]
    edges: list[EdgeDocument]
    boxes: list[BoxDocument]
    found: FoundDocument | None


def graph_document(
    graph: Graph, *, truncated: bool = False, found: FoundDocument | None = None
) -> GraphDocument:
    """Encode a graph.

    Args:
        graph: to encode.
        truncated: whether a part was left out because of a limit.
        found: what ``find`` matched, if it was asked.
    """
    traffic = TrafficDocuments((graph.to_ns - graph.from_ns) / 1e9)
    provisional_ns = graph.provisional_ns if graph.provisional_ns < graph.to_ns else None
    return GraphDocument(
        type=graph.type.value,
        from_time=format_time(graph.from_ns),
        from_time_unix_nano=str(graph.from_ns),
        to_time=format_time(graph.to_ns),
        to_time_unix_nano=str(graph.to_ns),
        provisional_from=None if provisional_ns is None else format_time(provisional_ns),
        provisional_from_unix_nano=None if provisional_ns is None else str(provisional_ns),
        is_estimate=graph.is_estimate,
        estimate=_estimate(graph),
        truncated=truncated,
        nodes=[node_document(node, traffic) for node in graph.nodes],
        edges=[edge_document(edge, traffic) for edge in graph.edges],
        boxes=[_box(box) for box in graph.boxes],
        found=found,
    )


def _estimate(graph: Graph) -> str:
    if not graph.is_estimate:
        return ""
    calls = sum(edge.traffic.calls for edge in graph.edges)
    unscaled = sum(edge.traffic.unscaled for edge in graph.edges)
    text = (
        f"Traces are sampled: rates and shares are estimated from {calls:,} stored calls; "
        "standard_error says how far off each may be."
    )
    if unscaled:
        text += f" Of {unscaled:,} of them nobody told the probability; each counts as one."
    return text


def node_document(node: GraphNode, traffic: TrafficDocuments) -> NodeDocument:
    """Encode a node of a graph with the documents of its traffic."""
    (
        node_id,
        kind,
        label,
        name,
        cluster,
        namespace,
        service,
        version,
        workload,
        operation,
        box,
        inbound,
        outbound,
        health,
        is_root,
        is_idle,
        hosts,
    ) = node
    return NodeDocument(
        id=node_id,
        kind=kind,
        label=label,
        name=name,
        cluster=cluster,
        namespace=namespace,
        service=service,
        version=version,
        workload=workload,
        operation=operation,
        box=box or None,
        is_root=is_root,
        is_idle=is_idle,
        hosts=list(hosts),
        health=_health(health),
        inbound=traffic.document(inbound),
        outbound=traffic.document(outbound),
    )


def edge_document(edge: GraphEdge, traffic: TrafficDocuments) -> EdgeDocument:
    """Encode an edge of a graph with the documents of its traffic."""
    (
        edge_id,
        source,
        target,
        protocol,
        asynchronous,
        inferred,
        via,
        over,
        share,
        mtls,
        source_principal,
        destination_principal,
        health,
    ) = edge
    return EdgeDocument(
        *traffic.values(over),
        edge_id,
        source,
        target,
        protocol,
        asynchronous,
        inferred,
        list(via),
        100 * share,
        None if mtls is None else 100 * mtls,
        source_principal,
        destination_principal,
        _health(health),
    )


def _health(health: Health) -> HealthDocument:
    return HealthDocument(health.status, health.reason)


def _box(box: Box) -> BoxDocument:
    return BoxDocument(
        box.id, box.kind.value, box.label, box.cluster, box.namespace, box.service, box.box or None
    )
