"""Kiali's graph: one of our graphs, in its JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from api.shapes.kiali_boxes import boxed
from api.shapes.kiali_document import (
    EdgeData,
    EdgeWrapper,
    Elements,
    KialiDocument,
    NodeData,
    NodeWrapper,
    WaypointEdge,
)
from api.shapes.kiali_identity import Identity, hashed, identity
from api.shapes.kiali_nodes import HEALTH_WORDS, node_data
from api.shapes.kiali_options import Appender, KialiOptions, ResponseTime, Throughput
from api.shapes.kiali_traffic import Rates, code_rates, edge_traffic, protocol_word
from model.graph.place import PlaceKind
from model.graph.view import Graph, GraphEdge, GraphNode, Latency

__all__ = ["kiali"]

_BOX_ORDER = ("cluster", "namespace", "app", "")
_MILLISECOND = 1e6


@dataclass(slots=True)
class _Node:
    """A node while edges are read; ``members`` are the nodes of our graph that it stands for."""

    identity: Identity
    members: dict[str, GraphNode] = field(default_factory=dict)
    inbound: dict[str, Rates] = field(default_factory=dict)
    outbound: dict[str, Rates] = field(default_factory=dict)
    is_source: bool = False
    is_target: bool = False


@dataclass(slots=True)
class _Edge:
    """An edge of one protocol; of edges that only Kiali takes for one, several of ours."""

    source: _Node
    target: _Node
    protocol: str
    rates: Rates = field(default_factory=Rates)
    members: list[GraphEdge] = field(default_factory=list)


def kiali(graph: Graph, options: KialiOptions, earlier: Graph | None = None) -> KialiDocument:
    """Return the document.

    Args:
        graph: of the type and window that ``options`` ask for, holding what they select.
        options: what to tell.
        earlier: the same of the window before; its edges that have gone silent are idle edges.
    """
    drawing = _Drawing(options)
    drawing.add_edges(graph, silent=False)
    if earlier is not None:
        drawing.add_edges(earlier, silent=True)
    if Appender.IDLE in options.appenders:
        drawing.add_isolated(graph.nodes)
    nodes = boxed(drawing.nodes(), options)
    edges = drawing.edges((graph.to_ns - graph.from_ns) / 1e9)
    return KialiDocument(
        timestamp=options.query_time,
        duration=options.duration,
        graph_type=options.type.value,
        elements=Elements(
            [NodeWrapper(node) for node in sorted(nodes, key=_node_order)],
            [EdgeWrapper(edge) for edge in sorted(edges, key=_edge_order)],
        ),
    )


def _node_order(node: NodeData) -> tuple[int, str, str, str, str, str, str]:
    return (
        _BOX_ORDER.index(node.is_box),
        node.cluster,
        node.namespace,
        node.app,
        node.version,
        node.service,
        node.workload,
    )


def _edge_order(edge: EdgeData) -> tuple[str, str, str]:
    return (edge.source, edge.target, edge.traffic.protocol)


class _Drawing:
    def __init__(self, options: KialiOptions) -> None:
        self._options = options
        self._nodes: dict[str, _Node] = {}
        self._found: dict[tuple[str, bool], _Node] = {}
        self._edges: dict[tuple[str, str, str], _Edge] = {}

    def add_edges(self, graph: Graph, *, silent: bool) -> None:
        """Add the edges of ``graph`` and their ends; silent ones only where there is none."""
        members = {node.id: node for node in graph.nodes}
        seconds = (graph.to_ns - graph.from_ns) / 1e9
        for edge in graph.edges:
            source = self._node(members[edge.source], calls=True)
            target = self._node(members[edge.target], calls=False)
            source.is_source = target.is_target = True
            found = code_rates(edge.traffic, seconds, self._options.tcp)
            for protocol, rates in (found or {protocol_word(edge.protocol): Rates()}).items():
                ends = (source.identity.key, target.identity.key, protocol)
                if silent:
                    self._edges.setdefault(ends, _Edge(source, target, protocol))
                    continue
                drawn = self._edges.setdefault(ends, _Edge(source, target, protocol))
                drawn.members.append(edge)
                drawn.rates.merge(rates)
                source.outbound.setdefault(protocol, Rates()).merge_codes(rates)
                target.inbound.setdefault(protocol, Rates()).merge(rates)

    def add_isolated(self, nodes: Iterable[GraphNode]) -> None:
        """Add the nodes that have no edge."""
        known = {member for node in self._nodes.values() for member in node.members}
        for node in nodes:
            if node.id not in known:
                self._node(node, calls=node.inbound is None)

    def nodes(self) -> list[NodeData]:
        """Return the nodes, without boxes and in no order."""
        return [
            node_data(
                node.identity,
                list(node.members.values()),
                node.inbound,
                node.outbound,
                self._options,
                is_source=node.is_source,
                is_target=node.is_target,
            )
            for node in self._nodes.values()
        ]

    def edges(self, seconds: float) -> list[EdgeData]:
        """Return the edges, in no order."""
        return [self._edge(edge, seconds) for edge in self._edges.values()]

    def _node(self, node: GraphNode, *, calls: bool) -> _Node:
        found = self._found.get((node.id, calls))
        if found is None:
            who = identity(node, self._options.type, calls=calls)
            found = self._found[node.id, calls] = self._nodes.setdefault(who.key, _Node(who))
            found.members.setdefault(node.id, node)
        return found

    def _edge(self, edge: _Edge, seconds: float) -> EdgeData:
        options = self._options
        source, target = edge.source.identity.id, edge.target.identity.id
        out = edge.source.outbound.get(edge.protocol, Rates()).total
        secure = Appender.SECURITY in options.appenders
        return EdgeData(
            id=hashed(f"{source}.{target}.{edge.protocol}"),
            source=source,
            target=target,
            dest_principal=_principal(edge, "destination_principal") if secure else "",
            health_status=_health(edge) if Appender.HEALTH in options.appenders else "",
            is_mtls=_mtls(edge) if secure else "",
            response_time=_response_time(edge, options),
            source_principal=_principal(edge, "source_principal") if secure else "",
            throughput=_throughput(edge, options, seconds),
            traffic=edge_traffic(edge.protocol, edge.rates, out),
            waypoint=self._waypoint(edge, seconds),
        )

    def _waypoint(self, edge: _Edge, seconds: float) -> WaypointEdge | None:
        if _is_waypoint(edge.source):
            return WaypointEdge(direction="from")
        if not _is_waypoint(edge.target):
            return None
        back = self._edges.get((edge.target.identity.key, edge.source.identity.key, edge.protocol))
        return WaypointEdge(
            direction="to", from_edge=None if back is None else self._edge(back, seconds)
        )


def _is_waypoint(node: _Node) -> bool:
    return any(member.kind is PlaceKind.WAYPOINT for member in node.members.values())


def _health(edge: _Edge) -> str:
    found = {member.health.status for member in edge.members}
    return next((word for status, word in HEALTH_WORDS.items() if status in found), "NA")


def _principal(edge: _Edge, side: str) -> str:
    return next((name for member in edge.members if (name := str(getattr(member, side)))), "")


def _mtls(edge: _Edge) -> str:
    told = [
        (member.mtls, member.traffic.rate) for member in edge.members if member.mtls is not None
    ]
    total = sum(rate for _, rate in told)
    share = sum(mtls * rate for mtls, rate in told) / total if total else 0.0
    return f"{share * 100:.0f}" if share > 0 else ""


def _response_time(edge: _Edge, options: KialiOptions) -> str:
    if Appender.RESPONSE_TIME not in options.appenders or edge.protocol == "tcp":
        return ""
    latencies = [found for each in edge.members if (found := each.traffic.latency) is not None]
    if not latencies:
        return ""
    # Quantiles of different edges cannot be put together: the one of most calls is shown.
    shown = max(latencies, key=lambda latency: latency.total)
    return f"{_of(shown, options.response_time) / _MILLISECOND:.0f}"


def _of(latency: Latency, wanted: ResponseTime) -> float:
    return {
        ResponseTime.AVERAGE: latency.mean_ns,
        ResponseTime.P50: latency.p50_ns,
        ResponseTime.P95: latency.p95_ns,
        ResponseTime.P99: latency.p99_ns,
    }[wanted]


def _throughput(edge: _Edge, options: KialiOptions, seconds: float) -> str:
    if Appender.THROUGHPUT not in options.appenders or edge.protocol == "tcp":
        return ""
    total = 0.0
    for member in edge.members:
        traffic = member.traffic
        is_request = options.throughput is Throughput.REQUEST
        stored = traffic.request_bytes if is_request else traffic.response_bytes
        total += stored * traffic.estimated / max(traffic.calls, 1)
    return f"{total / seconds:.0f}" if total > 0 else ""
