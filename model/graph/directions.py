"""Which way a span's request goes, and which kind of proxy made it: facts of a span's class."""

from __future__ import annotations

from enum import IntEnum

from model.envoy import ClusterKind, ProxyType, parse_node_id, parse_upstream_cluster
from model.graph.span_columns import SpanClass
from model.span import SpanKind

__all__ = [
    "Direction",
    "cluster_kind_of",
    "direction_of",
    "is_attempt",
    "is_proxy",
    "proxy_type_of",
]


class Direction(IntEnum):
    """Where a span stands on the way of a request (section 9, terms)."""

    LOCAL = 0
    INBOUND = 1
    OUTBOUND = 2


_INWARD = frozenset({ClusterKind.INBOUND, ClusterKind.INBOUND_PASSTHROUGH})
_OUTWARD = frozenset({ClusterKind.OUTBOUND, ClusterKind.PASSTHROUGH, ClusterKind.BLACK_HOLE})


def is_proxy(span: SpanClass) -> bool:
    """Whether Envoy made the span."""
    return span.component == "proxy"


def proxy_type_of(span: SpanClass) -> ProxyType | None:
    """Return the kind of Istio's proxy that made the span; None for others."""
    node = parse_node_id(span.node_id) if is_proxy(span) else None
    return None if node is None else node.type


def cluster_kind_of(span: SpanClass) -> ClusterKind | None:
    """Return where a proxy sent the request to; None if it chose no cluster, or is no proxy."""
    cluster = parse_upstream_cluster(span.upstream_cluster) if is_proxy(span) else None
    return None if cluster is None else cluster.kind


def is_attempt(span: SpanClass) -> bool:
    """Whether the span may be one try of the proxy span above it (rule G4)."""
    return is_proxy(span) and span.kind is SpanKind.CLIENT and not span.node_id


def direction_of(span: SpanClass) -> Direction:
    """Return the direction of a span: its kind's, but for two listeners of sidecars (rule G15).

    A proxy that delivers to its own application calls nobody: LOCAL. The outbound listener of a
    sidecar is OUTBOUND even if ``spawn_upstream_span`` makes it a SERVER span. Waypoints are on
    the way into their destination: INBOUND.
    """
    proxy_type, cluster = proxy_type_of(span), cluster_kind_of(span)
    if proxy_type is ProxyType.WAYPOINT:
        return Direction.INBOUND
    match span.kind:
        case SpanKind.CLIENT if cluster in _INWARD:
            return Direction.LOCAL
        case SpanKind.CLIENT | SpanKind.PRODUCER:
            return Direction.OUTBOUND
        case SpanKind.SERVER if proxy_type is ProxyType.SIDECAR and cluster in _OUTWARD:
            return Direction.OUTBOUND
        case SpanKind.SERVER | SpanKind.CONSUMER:
            return Direction.INBOUND
        case _:
            return Direction.LOCAL
