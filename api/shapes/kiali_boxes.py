"""Boxes of Kiali's graph: nodes around nodes, inner ones first (its ``graph/config/common``)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from api.shapes.kiali_document import HealthData, NodeData, RequestHealth
from api.shapes.kiali_identity import UNKNOWN, hashed
from api.shapes.kiali_nodes import HEALTH_WORDS, RATE_DECIMALS
from api.shapes.kiali_options import KialiOptions, KialiType
from model.graph.view import BoxKind

__all__ = ["boxed"]

_WORST_FIRST = tuple(HEALTH_WORDS.values())
_APP_TYPES = (KialiType.APP, KialiType.VERSIONED_APP)


def boxed(nodes: list[NodeData], options: KialiOptions) -> list[NodeData]:
    """Return ``nodes`` with their parents set, and the boxes that they are in.

    App graphs always have boxes of apps. A box has two members at least; of namespaces and of
    clusters there are boxes only if there are several of them.
    """
    if BoxKind.APP in options.box_by or options.type in _APP_TYPES:
        nodes = _grouped(nodes, BoxKind.APP)
    if BoxKind.NAMESPACE in options.box_by:
        nodes = _grouped(nodes, BoxKind.NAMESPACE)
    if BoxKind.CLUSTER in options.box_by:
        nodes = _grouped(nodes, BoxKind.CLUSTER)
    return nodes


def _grouped(nodes: list[NodeData], kind: BoxKind) -> list[NodeData]:
    groups: dict[str, list[NodeData]] = {}
    for node in nodes:
        if key := _key(node, kind):
            groups.setdefault(key, []).append(node)
    if kind is not BoxKind.APP and len(groups) < 2:
        return nodes
    groups = {key: members for key, members in groups.items() if len(members) > 1}
    parents = {node.id: hashed(key) for key, members in groups.items() for node in members}
    return [
        *(
            msgspec.structs.replace(node, parent=parents[node.id]) if node.id in parents else node
            for node in nodes
        ),
        *(_box(hashed(key), members, kind) for key, members in groups.items()),
    ]


def _key(node: NodeData, kind: BoxKind) -> str:
    if kind is BoxKind.APP:
        is_boxed = node.app not in ("", UNKNOWN)
        return f"box_{node.cluster}_{node.namespace}_{node.app}" if is_boxed else ""
    if node.parent:
        return ""
    if kind is BoxKind.NAMESPACE:
        return f"box_{node.cluster}_{node.namespace}" if node.namespace != UNKNOWN else ""
    return f"box_{node.cluster}" if node.cluster != UNKNOWN else ""


def _box(box_id: str, members: list[NodeData], kind: BoxKind) -> NodeData:
    first = members[0]
    of_app = kind is BoxKind.APP
    return NodeData(
        id=box_id,
        node_type="box",
        cluster=first.cluster,
        namespace="" if kind is BoxKind.CLUSTER else first.namespace,
        app=first.app if of_app else "",
        health_data=_health(node.health_data for node in members) if of_app else None,
        is_box=kind.value,
        is_inaccessible=of_app and any(node.is_inaccessible for node in members),
        is_outside=of_app and any(node.is_outside for node in members),
    )


def _health(members: Iterable[HealthData | None]) -> HealthData | None:
    """Return the health of an app: its members' requests together, and the worst of them."""
    known = [member for member in members if member is not None]
    if not known:
        return None
    return HealthData(
        requests=RequestHealth(
            inbound=_sums(member.requests.inbound for member in known),
            outbound=_sums(member.requests.outbound for member in known),
            health_annotations={},
        ),
        status=min(
            (member.status for member in known),
            key=lambda status: _WORST_FIRST.index(status.status),
        ),
        workload_statuses=[],
    )


def _sums(parts: Iterable[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    total: dict[str, dict[str, float]] = {}
    for part in parts:
        for protocol, codes in part.items():
            sums = total.setdefault(protocol, {})
            for code, rate in codes.items():
                sums[code] = round(sums.get(code, 0.0) + rate, RATE_DECIMALS)
    return total
