"""Grafana's node graph panel, as its Node Graph API data source asks for it."""

from __future__ import annotations

import msgspec

from api.shapes.labels import HEALTH_COLOURS, node_subtitle
from api.shapes.severity import Severities, severities
from model.graph.view import Graph, GraphEdge, GraphNode, HealthStatus, Traffic

__all__ = ["MAX_NODES", "NodeGraphDocument", "NodeGraphFields", "fields", "node_graph"]

MAX_NODES = 1500
"""Grafana draws no more; of a larger graph the busiest nodes are sent."""

_MILLISECOND = 1e6
_DECIMALS = 3


class Field(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A column of the panel's frames."""

    field_name: str = msgspec.field(name="field_name")
    type: str
    display_name: str = ""
    color: str = ""


class NodeGraphFields(msgspec.Struct, frozen=True):
    """Answer of ``api/graph/fields``."""

    nodes_fields: list[Field]
    edges_fields: list[Field]


class NodeRow(msgspec.Struct, frozen=True, rename="camel"):
    """A node; the arcs are shares of its requests and add up to 1."""

    id: str
    title: str
    sub_title: str
    main_stat: float
    secondary_stat: float | None
    arc_ok: float = msgspec.field(name="arc__ok")
    arc_warn: float = msgspec.field(name="arc__warn")
    arc_failed: float = msgspec.field(name="arc__failed")
    arc_idle: float = msgspec.field(name="arc__idle")
    kind: str = msgspec.field(name="detail__kind")
    health: str = msgspec.field(name="detail__health")
    reason: str = msgspec.field(name="detail__reason")
    cluster: str = msgspec.field(name="detail__cluster")
    workload: str = msgspec.field(name="detail__workload")
    version: str = msgspec.field(name="detail__version")


class EdgeRow(msgspec.Struct, frozen=True, rename="camel"):
    """An edge."""

    id: str
    source: str
    target: str
    main_stat: float
    secondary_stat: float | None
    errors: float = msgspec.field(name="detail__errors")
    protocol: str = msgspec.field(name="detail__protocol")
    health: str = msgspec.field(name="detail__health")
    trace: str = msgspec.field(name="detail__trace")


class NodeGraphDocument(msgspec.Struct, frozen=True):
    """Answer of ``api/graph/data``."""

    nodes: list[NodeRow]
    edges: list[EdgeRow]


def fields() -> NodeGraphFields:
    """Return the columns of nodes and edges."""
    stats = [
        Field("mainStat", "number", "requests/s"),
        Field("secondaryStat", "number", "p95 ms"),
    ]
    ends = [Field(name, "string") for name in ("id", "source", "target")]
    return NodeGraphFields(
        nodes_fields=[
            *(Field(name, "string") for name in ("id", "title", "subTitle")),
            *stats,
            Field("arc__ok", "number", "ok", HEALTH_COLOURS[HealthStatus.HEALTHY]),
            Field("arc__warn", "number", "4xx", HEALTH_COLOURS[HealthStatus.DEGRADED]),
            Field("arc__failed", "number", "failed", HEALTH_COLOURS[HealthStatus.FAILURE]),
            Field("arc__idle", "number", "no requests", HEALTH_COLOURS[HealthStatus.NA]),
            *_details("kind", "health", "reason", "cluster", "workload", "version"),
        ],
        edges_fields=[
            *ends,
            *stats,
            Field("detail__errors", "number", "errors %"),
            *_details("protocol", "health", "trace"),
        ],
    )


def node_graph(graph: Graph, limit: int = MAX_NODES) -> NodeGraphDocument:
    """Return the rows; of more than ``limit`` nodes the busiest, with the edges among them."""
    busiest = sorted(graph.nodes, key=_volume, reverse=True)[:limit]
    kept = {node.id for node in busiest}
    return NodeGraphDocument(
        nodes=[_node(node) for node in graph.nodes if node.id in kept],
        edges=[_edge(edge) for edge in graph.edges if edge.source in kept and edge.target in kept],
    )


def _details(*names: str) -> list[Field]:
    return [Field(f"detail__{name}", "string", name.capitalize()) for name in names]


def _volume(node: GraphNode) -> float:
    return sum(each.rate for each in (node.inbound, node.outbound) if each is not None)


def _node(node: GraphNode) -> NodeRow:
    # A node is judged by what it answers; who only calls, by what it is answered.
    shown = node.inbound or node.outbound
    ok, warn, failed, idle = _arcs(severities(shown))
    return NodeRow(
        id=node.id,
        title=node.label,
        sub_title=node_subtitle(node),
        main_stat=round(shown.rate, _DECIMALS) if shown else 0.0,
        secondary_stat=_p95_ms(shown),
        arc_ok=ok,
        arc_warn=warn,
        arc_failed=failed,
        arc_idle=idle,
        kind=node.kind.value,
        health=node.health.status.value,
        reason=node.health.reason,
        cluster=node.cluster,
        workload=node.workload,
        version=node.version,
    )


def _arcs(calls: Severities) -> tuple[float, float, float, float]:
    if calls.total <= 0:
        return 0.0, 0.0, 0.0, 1.0
    warn, failed = calls.warning / calls.total, calls.danger / calls.total
    return max(0.0, 1.0 - warn - failed), warn, failed, 0.0


def _edge(edge: GraphEdge) -> EdgeRow:
    traffic = edge.traffic
    exemplar = traffic.latest_error or traffic.slowest
    return EdgeRow(
        id=edge.id,
        source=edge.source,
        target=edge.target,
        main_stat=round(traffic.rate, _DECIMALS),
        secondary_stat=_p95_ms(traffic),
        errors=round(traffic.error_ratio * 100, _DECIMALS),
        protocol=edge.protocol.value,
        health=edge.health.status.value,
        trace=exemplar.trace_id if exemplar else "",
    )


def _p95_ms(traffic: Traffic | None) -> float | None:
    latency = traffic.latency if traffic is not None else None
    return None if latency is None else round(latency.p95_ns / _MILLISECOND, _DECIMALS)
