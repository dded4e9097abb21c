"""The reference's second step: where the spans of one trace were made (rules G3 to G8, G18)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from model.envoy import ProxyType, parse_service_host
from model.graph.place import Place, PlaceKind
from model.span import MeshIdentity
from tests.graph.reference_trace import Node, is_attempt, proxy_type

__all__ = ["assign", "host_in_name", "lone_place", "service_place", "source_by_tags", "told"]

_KINDS = {ProxyType.GATEWAY: PlaceKind.GATEWAY, ProxyType.WAYPOINT: PlaceKind.WAYPOINT}


def assign(nodes: list[Node]) -> None:
    """Give every span of a trace its place."""
    unnamed = _unnamed_places(nodes)
    for node, place in unnamed.items():
        together = [one for one, of in unnamed.items() if of == place]
        by_proxy = [one.what.service_name for one in together if one.is_proxy]
        named = replace(place, name=min(by_proxy or [one.what.service_name for one in together]))
        if node.is_waypoint:
            node.own = named
        else:
            node.place = named
    for node in nodes:
        if node.is_waypoint:
            node.place = _destination(node)


def lone_place(node: Node) -> Place | None:
    """Return the place of a span that is known by itself only."""
    identity = node.what.identity
    if not identity.service:
        return None
    return Place(*_fields(_of(node, identity)), name=node.what.service_name)


def _of(node: Node, identity: MeshIdentity) -> Place:
    kind = _KINDS.get(proxy_type(node.what) or ProxyType.SIDECAR, PlaceKind.WORKLOAD)
    return Place(
        kind,
        identity.cluster,
        identity.namespace,
        identity.service,
        identity.version,
        identity.workload,
    )


def _fields(place: Place) -> tuple[PlaceKind, str, str, str, str, str]:
    return (
        place.kind,
        place.cluster,
        place.namespace,
        place.service,
        place.version,
        place.workload,
    )


def _unnamed_places(nodes: list[Node]) -> dict[Node, Place]:
    complete = {
        node: _of(node, _with_proxy(node, nodes))
        for node in nodes
        if node.what.identity.workload and not node.is_waypoint and not is_attempt(node)
    }
    found: dict[Node, Place] = {}
    for node in sorted(nodes, key=lambda one: len(one.ancestors())):
        if node in complete:
            found[node] = complete[node]
        elif is_attempt(node) and node.parent is not None:
            # Waypoints make no attempts; their one span tells all of the call.
            if node.parent in found and not node.parent.is_waypoint:
                found[node] = found[node.parent]
        elif node.is_waypoint and node.what.identity.service:
            found[node] = _of(node, node.what.identity)
        elif node.what.identity.service:
            found[node] = _place_of_incomplete(node, complete)
    return found


def _with_proxy(node: Node, nodes: list[Node]) -> MeshIdentity:
    """Return the identity of the proxy beside a complete app span (rule G6), or its own."""
    own = node.what.identity
    if node.is_proxy:
        return own
    beside = [
        one.what.identity
        for one in nodes
        if one.is_proxy
        and not one.is_waypoint
        and one.what.identity.workload
        and _is_same_pod_or_workload(own, one.what.identity)
    ]
    return min(beside, key=lambda one: (one.pod != own.pod, repr(one)), default=own)


def _is_same_pod_or_workload(one: MeshIdentity, other: MeshIdentity) -> bool:
    if not _agree(one.cluster, other.cluster) or not _agree(one.namespace, other.namespace):
        return False
    if one.pod and other.pod:
        return one.pod == other.pod
    return (one.service, one.workload) == (other.service, other.workload)


def _agree(one: str, other: str) -> bool:
    return one == other or not one or not other


def _is_compatible(identity: MeshIdentity, other: Node, place: Place) -> bool:
    """Whether an app that tells its service only may be at the place of ``other`` (rule G6)."""
    alias = other.what.service_name.removesuffix(f".{place.namespace}") if other.is_proxy else ""
    return (
        identity.service in (place.service, alias)
        and _agree(identity.namespace, place.namespace)
        and _agree(identity.cluster, place.cluster)
    )


def _place_of_incomplete(node: Node, complete: dict[Node, Place]) -> Place:
    identity = node.what.identity
    above = next((one for one in node.ancestors() if one in complete), None)
    if above is not None and _is_compatible(identity, above, complete[above]):
        return complete[above]
    places = {place for one, place in complete.items() if _is_compatible(identity, one, place)}
    return places.pop() if len(places) == 1 else _of(node, identity)


def told(tag: str) -> str:
    return "" if tag in ("-", "unknown") else tag


def service_place(cluster: str, namespace: str, service: str, workload: str = "") -> Place:
    name = f"{service}.{namespace}" if namespace else service
    return Place(PlaceKind.SERVICE, cluster, namespace, service, "", workload, name)


def host_in_name(name: str) -> str:
    """Return the Kubernetes host in ``reviews.default.svc.cluster.local:9080/*``, or nothing."""
    host = name.partition("/")[0].partition(":")[0]
    return "" if " " in host or parse_service_host(host) is None else host


def _destination(node: Node) -> Place | None:
    what = node.what
    service = told(what.destination_service) or told(what.destination_workload)
    host = parse_service_host(host_in_name(what.name))
    if service:
        called = service_place(
            what.identity.cluster,
            told(what.destination_namespace),
            service,
            told(what.destination_workload),
        )
    elif host is not None:
        called = service_place(what.identity.cluster, host.namespace, host.service)
    else:
        return None
    for below in sorted(_first_placed_below(node), key=lambda one: one.order):
        assert below.place is not None
        if below.place.service == called.service and _agree(
            below.place.namespace, called.namespace
        ):
            return below.place
    return called


def _first_placed_below(node: Node) -> Iterable[Node]:
    for child in node.children:
        if child.place is None or child.is_waypoint:
            yield from _first_placed_below(child)
        else:
            yield child


def source_by_tags(node: Node) -> Place | None:
    """Return the caller that a waypoint's tags name (rule G18)."""
    what = node.what
    service = told(what.source_service) or told(what.source_workload)
    if not node.is_waypoint or not service:
        return None
    above = node.placed_ancestor()
    namespace, workload = told(what.source_namespace), told(what.source_workload)
    if (
        above is not None
        and above.place is not None
        and above.place.service == service
        and _agree(above.place.namespace, namespace)
        and _agree(above.place.workload, workload)
    ):
        return above.place
    return service_place(what.identity.cluster, namespace, service, workload)
