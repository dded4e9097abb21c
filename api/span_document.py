"""The JSON document of one span in its place in a trace, as ``openapi.yaml`` declares it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from api.documents import kind_word
from api.plain_values import AttributeTypes, plain_attributes
from api.sharing import Shared
from api.times import format_duration, format_time
from model.attributes import JsonValue
from model.proxy_calls import Peer, ProxyCall
from model.span import Event, Link, MeshIdentity, Resource, Scope, Span
from model.trace import TraceNode
from model.trace_warnings import TraceWarning

__all__ = [
    "ResourceDocument",
    "ScopeDocument",
    "SpanDocument",
    "WarningDocument",
    "resource_document",
    "scope_document",
    "span_document",
    "warning_documents",
]


class ResourceDocument(msgspec.Struct, frozen=True):
    """A resource; spans name it by its index."""

    attributes: dict[str, JsonValue]
    attribute_types: AttributeTypes
    dropped_attributes_count: int
    schema_url: str


class ScopeDocument(msgspec.Struct, frozen=True):
    """An instrumentation scope; spans name it by its index."""

    name: str
    version: str
    attributes: dict[str, JsonValue]
    attribute_types: AttributeTypes
    dropped_attributes_count: int
    schema_url: str


class WarningDocument(msgspec.Struct, frozen=True):
    """Something odd."""

    code: str
    message: str


class IdentityDocument(msgspec.Struct, frozen=True):
    """A place in the mesh; what is not known is empty."""

    cluster: str
    namespace: str
    service: str
    version: str
    workload: str
    pod: str


class PeerDocument(msgspec.Struct, frozen=True):
    """One end of a proxy's call, and what tells who it is."""

    identity: IdentityDocument
    source: str
    host: str
    address: str


class ProxyDocument(msgspec.Struct, frozen=True):
    """The call that a proxy span is about."""

    hop: str
    downstream: PeerDocument | None
    upstream: PeerDocument | None


class ResponseFlagDocument(msgspec.Struct, frozen=True):
    """One of Envoy's response flags in words."""

    flag: str
    meaning: str
    look_at: str


class StatusDocument(msgspec.Struct, frozen=True):
    """The status as sent."""

    code: str
    message: str


class EventDocument(msgspec.Struct, frozen=True):
    """An event of a span."""

    time: str
    time_unix_nano: str
    name: str
    attributes: dict[str, JsonValue]
    attribute_types: AttributeTypes
    dropped_attributes_count: int


class LinkDocument(msgspec.Struct, frozen=True):
    """A link; ``span_index`` is its target's if that is in this trace."""

    trace_id: str
    span_id: str
    span_index: int | None
    trace_state: str
    flags: int
    attributes: dict[str, JsonValue]
    attribute_types: AttributeTypes
    dropped_attributes_count: int


class SpanDocument(msgspec.Struct, frozen=True):
    """A span, or with ``missing`` a placeholder for a parent that is not stored.

    See :class:`model.trace.TraceNode` and :class:`model.span.Span`.
    """

    span_id: str
    parent_span_id: str
    parent_index: int | None
    depth: int
    child_count: int
    missing: bool
    name: str
    kind: str
    service_name: str
    identity: IdentityDocument
    start_time: str
    start_time_unix_nano: str
    duration: str
    duration_nano: str
    self_time: str
    self_time_nano: str
    clock_correction_nano: str
    on_critical_path: bool
    critical_time: str
    critical_time_nano: str
    status: StatusDocument
    error: bool
    proxy: ProxyDocument | None
    response_flags: list[ResponseFlagDocument]
    warnings: list[WarningDocument]
    attributes: dict[str, JsonValue]
    attribute_types: AttributeTypes
    inherited_attributes: dict[str, JsonValue]
    events: list[EventDocument]
    links: list[LinkDocument]
    resource: int | None
    scope: int | None
    shares_span_id: bool
    trace_state: str
    flags: int
    dropped_attributes_count: int
    dropped_events_count: int
    dropped_links_count: int


_PLACEHOLDER = Span(trace_id="", span_id="", name="", start_ns=0, duration_ns=0)


