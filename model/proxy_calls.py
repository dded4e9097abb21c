"""Who is at the two ends of a proxy's call: its downstream (caller) and its upstream (callee)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from model.attributes import Attributes
from model.clock_skew import on_one_clock
from model.envoy import ClusterKind, parse_node_id, parse_service_host, parse_upstream_cluster
from model.hops import Hop, hop_of, text_of
from model.hosts import host_of_name, host_of_url, without_port
from model.side import Side, side_of
from model.span import MeshIdentity, Span
from model.tree import NO_PARENT, Tree

__all__ = ["Peer", "PeerSource", "ProxyCall", "find_proxy_calls"]


class PeerSource(StrEnum):
    """What tells who a peer is."""

    SPAN = "span"  # its own span in this trace
    ISTIO_TAGS = "istio tags"
    UPSTREAM_CLUSTER = "upstream cluster"
    HOST = "host"  # of the URL or of the span's name
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Peer:
    """One end of a proxy's call.

    Attributes:
        identity: as far as it is known.
        source: what tells the identity.
        host: that was called (``reviews.default.svc.cluster.local``); empty when not known.
        address: IP address, with a port where one was sent; empty when not known.
    """

    identity: MeshIdentity
    source: PeerSource
    host: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class ProxyCall:
    """The call that a proxy span is about; None for an end of which nothing is known."""

    hop: Hop
    downstream: Peer | None
    upstream: Peer | None


def find_proxy_calls(
    tree: Tree, identities: list[MeshIdentity], inherited: dict[int, Attributes]
) -> dict[int, ProxyCall]:
    """Return the call of every proxy span, by its index.

    A sidecar stands for its own workload: that is the downstream of a client sidecar and the
    upstream of a server sidecar. The other end is, first found: the tags of a waypoint, the
    inbound span of another place in the tree, the called cluster's host, the host of the URL
    or of the span's name, an address (with the identity of the pod that has it, if that pod
    made a span in this trace).

    Args:
        tree: of the trace.
        identities: of its members, as :func:`model.hops.inherit` returns them.
        inherited: attributes of upstream attempts, as :func:`model.hops.inherit` returns them.
    """
    hops = [None if span is None else hop_of(span.attributes, span.kind) for span in tree.spans]
    if not any(hops):
        return {}
    ends = _Ends(tree, identities, hops)
    found: dict[int, ProxyCall] = {}
    for index, hop in enumerate(hops):
        span = tree.spans[index]
        if span is None or hop is None:
            continue
        attributes = span.attributes
        if index in inherited:
            attributes = {**attributes, **inherited[index]}
        own = Peer(identities[index], PeerSource.SPAN)
        is_downstream = hop in (Hop.CLIENT_SIDECAR, Hop.UPSTREAM_ATTEMPT)
        found[index] = ProxyCall(
            hop,
            own if is_downstream else ends.downstream(index, span, hop),
            own if hop is Hop.SERVER_SIDECAR else ends.upstream(index, span, hop, attributes),
        )
    return found


class _Ends:
    """Looks up the ends of calls, in one tree."""

    def __init__(self, tree: Tree, identities: list[MeshIdentity], hops: list[Hop | None]) -> None:
        self._tree = tree
        self._identities = identities
        self._transparent = [
            span is None or hop is Hop.WAYPOINT or not _is_known(identity)
            for span, hop, identity in zip(tree.spans, hops, identities, strict=True)
        ]
        self._by_address = self._identities_by_address()
        self._callers = self._nearest_above()
        self._callees = self._first_below()

    def downstream(self, index: int, span: Span, hop: Hop) -> Peer | None:
        """Return who called the proxy."""
        address = text_of(span.attributes, "peer.address")
        if hop is Hop.WAYPOINT and (tagged := _tagged(span.attributes, "source")):
            return Peer(tagged, PeerSource.ISTIO_TAGS, address=address)
        caller = self._callers[index]
        if caller != NO_PARENT:
            return Peer(self._identities[caller], PeerSource.SPAN, address=address)
        return self._at_address(address)

    def upstream(self, index: int, span: Span, hop: Hop, attributes: Attributes) -> Peer | None:
        """Return whom the proxy called; ``attributes`` hold the inherited ones too."""
        address = text_of(attributes, "upstream_address")
        named = _named_callee(span, hop, attributes, address)
        if hop is Hop.WAYPOINT:
            host = named.host if named is not None else ""
            if tagged := _tagged(attributes, "destination"):
                return Peer(tagged, PeerSource.ISTIO_TAGS, host, address)
            if named is not None:
                return named
        callee = self._callees[index]
        if callee != NO_PARENT and (named is None or self._is_inbound(callee)):
            host = named.host if named is not None else ""
            return Peer(self._identities[callee], PeerSource.SPAN, host, address)
        return named or self._at_address(address)

    def _is_inbound(self, index: int) -> bool:
        span = self._tree.spans[index]
        return span is not None and side_of(span.kind) is Side.SERVER

    def _at_address(self, address: str) -> Peer | None:
        if not address:
            return None
        identity = self._by_address.get(without_port(address), MeshIdentity())
        return Peer(identity, PeerSource.ADDRESS, address=address)

    def _identities_by_address(self) -> dict[str, MeshIdentity]:
        found: dict[str, MeshIdentity] = {}
        for span, identity in zip(self._tree.spans, self._identities, strict=True):
            node_id = text_of(span.attributes, "node_id") if span is not None else ""
            node = parse_node_id(node_id) if node_id else None
            if node is not None and node.ip:
                found[node.ip] = identity
        return found

    def _nearest_above(self) -> list[int]:
        """For each member its nearest ancestor of another place; waypoints are passed by."""
        found = [NO_PARENT] * len(self._tree)
        for index in self._tree.top_down:
            parent = self._tree.parents[index]
            if parent == NO_PARENT:
                continue
            if self._transparent[parent] or self._is_one_place(index, parent):
                found[index] = found[parent]
            else:
                found[index] = parent
        return found

    def _first_below(self) -> list[int]:
        """For each member its earliest descendant of another place, looked for the same way."""
        found = [NO_PARENT] * len(self._tree)
        for index in reversed(self._tree.top_down):
            parent = self._tree.parents[index]
            if parent == NO_PARENT:
                continue
            if self._transparent[index] or self._is_one_place(index, parent):
                candidate = found[index]
            else:
                candidate = index
            if candidate != NO_PARENT and (
                found[parent] == NO_PARENT or self._start(candidate) < self._start(found[parent])
            ):
                found[parent] = candidate
        return found

    def _is_one_place(self, index: int, parent: int) -> bool:
        return on_one_clock(self._identities[index], self._identities[parent])

    def _start(self, index: int) -> tuple[int, int]:
        span = self._tree.spans[index]
        return (span.start_ns if span is not None else 0), index


def _is_known(identity: MeshIdentity) -> bool:
    return bool(identity.service or identity.pod)


def _named_callee(span: Span, hop: Hop, attributes: Attributes, address: str) -> Peer | None:
    """Return the callee that the proxy's own tags name."""
    cluster = parse_upstream_cluster(text_of(attributes, "upstream_cluster"))
    if cluster is not None and cluster.host:
        return Peer(_called(cluster.host), PeerSource.UPSTREAM_CLUSTER, cluster.host, address)
    url_host = host_of_url(text_of(attributes, "http.url"))
    if cluster is not None and cluster.kind is ClusterKind.BLACK_HOLE:
        identity = MeshIdentity(service=cluster.name)
        return Peer(identity, PeerSource.UPSTREAM_CLUSTER, url_host, address)
    host = host_of_name(span.name) if hop is Hop.WAYPOINT else url_host
    return Peer(_called(host), PeerSource.HOST, host, address) if host else None


@lru_cache(maxsize=4096)
def _called(host: str) -> MeshIdentity:
    service = parse_service_host(host)
    if service is None:
        return MeshIdentity(service=host)
    return MeshIdentity(service=service.service, namespace=service.namespace)


def _tagged(attributes: Attributes, end: str) -> MeshIdentity | None:
    """Return the identity in a waypoint's ``istio.source_*`` or ``istio.destination_*`` tags."""

    def tag(name: str) -> str:
        value = text_of(attributes, f"istio.{end}_{name}")
        return "" if value in ("-", "unknown") else value

    identity = MeshIdentity(
        cluster=tag("cluster_id"),
        namespace=tag("namespace"),
        service=tag("canonical_service") or tag("app") or tag("workload"),
        version=tag("canonical_revision") or tag("app_version"),
        workload=tag("workload"),
        pod=tag("instance_name"),
    )
    return identity if identity.service else None
