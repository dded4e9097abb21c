"""Vizceral's JSON as Vistio served it: the internet, regions, and the services in each region."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from api.shapes.labels import unique_names
from api.shapes.severity import NO_TRAFFIC, Severities, severities
from model.graph.place import PlaceKind
from model.graph.view import Graph, GraphNode, HealthStatus

__all__ = ["DEFAULT_REGION", "INTERNET", "VizceralDocument", "vizceral"]

INTERNET = "INTERNET"
"""The entry node, at the top and in every region that is called from outside."""

DEFAULT_REGION = "istio-mesh"
"""The region of services that tell no cluster; Vistio's name for its only one."""

_DANGER_SHARE, _WARNING_SHARE = 0.05, 0.01  # of calls that failed: Vistio's thresholds
_CLASSES = {
    HealthStatus.HEALTHY: "normal",
    HealthStatus.DEGRADED: "warning",
    HealthStatus.FAILURE: "danger",
    HealthStatus.NA: "normal",
}


class Metadata(msgspec.Struct, frozen=True):
    """``streaming`` switches the moving particles on."""

    streaming: int = 1


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A remark; ``severity`` is 0 for information, 1 for a warning, 2 for an error."""

    title: str
    severity: int
    subtitle: str = ""


class Metrics(msgspec.Struct, frozen=True):
    """Calls per second."""

    normal: float
    warning: float
    danger: float


class Connection(msgspec.Struct, frozen=True):
    """Traffic between two nodes by name; its volume is the sum of its metrics."""

    source: str
    target: str
    metrics: Metrics
    notices: list[Notice]
    metadata: Metadata = Metadata()


class Child(msgspec.Struct, frozen=True, rename="camel"):
    """A node of a region."""

    name: str
    display_name: str
    class_: str = msgspec.field(name="class")
    max_volume: float
    updated: int
    notices: list[Notice]
    renderer: str = "focusedChild"
    metadata: Metadata = Metadata()
    nodes: list[Child] = []
    connections: list[Connection] = []


class Region(msgspec.Struct, frozen=True, rename="camel"):
    """A node of the top level: the internet, or a cluster with its services."""

    name: str
    display_name: str
    class_: str = msgspec.field(name="class")
    max_volume: float
    updated: int
    nodes: list[Child]
    connections: list[Connection]
    notices: list[Notice]
    layout: str = "ltrTree"
    renderer: str = "region"
    metadata: Metadata = Metadata()


class ClassDocument(msgspec.Struct, frozen=True):
    """A class and its colour."""

    name: str
    color: str


class VizceralDocument(msgspec.Struct, frozen=True, rename="camel"):
    """Answer of ``graph``; ``server_update_time`` is seconds since the epoch."""

    name: str
    server_update_time: int
    max_volume: float
    nodes: list[Region]
    connections: list[Connection]
    classes: list[ClassDocument]
    renderer: str = "global"
    entry_node: str = INTERNET
    layout: str = "ltrTree"


CLASSES = [
    ClassDocument("normal", "rgb(186, 213, 237)"),
    ClassDocument("warning", "rgb(240, 171, 0)"),
    ClassDocument("danger", "rgb(184, 36, 36)"),
]


@dataclass(slots=True)
class _Region:
    """What is known of a region while edges are read; connections by source and target name."""

    name: str
    children: dict[str, Child] = field(default_factory=dict)
    traffic: dict[tuple[str, str], Severities] = field(default_factory=dict)


def vizceral(graph: Graph, name: str = "Spanloom") -> VizceralDocument:
    """Return the document of a moment, which is the end of the graph's window.

    A cluster is a region; virtual nodes belong to the region of who calls them or is called. A
    call into another cluster is a connection of the two regions, and in the caller's region it
    ends at a node named ``region/service``.
    """
    updated = graph.to_ns // 1_000_000_000
    names = unique_names(graph, _name)
    nodes = {node.id: node for node in graph.nodes}
    regions: dict[str, _Region] = {}
    top: dict[tuple[str, str], Severities] = {}

    def add(region: str, node: GraphNode, shown: str) -> None:
        members = regions.setdefault(region, _Region(region)).children
        if shown not in members:
            members[shown] = _child(node, shown, updated)

    for edge in graph.edges:
        source, target = nodes[edge.source], nodes[edge.target]
        home = source.cluster or target.cluster or DEFAULT_REGION
        away = target.cluster or home
        source_name, target_name = names[source.id], names[target.id]
        if away != home:
            add(away, target, target_name)
            target_name = f"{away}/{target_name}"
        add(home, source, source_name)
        add(home, target, target_name)
        calls = severities(edge.traffic)
        _count(regions[home].traffic, (source_name, target_name), calls)
        if away != home:
            _count(top, (home, away), calls)
        elif source.kind is PlaceKind.INGRESS:
            _count(top, (INTERNET, home), calls)
    for node in graph.nodes:
        if node.inbound is None and node.outbound is None:
            add(node.cluster or DEFAULT_REGION, node, names[node.id])
    # Without a gateway that is called from outside, pictures still need where traffic begins.
    for region in regions.values():
        top.setdefault((INTERNET, region.name), NO_TRAFFIC)
        region.children.setdefault(INTERNET, _entry(updated))
    return VizceralDocument(
        name=name,
        server_update_time=updated,
        max_volume=_capacity(top),
        nodes=[
            _region(_Region(INTERNET), updated),
            *(_region(regions[each], updated) for each in sorted(regions)),
        ],
        connections=_connections(top),
        classes=CLASSES,
    )


def _name(node: GraphNode) -> str:
    return INTERNET if node.kind is PlaceKind.INGRESS else node.label


def _count(
    traffic: dict[tuple[str, str], Severities], ends: tuple[str, str], more: Severities
) -> None:
    traffic[ends] = traffic.get(ends, NO_TRAFFIC) + more


def _child(node: GraphNode, name: str, updated: int) -> Child:
    notices = [Notice(node.health.reason, 1)] if node.health.reason else []
    volume = max(severities(node.inbound).total, severities(node.outbound).total)
    return Child(
        name=name,
        display_name=name,
        class_=_CLASSES[node.health.status],
        max_volume=_rounded_up(volume),
        updated=updated,
        notices=notices,
    )


def _entry(updated: int) -> Child:
    return Child(
        name=INTERNET,
        display_name=INTERNET,
        class_="normal",
        max_volume=_rounded_up(0.0),
        updated=updated,
        notices=[],
    )


def _region(region: _Region, updated: int) -> Region:
    return Region(
        name=region.name,
        display_name=region.name,
        class_="normal",
        max_volume=_capacity(region.traffic),
        updated=updated,
        nodes=[region.children[name] for name in sorted(region.children)],
        connections=_connections(region.traffic),
        notices=[],
    )


def _connections(traffic: dict[tuple[str, str], Severities]) -> list[Connection]:
    return [
        Connection(
            source, target, Metrics(calls.normal, calls.warning, calls.danger), _notices(calls)
        )
        for (source, target), calls in sorted(traffic.items())
    ]


def _notices(calls: Severities) -> list[Notice]:
    share = calls.danger / calls.total if calls.total else 0.0
    if share < _WARNING_SHARE:
        return []
    return [Notice(f"[{share:.5f}] High Error Rate", 2 if share >= _DANGER_SHARE else 1)]


def _capacity(traffic: dict[tuple[str, str], Severities]) -> float:
    """Return what counts as full: twice what the busiest source sends.

    Rounded up to 1, 2 or 5 times a power of ten, so that it stays while traffic varies.
    """
    volumes: dict[str, float] = {}
    for (source, _), calls in traffic.items():
        volumes[source] = volumes.get(source, 0.0) + calls.total
    return _rounded_up(2 * max(volumes.values(), default=0.0))


def _rounded_up(volume: float) -> float:
    limit = 1.0
    while limit < volume:
        for step in (1, 2, 5, 10):
            if step * limit >= volume:
                return step * limit
        limit *= 10
    return limit