def span_document(
    node: TraceNode,
    resources: Shared[Resource, ResourceDocument],
    scopes: Shared[Scope, ScopeDocument],
) -> SpanDocument:
    """Encode a node of a trace; ``resources`` and ``scopes`` number what it shares with others."""
    missing = node.span is None
    span = node.span or _PLACEHOLDER
    attributes, types = plain_attributes(span.attributes)
    return SpanDocument(
        span_id=node.span_id,
        parent_span_id=span.parent_span_id,
        parent_index=node.parent,
        depth=node.depth,
        child_count=node.child_count,
        missing=missing,
        name=span.name,
        kind=kind_word(span.kind),
        service_name=span.service_name,
        identity=_identity(node.identity),
        start_time=format_time(node.start_ns),
        start_time_unix_nano=str(node.start_ns),
        duration=format_duration(node.duration_ns),
        duration_nano=str(node.duration_ns),
        self_time=format_duration(node.self_time_ns),
        self_time_nano=str(node.self_time_ns),
        clock_correction_nano=str(node.clock_correction_ns),
        on_critical_path=node.on_critical_path,
        critical_time=format_duration(node.critical_time_ns),
        critical_time_nano=str(node.critical_time_ns),
        status=StatusDocument(span.status_code.name.lower(), span.status_message),
        error=span.is_error,
        proxy=None if node.proxy is None else _proxy(node.proxy),
        response_flags=[
            ResponseFlagDocument(flag.flag, flag.meaning, flag.look_at)
            for flag in node.response_flags
        ],
        warnings=warning_documents(node.warnings),
        attributes=attributes,
        attribute_types=types,
        inherited_attributes=plain_attributes(node.inherited)[0],
        events=[_event(event) for event in span.events],
        links=[
            _link(link, target) for link, target in zip(span.links, node.link_targets, strict=True)
        ],
        resource=None if missing else resources.index(span.resource),
        scope=None if missing else scopes.index(span.scope),
        shares_span_id=node.shares_span_id,
        trace_state=span.trace_state,
        flags=span.flags,
        dropped_attributes_count=span.dropped_attributes_count,
        dropped_events_count=span.dropped_events_count,
        dropped_links_count=span.dropped_links_count,
    )


def resource_document(resource: Resource) -> ResourceDocument:
    """Encode a resource."""
    attributes, types = plain_attributes(resource.attributes)
    return ResourceDocument(
        attributes, types, resource.dropped_attributes_count, resource.schema_url
    )


def scope_document(scope: Scope) -> ScopeDocument:
    """Encode an instrumentation scope."""
    attributes, types = plain_attributes(scope.attributes)
    return ScopeDocument(
        scope.name,
        scope.version,
        attributes,
        types,
        scope.dropped_attributes_count,
        scope.schema_url,
    )


def warning_documents(warnings: Iterable[TraceWarning]) -> list[WarningDocument]:
    """Encode the warnings of a span or of a trace."""
    return [WarningDocument(warning.code.value, warning.message) for warning in warnings]


def _identity(identity: MeshIdentity) -> IdentityDocument:
    return IdentityDocument(
        identity.cluster,
        identity.namespace,
        identity.service,
        identity.version,
        identity.workload,
        identity.pod,
    )


def _proxy(call: ProxyCall) -> ProxyDocument:
    return ProxyDocument(call.hop.value, _peer(call.downstream), _peer(call.upstream))


def _peer(peer: Peer | None) -> PeerDocument | None:
    if peer is None:
        return None
    return PeerDocument(_identity(peer.identity), peer.source.value, peer.host, peer.address)


def _event(event: Event) -> EventDocument:
    attributes, types = plain_attributes(event.attributes)
    return EventDocument(
        format_time(event.time_ns),
        str(event.time_ns),
        event.name,
        attributes,
        types,
        event.dropped_attributes_count,
    )


def _link(link: Link, target: int | None) -> LinkDocument:
    attributes, types = plain_attributes(link.attributes)
    return LinkDocument(
        link.trace_id,
        link.span_id,
        target,
        link.trace_state,
        link.flags,
        attributes,
        types,
        link.dropped_attributes_count,
    )
