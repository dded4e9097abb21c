"""Which hop of a request a proxy span is, and what upstream attempts take from the span above."""

from __future__ import annotations

from enum import StrEnum

from model.attributes import Attributes
from model.envoy import (
    ClusterKind,
    ProxyType,
    is_proxy_span,
    parse_node_id,
    parse_upstream_cluster,
)
from model.span import MeshIdentity, Span, SpanKind
from model.tree import NO_PARENT, Tree

__all__ = ["Hop", "hop_of", "inherit", "text_of"]


class Hop(StrEnum):
    """Where on the way of a request a proxy span was made.

    An UPSTREAM_ATTEMPT is one try of the proxy span above it. PROXY is an Envoy outside of
    Istio, which does not say what it stands for.
    """

    CLIENT_SIDECAR = "client sidecar"
    SERVER_SIDECAR = "server sidecar"
    GATEWAY = "gateway"
    WAYPOINT = "waypoint"
    UPSTREAM_ATTEMPT = "upstream attempt"
    PROXY = "proxy"


def hop_of(attributes: Attributes, kind: SpanKind) -> Hop | None:
    """Return which hop a span is, from its own attributes; None if no proxy made it."""
    if not is_proxy_span(attributes):
        return None
    if kind is SpanKind.CLIENT and "node_id" not in attributes:
        return Hop.UPSTREAM_ATTEMPT
    node = parse_node_id(text_of(attributes, "node_id"))
    if node is not None and node.type is not ProxyType.SIDECAR:
        return Hop.WAYPOINT if node.type is ProxyType.WAYPOINT else Hop.GATEWAY
    cluster = parse_upstream_cluster(text_of(attributes, "upstream_cluster"))
    direction = cluster.kind if cluster is not None else ClusterKind.OTHER
    # The cluster tells more than the kind: with spawn_upstream_span the span of an outbound
    # listener is a SERVER span.
    if direction in (ClusterKind.INBOUND, ClusterKind.INBOUND_PASSTHROUGH):
        return Hop.SERVER_SIDECAR
    if direction is not ClusterKind.OTHER:
        return Hop.CLIENT_SIDECAR
    if node is None:
        return Hop.PROXY
    return Hop.CLIENT_SIDECAR if kind is SpanKind.CLIENT else Hop.SERVER_SIDECAR


def text_of(attributes: Attributes, key: str) -> str:
    """Return an attribute that should be a string; empty if it is absent or something else."""
    value = attributes.get(key)
    return value if isinstance(value, str) else ""


_INHERITED_KEYS = (
    "node_id",
    "zone",
    "guid:x-request-id",
    "http.url",
    "http.method",
    "user_agent",
    "downstream_cluster",
)


def inherit(tree: Tree) -> tuple[list[MeshIdentity], dict[int, Attributes]]:
    """Return each member's identity, and what upstream attempts take from above (rule G4).

    An upstream attempt has no node id and no request data of its own: it takes place, URL,
    method and request id of its parent, if that is a span of the same proxy.
    """
    identities = [span.identity if span is not None else MeshIdentity() for span in tree.spans]
    inherited: dict[int, Attributes] = {}
    for index in tree.top_down:
        span, parent = tree.spans[index], tree.parents[index]
        above = tree.spans[parent] if parent != NO_PARENT else None
        if span is None or above is None or not _is_attempt_of(span, above):
            continue
        given = {**above.attributes, **inherited.get(parent, {})}
        inherited[index] = {
            key: given[key]
            for key in _INHERITED_KEYS
            if key in given and key not in span.attributes
        }
        identities[index] = identities[parent]
    return identities, inherited


def _is_attempt_of(span: Span, parent: Span) -> bool:
    return (
        span.service_name == parent.service_name
        and hop_of(span.attributes, span.kind) is Hop.UPSTREAM_ATTEMPT
        and is_proxy_span(parent.attributes)
    )
