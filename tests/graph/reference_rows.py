"""The reference's last step: keys, errors, weights and views of calls (rules G17, G18, G35-G40)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from model.envoy import ClusterKind, parse_upstream_cluster
from model.graph.calls import Sampling
from model.graph.edge import EdgeKey, Protocol, Via
from model.graph.place import Place, PlaceKind
from model.mesh import parse_service_name
from model.span import MeshIdentity
from tests.graph.reference_calls import UNKNOWN, Call
from tests.graph.reference_places import host_in_name
from tests.graph.reference_trace import Node, is_attempt

__all__ = ["Row", "blame", "probability", "rows_of"]

_THRESHOLD = re.compile("[0-9a-fA-F]{1,14}")
_AS_NODES = 1 | 2  # of gateways
_WAYPOINTS_AS_NODES = 1 | 4
_THROUGH_WAYPOINTS = 2 | 8


@dataclass(frozen=True)
class Row:
    """One call in some of the views."""

    key: EdgeKey
    call: Call


def blame(calls: list[Call]) -> None:
    """Decide which calls are in error (rule G35)."""
    users: dict[Node, list[Call]] = {}
    for call in calls:
        for node in call.outgoing:
            users.setdefault(node, []).append(call)
    for call in calls:
        private = [node for node in call.outgoing if len(users[node]) == 1]
        call.error = call.can_fail and any(node.error for node in (*private, *call.incoming))
    own_errors = {call for call in calls if call.error}
    for node, sharing in users.items():
        if node.error and len(sharing) > 1 and not own_errors.intersection(sharing):
            last = max(sharing, key=lambda call: call.last_order)
            last.error = last.can_fail


def probability(nodes: list[Node], places: list[Place], sampling: Sampling) -> float | None:
    """Return with which probability the trace was sampled, if anybody tells (G36, G37)."""
    by_state = [one for node in nodes if (one := _of_state(node.trace_state)) is not None]
    if by_state:
        return min(by_state)
    configured = [
        value
        for name, value in sampling.services.items()
        for place in places
        if parse_service_name(name).matches(
            place.name, MeshIdentity(namespace=place.namespace, service=place.service)
        )
    ]
    return min(configured, default=sampling.default)


def _of_state(trace_state: str) -> float | None:
    for member in trace_state.split(","):
        vendor, _, value = member.strip().partition("=")
        if vendor != "ot":
            continue
        for field in value.split(";"):
            name, _, threshold = field.partition(":")
            if name == "th" and _THRESHOLD.fullmatch(threshold):
                return 1 - int(threshold.ljust(14, "0"), 16) / 2**56
    return None


def rows_of(calls: list[Call]) -> list[Row]:
    """Return every call in every group of views in which it is an edge."""
    rows = []
    for call in calls:
        for key in _by_waypoint(call):
            touches = PlaceKind.GATEWAY in (key.source.kind, key.destination.kind)
            if not touches:
                rows.append(Row(key, call))
                continue
            kept, lost = key.views & _AS_NODES, key.views & ~_AS_NODES
            if kept:
                rows.append(Row(replace(key, views=kept), call))
            if lost and key.source.kind is PlaceKind.GATEWAY:
                behind = _behind(call, calls)
                if PlaceKind.GATEWAY is not key.destination.kind:
                    bridge = replace(key, source=behind, views=lost, via=Via.GATEWAY)
                    rows.append(Row(bridge, call))
    return rows


def _behind(call: Call, calls: list[Call]) -> Place:
    """Return who called the gateway that made ``call``."""
    visit = call
    while visit.source.kind is PlaceKind.GATEWAY:
        opened = _opened(visit, calls)
        if opened is None:
            return UNKNOWN
        visit = opened
    return visit.source


def _opened(call: Call, calls: list[Call]) -> Call | None:
    node = call.caller
    while node is not None and node.place in (None, call.source):
        for other in calls:
            if node in other.entries and other.destination == call.source:
                return None if other.asynchronous else other
        node = node.parent
    return None


def _by_waypoint(call: Call) -> list[EdgeKey]:
    key = _key(call)
    waypoint = None if call.entry is None else call.entry.own
    if call.entry is None or not call.entry.is_waypoint or waypoint is None:
        return [key]
    return [
        replace(key, via=Via.WAYPOINT, views=_THROUGH_WAYPOINTS),
        replace(key, destination=waypoint, views=_WAYPOINTS_AS_NODES),
        replace(key, source=waypoint, views=_WAYPOINTS_AS_NODES),
    ]


def _key(call: Call) -> EdgeKey:
    at_source = _proxy_first(call.outgoing)
    at_destination = _proxy_first(call.incoming)
    return EdgeKey(
        call.source,
        call.destination,
        operation=_operation(call),
        host=_host(call),
        protocol=_protocol(call),
        asynchronous=call.asynchronous,
        inferred=call.inferred,
        source_address=call.source_address,
        source_code=_code(at_source),
        source_flags="" if at_source is None else at_source.what.response_flags,
        destination_code=_code(at_destination),
        destination_flags="" if at_destination is None else at_destination.what.response_flags,
        grpc_status=next(
            (
                node.what.grpc_status_code
                for node in (at_source, at_destination)
                if node is not None and node.what.grpc_status_code
            ),
            "",
        ),
        mtls=next(
            (
                node.what.mtls
                for node in (*call.incoming, *call.outgoing)
                if node.what.mtls is not None
            ),
            None,
        ),
        source_principal=_first(call, "source_principal"),
        destination_principal=_first(call, "destination_principal"),
    )


def _proxy_first(group: list[Node]) -> Node | None:
    return next((node for node in group if node.is_proxy), group[0] if group else None)


def _code(node: Node | None) -> str:
    code = "" if node is None else node.what.http_status_code
    return "-" if code == "0" else code


def _first(call: Call, name: str) -> str:
    texts = (str(getattr(node.what, name)) for node in (*call.incoming, *call.outgoing))
    return next((text for text in texts if text), "")


def _operation(call: Call) -> str:
    if call.entry is not None and call.entry.is_inbound:
        return call.entry.what.name
    if call.outgoing:
        inner = call.outgoing[0]
        return (inner.parent if is_attempt(inner) and inner.parent else inner).what.name
    assert call.entry is not None
    return call.entry.what.name


def _host(call: Call) -> str:
    for node in call.outgoing:
        cluster = parse_upstream_cluster(node.what.upstream_cluster)
        if cluster is not None and cluster.kind is ClusterKind.OUTBOUND and cluster.host:
            return cluster.host
    return "" if call.entry is None else host_in_name(call.entry.what.name)


def _protocol(call: Call) -> Protocol:
    if call.protocol is not None:
        return call.protocol
    group = [*call.outgoing, *call.incoming]
    if any(node.what.is_grpc for node in group):
        return Protocol.GRPC
    return Protocol.HTTP if any(node.what.is_http for node in group) else Protocol.UNKNOWN
