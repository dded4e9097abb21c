"""Calls of spans below which nobody reports: the callee is known by name only (rule G22)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from model.envoy import ClusterKind, parse_service_host, parse_upstream_cluster
from model.graph.ancestry import NONE, nearest, nearest_or_self
from model.graph.edge import Protocol
from model.graph.entries import UNKNOWN
from model.graph.grouping import Combination
from model.graph.members import Members
from model.graph.place import Place, PlaceKind
from model.graph.requests import PROTOCOLS, Requests
from model.graph.span_columns import SpanClass
from model.graph.waypoints import destination_by_tags, service_place
from model.hosts import without_port
from model.span import SpanKind

__all__ = ["find_peers", "messaging_place", "produces"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def messaging_place(span: SpanClass) -> Place | None:
    """Return the destination that a producer or consumer names (rule G28)."""
    if not span.messaging_system or not span.messaging_destination:
        return None
    return Place(PlaceKind.MESSAGING, name=span.messaging_destination)


def produces(span: SpanClass) -> bool:
    """Whether an outbound span sends a message."""
    return span.kind is SpanKind.PRODUCER or messaging_place(span) is not None


def find_peers(members: Members, entered: Bools) -> Requests:
    """Return a call for each outbound span with no entry and no outbound span below it.

    Producers of messages are left to :mod:`model.graph.messaging`, unless they name no
    destination but another peer.

    Args:
        members: all of them.
        entered: which are entries of calls.
    """
    classes = members.spans.classes
    is_leaf = members.is_outbound.copy()
    passed = nearest(members.calls_out, members.forest.parent)[entered | members.calls_out]
    is_leaf[passed[passed != NONE]] = False
    is_leaf &= ~members.by_class(messaging_place(one) is not None for one in classes)
    peer = np.flatnonzero(is_leaf)
    destination, protocol = _destinations(members, peer)
    named = destination != NONE
    peer, destination, protocol = peer[named], destination[named], protocol[named]
    nothing = np.full(len(peer), NONE)
    outermost = nearest_or_self(members.outer == NONE, members.outer)[peer]
    sends = members.by_class(produces(one) for one in classes)[peer]
    return Requests(
        entry=nothing,
        peer=peer,
        source=members.place[peer],
        destination=destination,
        caller=peer,
        outgoing=peer,
        inferred=np.zeros(len(peer), np.int64),
        asynchronous=sends.astype(np.int64),
        source_address=np.zeros(len(peer), np.int64),
        protocol=np.where(sends, PROTOCOLS.index(Protocol.MESSAGING), protocol),
        client_ns=members.duration_ns[outermost],
        server_ns=nothing,
        lag_ns=nothing,
    )


def _destinations(members: Members, peer: Int64s) -> tuple[Int64s, Int64s]:
    """Return the place that each span calls (NONE for none), and the protocol if that tells it."""
    classes, forest, table = members.spans.classes, members.forest, members.places.table
    addresses = members.spans.peer_addresses
    by_address = members.by_class(_may_need_address(one) for one in classes)[peer]
    span_class = forest.span_class[peer]
    distinct = Combination(len(peer))
    distinct.add("class", span_class, len(classes))
    distinct.add("caller", members.place[peer], len(table))
    # An attempt has the URL of the proxy span above it (rule G4).
    tried = np.where(members.is_attempt[peer], forest.span_class[forest.parent[peer]], NONE)
    distinct.add("tried", tried + 1, len(classes) + 1)
    address = np.where(by_address, members.spans.peer_address[forest.row[peer]], 0)
    distinct.add("address", address, len(addresses))
    rows, index = distinct.distinct()
    destination = np.full(len(rows["class"]), NONE)
    protocol = np.full(len(rows["class"]), NONE)
    for row, (one, caller, above, sent) in enumerate(
        zip(rows["class"], rows["caller"], rows["tried"], rows["address"], strict=True)
    ):
        url_host = classes[one].url_host or (classes[above - 1].url_host if above else "")
        found = _peer(classes[one], table.items[caller], url_host, addresses[sent])
        if found is not None:
            destination[row] = table.index(found)
            if found.kind is PlaceKind.DATABASE:
                protocol[row] = PROTOCOLS.index(Protocol.DATABASE)
    return destination[index], protocol[index]


def _may_need_address(span: SpanClass) -> bool:
    # A listener's span tells the address of its own pod.
    if span.component == "proxy" and span.node_id:
        return False
    return not (span.peer_service or span.server_address or span.url_host)


def _peer(span: SpanClass, caller: Place, url_host: str, address: str) -> Place | None:
    """Return whom a span calls, by the order of rule G22; None for a producer that tells nothing.

    Args:
        span: its class.
        caller: its place; a peer that is the caller's own service is the caller (rule G15).
        url_host: its own, or of the span that it is an attempt of.
        address: of the callee; empty if not sent.
    """
    cluster = parse_upstream_cluster(span.upstream_cluster)
    if cluster is not None and cluster.kind is ClusterKind.OUTBOUND and cluster.host:
        return _by_name(cluster.host, caller)
    if cluster is not None and cluster.kind is ClusterKind.BLACK_HOLE:
        return Place(PlaceKind.EXTERNAL, name=cluster.name)
    if tagged := destination_by_tags(span, caller.cluster):
        return _or_itself(tagged, caller)
    server = span.server_address
    if span.db_system or span.db_namespace:  # G27
        port = span.server_port
        at = _with_port(server, port) or _with_port(address, port)
        name = _first((span.peer_service, at, span.db_namespace, span.db_system))
        return Place(PlaceKind.DATABASE, name=name)
    if name := _first((span.peer_service, server, url_host, address)):
        return _by_name(name, caller)
    return None if span.kind is SpanKind.PRODUCER else UNKNOWN


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")


def _with_port(host: str, port: str) -> str:
    if not host or not port or without_port(host) != host:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _by_name(name: str, caller: Place) -> Place:
    host = parse_service_host(name)
    if host is None:
        return Place(PlaceKind.EXTERNAL, name=name)
    return _or_itself(service_place(caller.cluster, host.namespace, host.service), caller)


def _or_itself(called: Place, caller: Place) -> Place:
    is_own = (called.namespace, called.service) == (caller.namespace, caller.service)
    return caller if is_own else called
