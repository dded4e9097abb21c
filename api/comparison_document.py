"""The JSON document of two graphs side by side, as ``openapi.yaml`` declares it."""

from __future__ import annotations

import msgspec

from api.graph_document import EdgeDocument, NodeDocument, edge_document, node_document
from api.times import format_time
from api.traffic_document import TrafficDocuments
from model.graph.compare import Change, Compared, Comparison
from model.graph.view import Graph, GraphEdge, GraphNode

__all__ = ["ComparisonDocument", "comparison_document"]

_MILLISECOND_NS = 1e6


class ChangeDocument(msgspec.Struct, frozen=True):
    """What is after less what was before."""

    rate: float
    error_percent: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    worse: float


class NodeComparisonDocument(msgspec.Struct, frozen=True):
    """A node on both sides."""

    id: str
    label: str
    change: ChangeDocument
    before: NodeDocument | None
    after: NodeDocument | None


class EdgeComparisonDocument(msgspec.Struct, frozen=True):
    """An edge on both sides."""

    id: str
    source: str
    target: str
    protocol: str
    change: ChangeDocument
    before: EdgeDocument | None
    after: EdgeDocument | None


class ComparedSideDocument(msgspec.Struct, frozen=True):
    """One side: its window, and its version if versions are compared."""

    from_time: str
    from_time_unix_nano: str
    to_time: str
    to_time_unix_nano: str
    version: str
    is_estimate: bool
    truncated: bool


class ComparisonDocument(msgspec.Struct, frozen=True):
    """Answer of ``/graph`` with ``compare`` or ``compare_versions``."""

    type: str
    before: ComparedSideDocument
    after: ComparedSideDocument
    nodes: list[NodeComparisonDocument]
    edges: list[EdgeComparisonDocument]


def comparison_document(
    comparison: Comparison,
    before: Graph,
    after: Graph,
    versions: tuple[str, str] = ("", ""),
    truncated: tuple[bool, bool] = (False, False),
) -> ComparisonDocument:
    """Encode a comparison.

    Args:
        comparison: of the two graphs.
        before: one of them.
        after: the other.
        versions: that they show.
        truncated: whether they were larger than a graph may be.
    """
    traffic = [TrafficDocuments((graph.to_ns - graph.from_ns) / 1e9) for graph in (before, after)]
    return ComparisonDocument(
        after.type.value,
        _side(before, versions[0], truncated=truncated[0]),
        _side(after, versions[1], truncated=truncated[1]),
        [_node(one, *traffic) for one in comparison.nodes],
        [_edge(one, *traffic) for one in comparison.edges],
    )


def _side(graph: Graph, version: str, *, truncated: bool) -> ComparedSideDocument:
    return ComparedSideDocument(
        format_time(graph.from_ns),
        str(graph.from_ns),
        format_time(graph.to_ns),
        str(graph.to_ns),
        version,
        graph.is_estimate,
        truncated,
    )


def _node(
    one: Compared[GraphNode], of_before: TrafficDocuments, of_after: TrafficDocuments
) -> NodeComparisonDocument:
    before = None if one.before is None else node_document(one.before, of_before)
    after = None if one.after is None else node_document(one.after, of_after)
    shown = after or before
    assert shown is not None  # it is on one side at least
    return NodeComparisonDocument(one.id, shown.label, _change(one.change), before, after)


def _edge(
    one: Compared[GraphEdge], of_before: TrafficDocuments, of_after: TrafficDocuments
) -> EdgeComparisonDocument:
    before = None if one.before is None else edge_document(one.before, of_before)
    after = None if one.after is None else edge_document(one.after, of_after)
    shown = after or before
    assert shown is not None  # it is on one side at least
    return EdgeComparisonDocument(
        one.id, shown.source, shown.target, shown.protocol, _change(one.change), before, after
    )


def _change(change: Change) -> ChangeDocument:
    return ChangeDocument(
        change.rate,
        100 * change.error_ratio,
        _milliseconds(change.p50_ns),
        _milliseconds(change.p95_ns),
        _milliseconds(change.p99_ns),
        change.worse,
    )


def _milliseconds(ns: float | None) -> float | None:
    return None if ns is None else round(ns / _MILLISECOND_NS, 6)
