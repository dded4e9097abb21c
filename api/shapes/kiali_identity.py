"""Who a node is in Kiali's graph: its key, type and names (``graph/types.go``)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from api.shapes.kiali_options import KialiType
from api.shapes.labels import VIRTUAL_KINDS
from model.graph.place import PlaceKind
from model.graph.view import GraphNode

__all__ = ["UNKNOWN", "Identity", "hashed", "identity"]

UNKNOWN = "unknown"
"""What Kiali writes where a name is not known."""

_SOURCES = (PlaceKind.UNKNOWN, PlaceKind.INGRESS)


@dataclass(frozen=True, slots=True)
class Identity:
    """A node's key and what of it is told, which depends on the graph's type."""

    key: str
    node_type: str
    cluster: str
    namespace: str
    workload: str = ""
    app: str = ""
    version: str = ""
    service: str = ""

    @property
    def id(self) -> str:
        """The id in the document."""
        return hashed(self.key)


def hashed(key: str) -> str:
    """Return Kiali's id for a key: SHA-256 in hex."""
    return hashlib.sha256(key.encode()).hexdigest()


def identity(node: GraphNode, graph_type: KialiType, *, calls: bool) -> Identity:
    """Return who ``node`` is.

    Args:
        node: of a graph of this type.
        graph_type: of the graph.
        calls: whether it is at the calling end of an edge; an unknown caller and an unknown
            callee are two nodes.
    """
    where = Identity("", "", node.cluster or UNKNOWN, node.namespace or UNKNOWN)
    if node.kind in _SOURCES and calls:
        return Identity(
            f"{where.cluster}_unknown_source",
            "unknown",
            where.cluster,
            UNKNOWN,
            UNKNOWN,
            UNKNOWN,
            UNKNOWN,
        )
    if node.kind in VIRTUAL_KINDS:
        return _service(where, UNKNOWN if node.kind in _SOURCES else node.label)
    if node.kind is PlaceKind.SERVICE:
        return _service(where, node.service or node.label)
    if node.kind is PlaceKind.WAYPOINT and node.workload:
        return _workload(where, node)
    match graph_type:
        case KialiType.SERVICE if node.service:
            return _service(where, node.service)
        case KialiType.APP if node.service:
            return _app(where, node.service)
        case KialiType.VERSIONED_APP if node.service:
            return _versioned_app(where, node)
        case _ if node.workload:
            return _workload(where, node)
    return _service(where, node.service or node.label)


def _service(where: Identity, service: str) -> Identity:
    key = f"svc_{where.cluster}_{where.namespace}_{service}"
    return replace(where, key=key, node_type="service", service=service)


def _workload(where: Identity, node: GraphNode) -> Identity:
    return replace(
        where,
        key=f"wl_{where.cluster}_{where.namespace}_{node.workload}",
        node_type="workload",
        workload=node.workload,
        app=node.service,
        version=node.version,
    )


def _app(where: Identity, app: str) -> Identity:
    return replace(
        where, key=f"app_{where.cluster}_{where.namespace}_{app}", node_type="app", app=app
    )


def _versioned_app(where: Identity, node: GraphNode) -> Identity:
    prefix = f"vapp_{where.cluster}_{where.namespace}"
    if node.workload:
        key = f"{prefix}_{node.workload}"
    elif node.version not in ("", UNKNOWN):
        key = f"{prefix}_{node.service}_{node.version}"
    else:
        return _app(where, node.service)
    return replace(
        where,
        key=key,
        node_type="app",
        workload=node.workload,
        app=node.service,
        version=node.version,
    )
