"""The reference's fourth step: calls to peers that report nothing (rules G15, G22, G27)."""

from __future__ import annotations

from model.envoy import ClusterKind, parse_service_host, parse_upstream_cluster
from model.graph.edge import Protocol
from model.graph.place import Place, PlaceKind
from model.span import SpanKind
from tests.graph.reference_calls import UNKNOWN, Call, group_above
from tests.graph.reference_places import service_place, told
from tests.graph.reference_trace import Node, is_attempt

__all__ = ["messaging_place", "peer_calls", "produces"]


def messaging_place(node: Node) -> Place | None:
    """Return the destination that a producer or consumer names (rule G28)."""
    what = node.what
    if not what.messaging_system or not what.messaging_destination:
        return None
    return Place(PlaceKind.MESSAGING, name=what.messaging_destination)


def produces(node: Node) -> bool:
    return node.is_outbound and (
        node.what.kind is SpanKind.PRODUCER or messaging_place(node) is not None
    )


def peer_calls(nodes: list[Node], calls: list[Call]) -> list[Call]:
    """Return the calls of outbound spans below which nobody was entered."""
    entered = {entry for call in calls for entry in call.entries}
    found = []
    for node in nodes:
        if node.place is None or not node.is_outbound:
            continue
        below = node.descendants()
        if any(one in entered or one.is_outbound for one in below):
            continue
        if messaging_place(node) is not None:
            continue
        call = _peer_call(node)
        if node.what.kind is SpanKind.PRODUCER:
            if call.destination == UNKNOWN:
                continue  # it has sent a message, nobody tells where to
            call.asynchronous, call.protocol = True, Protocol.MESSAGING
        found.append(call)
    return found


def _peer_call(node: Node) -> Call:
    assert node.place is not None
    destination, protocol = _peer(node, node.place)
    outgoing = group_above(node, node.place)
    return Call(
        node.place,
        destination,
        peer=node,
        caller=node,
        outgoing=outgoing,
        protocol=protocol,
        client_ns=outgoing[-1].duration_ns,
    )


def _peer(node: Node, caller: Place) -> tuple[Place, Protocol | None]:
    what = node.what
    cluster = parse_upstream_cluster(what.upstream_cluster)
    if cluster is not None and cluster.kind is ClusterKind.OUTBOUND and cluster.host:
        return _by_name(cluster.host, caller), None
    if cluster is not None and cluster.kind is ClusterKind.BLACK_HOLE:
        return Place(PlaceKind.EXTERNAL, name=cluster.name), None
    service = told(what.destination_service) or told(what.destination_workload)
    if service:
        workload = told(what.destination_workload)
        called = service_place(caller.cluster, told(what.destination_namespace), service, workload)
        return _or_itself(called, caller), None
    url_host = what.url_host
    if is_attempt(node) and node.parent is not None and not url_host:
        url_host = node.parent.what.url_host
    server = what.server_address
    if what.db_system or what.db_namespace:
        named = (
            what.peer_service
            or _with_port(server, what.server_port)
            or _with_port(node.peer_address, what.server_port)
            or what.db_namespace
            or what.db_system
        )
        return Place(PlaceKind.DATABASE, name=named), Protocol.DATABASE
    # The address that a listener's span tells is its own pod's.
    address = "" if node.is_proxy and what.node_id else node.peer_address
    named = what.peer_service or server or _host(url_host) or address
    if not named:
        return UNKNOWN, None
    return _by_name(named, caller), None


def _with_port(host: str, port: str) -> str:
    return f"{host}:{port}" if host and port else host


def _host(url_host: str) -> str:
    return url_host


def _by_name(name: str, caller: Place) -> Place:
    host = parse_service_host(name)
    if host is None:
        return Place(PlaceKind.EXTERNAL, name=name)
    return _or_itself(service_place(caller.cluster, host.namespace, host.service), caller)


def _or_itself(called: Place, caller: Place) -> Place:
    is_own = (called.namespace, called.service) == (caller.namespace, caller.service)
    return caller if is_own else called
