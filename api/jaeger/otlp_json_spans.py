"""OTLP/JSON documents as spans, without a store in between.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: protobuf's JSON mapping, but
ids are hexadecimal. Unknown fields are ignored; every field may be absent or null.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

import msgspec

from model.attributes import Attributes, JsonValue, attributes_from_json
from model.ids import parse_span_id, parse_trace_id
from model.span import Event, Link, Resource, Scope, Span, SpanKind, StatusCode

__all__ = ["spans_of_otlp_json"]

_Integer = int | float | str | None
_KeyValues = list[dict[str, object]] | None

# Enums come as numbers; protobuf's own JSON has their names. One of the future counts as none.
_KINDS: dict[int | str | None, SpanKind] = {int(kind): kind for kind in SpanKind}
_KINDS |= {f"SPAN_KIND_{kind.name}": kind for kind in SpanKind}
_STATUSES: dict[int | str | None, StatusCode] = {int(code): code for code in StatusCode}
_STATUSES |= {f"STATUS_CODE_{code.name}": code for code in StatusCode}
_MAX_UINT64 = 2**64 - 1


class _Camel(msgspec.Struct, rename="camel"):
    pass


class _Attributed(_Camel):
    attributes: _KeyValues = None
    dropped_attributes_count: _Integer = None


class _Scope(_Attributed):
    name: str | None = None
    version: str | None = None


class _Event(_Attributed):
    time_unix_nano: _Integer = None
    name: str | None = None


class _Link(_Attributed):
    trace_id: str | None = None
    span_id: str | None = None
    trace_state: str | None = None
    flags: _Integer = None


class _Status(_Camel):
    message: str | None = None
    code: int | str | None = None


class _Span(_Attributed):
    trace_id: str | None = None
    span_id: str | None = None
    trace_state: str | None = None
    parent_span_id: str | None = None
    flags: _Integer = None
    name: str | None = None
    kind: int | str | None = None
    start_time_unix_nano: _Integer = None
    end_time_unix_nano: _Integer = None
    events: list[_Event] | None = None
    dropped_events_count: _Integer = None
    links: list[_Link] | None = None
    dropped_links_count: _Integer = None
    status: _Status | None = None


class _ScopeSpans(_Camel):
    scope: _Scope | None = None
    spans: list[_Span] | None = None
    schema_url: str | None = None


class _ResourceSpans(_Camel):
    resource: _Attributed | None = None
    scope_spans: list[_ScopeSpans] | None = None
    schema_url: str | None = None


class _Request(_Camel):
    resource_spans: list[_ResourceSpans] | None = None


_decode = msgspec.json.Decoder(_Request).decode


def spans_of_otlp_json(document: bytes) -> Iterator[Span]:
    """Yield the spans of an ExportTraceServiceRequest (or TracesData) in OTLP/JSON, in order.

    A span that ends before it starts has the duration 0. Raises ValueError.
    """
    try:
        request = _decode(document)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    for resource_spans in request.resource_spans or ():
        resource = _resource(resource_spans)
        name = resource.attributes.get("service.name")
        service_name = name if isinstance(name, str) else ""
        for scope_spans in resource_spans.scope_spans or ():
            scope = _scope(scope_spans)
            for span in scope_spans.spans or ():
                yield _span(span, resource, scope, service_name)


def _resource(source: _ResourceSpans) -> Resource:
    sent = source.resource or _Attributed()
    return Resource(_attributes(sent), _dropped(sent), source.schema_url or "")


def _scope(source: _ScopeSpans) -> Scope:
    sent = source.scope or _Scope()
    return Scope(
        sent.name or "",
        sent.version or "",
        _attributes(sent),
        _dropped(sent),
        source.schema_url or "",
    )


def _span(source: _Span, resource: Resource, scope: Scope, service_name: str) -> Span:
    start_ns = _integer(source.start_time_unix_nano)
    status = source.status or _Status()
    parent = (source.parent_span_id or "").strip("0")
    return Span(
        trace_id=parse_trace_id(source.trace_id or ""),
        span_id=parse_span_id(source.span_id or ""),
        name=source.name or "",
        start_ns=start_ns,
        duration_ns=max(0, _integer(source.end_time_unix_nano) - start_ns),
        parent_span_id=parse_span_id(source.parent_span_id or "") if parent else "",
        kind=_KINDS.get(source.kind, SpanKind.UNSPECIFIED),
        status_code=_STATUSES.get(status.code, StatusCode.UNSET),
        status_message=status.message or "",
        trace_state=source.trace_state or "",
        flags=_integer(source.flags),
        attributes=_attributes(source),
        events=tuple(_events(source.events or ())),
        links=tuple(_links(source.links or ())),
        dropped_attributes_count=_dropped(source),
        dropped_events_count=_integer(source.dropped_events_count),
        dropped_links_count=_integer(source.dropped_links_count),
        resource=resource,
        scope=scope,
        service_name=service_name,
    )


def _events(sources: Iterable[_Event]) -> Iterator[Event]:
    for source in sources:
        time_ns = _integer(source.time_unix_nano)
        yield Event(time_ns, source.name or "", _attributes(source), _dropped(source))


def _links(sources: Iterable[_Link]) -> Iterator[Link]:
    for source in sources:
        yield Link(
            parse_trace_id(source.trace_id or ""),
            parse_span_id(source.span_id or ""),
            source.trace_state or "",
            _attributes(source),
            _dropped(source),
            _integer(source.flags),
        )


def _attributes(source: _Attributed) -> Attributes:
    return attributes_from_json(cast("list[Mapping[str, JsonValue]]", source.attributes or []))


def _dropped(source: _Attributed) -> int:
    return _integer(source.dropped_attributes_count)


def _integer(value: _Integer) -> int:
    """An unsigned integer: a JSON number, or its digits in a string."""
    if value is None:
        return 0
    if isinstance(value, str) and not (value.isascii() and value.isdecimal()):
        raise ValueError(f"{value[:32]!r} is not an integer")
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(f"{value!r} is not an integer")
    number = int(value)
    if not 0 <= number <= _MAX_UINT64:
        raise ValueError(f"{str(number)[:32]} is beyond 64 bits")
    return number
