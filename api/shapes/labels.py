"""What drawings write on nodes and edges, and the colours of health."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from model.graph.place import PlaceKind
from model.graph.view import Graph, GraphEdge, GraphNode, HealthStatus

__all__ = [
    "HEALTH_COLOURS",
    "VIRTUAL_KINDS",
    "edge_label",
    "node_subtitle",
    "number",
    "unique_names",
]

HEALTH_COLOURS = {
    HealthStatus.HEALTHY: "#3e8635",
    HealthStatus.DEGRADED: "#c58c00",
    HealthStatus.FAILURE: "#c9190b",
    HealthStatus.NA: "#6a6e73",
}
"""Legible on white and on black."""

VIRTUAL_KINDS = frozenset(
    {
        PlaceKind.DATABASE,
        PlaceKind.MESSAGING,
        PlaceKind.EXTERNAL,
        PlaceKind.INGRESS,
        PlaceKind.UNKNOWN,
    }
)
"""Kinds that lie outside of every cluster and namespace."""

_MILLISECOND = 1e6


def number(value: float) -> str:
    """Return three significant digits at least, without an exponent: ``1240``, ``12.4``, ``0.012``.

    Less than 0.000001 is ``0``.
    """
    for limit, digits in ((100, 0), (10, 1), (1, 2), (0.1, 3)):
        if abs(value) >= limit:
            return _trimmed(f"{value:.{digits}f}")
    return _trimmed(f"{value:.6f}")


def edge_label(edge: GraphEdge) -> str:
    """Return rate, errors and p95: ``1.25/s, 4% errors, p95 12.4 ms``."""
    traffic = edge.traffic
    parts = [f"{number(traffic.rate)}/s"]
    if traffic.estimated_errors > 0:
        parts.append(f"{number(traffic.error_ratio * 100)}% errors")
    if traffic.latency is not None:
        parts.append(f"p95 {number(traffic.latency.p95_ns / _MILLISECOND)} ms")
    return ", ".join(parts)


def node_subtitle(node: GraphNode) -> str:
    """Return the namespace, or of what is outside of the mesh its kind; nothing said twice."""
    subtitle = node.kind.value if node.kind in VIRTUAL_KINDS else node.namespace
    return "" if subtitle == node.label else subtitle


def unique_names(graph: Graph, name: Callable[[GraphNode], str]) -> dict[str, str]:
    """Return a name for each node id, no two alike.

    Names that several nodes have get the namespace, then cluster and namespace, then the id.
    """
    names = {node.id: name(node) for node in graph.nodes}
    for more in (
        lambda node: node.namespace,
        lambda node: f"{node.cluster}/{node.namespace}",
        lambda node: node.id,
    ):
        count = Counter(names.values())
        for node in graph.nodes:
            if count[names[node.id]] > 1 and more(node).strip("/"):
                names[node.id] = f"{name(node)} ({more(node)})"
    return names


def _trimmed(text: str) -> str:
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
