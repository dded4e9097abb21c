"""Spans as OTLP's own messages, as ``jaeger.api_v3`` streams them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opentelemetry.proto.common.v1.common_pb2 import (
    AnyValue,
    ArrayValue,
    InstrumentationScope,
    KeyValue,
    KeyValueList,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource as ResourceMessage
from opentelemetry.proto.trace.v1 import trace_pb2 as otlp

from api.jaeger.adjust import AdjustedSpan
from api.jaeger.stored_warnings import WARNINGS_KEY
from model.attributes import Attributes, AttributeValue
from model.span import Event, Link, Resource, Scope, Span, SpanKind, StatusCode

__all__ = ["SPANS_PER_MESSAGE", "span_message", "traces_data"]

SPANS_PER_MESSAGE = 100
"""Few enough that the first ones are there early, many enough that resources repeat rarely."""

_KINDS = {kind: otlp.Span.SpanKind.Value(f"SPAN_KIND_{kind.name}") for kind in SpanKind}
_STATUSES = {code: otlp.Status.StatusCode.Value(f"STATUS_CODE_{code.name}") for code in StatusCode}
_FRAME_BYTES = 8  # tag and length before a span, a scope or a resource


def traces_data(spans: Iterable[AdjustedSpan], max_bytes: int) -> Iterator[otlp.TracesData]:
    """Yield the spans of one trace in messages of at most :data:`SPANS_PER_MESSAGE`.

    Spans stay in order; neighbours share their resource and scope. A message has at most
    ``max_bytes``, but for a span that is larger by itself.
    """
    data, group = otlp.TracesData(), otlp.ScopeSpans()
    last: Span | None = None
    number = size = 0
    for adjusted in spans:
        span, message = adjusted.span, span_message(adjusted)
        needed = message.ByteSize() + _FRAME_BYTES
        if number and (number == SPANS_PER_MESSAGE or size + needed > max_bytes):
            yield data
            data, last = otlp.TracesData(), None
            number = size = 0
        if last is None or span.resource != last.resource or span.scope != last.scope:
            group, taken = _add_group(data, span)
            needed += taken
        group.spans.append(message)
        last = span
        number += 1
        size += needed
    if number:
        yield data


def _add_group(data: otlp.TracesData, span: Span) -> tuple[otlp.ScopeSpans, int]:
    """Add a place for spans of this resource and scope; return it and its bytes."""
    resource = data.resource_spans.add(
        resource=_resource(span.resource), schema_url=span.resource.schema_url
    )
    group = resource.scope_spans.add(scope=_scope(span.scope), schema_url=span.scope.schema_url)
    return group, resource.ByteSize() + 2 * _FRAME_BYTES


def span_message(adjusted: AdjustedSpan) -> otlp.Span:
    """Return a span; its warnings, if any, are an attribute, as Jaeger keeps them."""
    span, attributes = adjusted.span, adjusted.span.attributes
    if adjusted.warnings:
        attributes = {**attributes, WARNINGS_KEY: list(adjusted.warnings)}
    return otlp.Span(
        trace_id=bytes.fromhex(span.trace_id),
        span_id=bytes.fromhex(span.span_id),
        trace_state=span.trace_state,
        parent_span_id=bytes.fromhex(span.parent_span_id),
        flags=span.flags,
        name=span.name,
        kind=_KINDS[span.kind],
        start_time_unix_nano=span.start_ns,
        end_time_unix_nano=span.end_ns,
        attributes=_attributes(attributes),
        dropped_attributes_count=span.dropped_attributes_count,
        events=map(_event, span.events),
        dropped_events_count=span.dropped_events_count,
        links=map(_link, span.links),
        dropped_links_count=span.dropped_links_count,
        status=otlp.Status(code=_STATUSES[span.status_code], message=span.status_message),
    )


def _resource(resource: Resource) -> ResourceMessage:
    return ResourceMessage(
        attributes=_attributes(resource.attributes),
        dropped_attributes_count=resource.dropped_attributes_count,
    )


def _scope(scope: Scope) -> InstrumentationScope:
    return InstrumentationScope(
        name=scope.name,
        version=scope.version,
        attributes=_attributes(scope.attributes),
        dropped_attributes_count=scope.dropped_attributes_count,
    )


def _event(event: Event) -> otlp.Span.Event:
    return otlp.Span.Event(
        time_unix_nano=event.time_ns,
        name=event.name,
        attributes=_attributes(event.attributes),
        dropped_attributes_count=event.dropped_attributes_count,
    )


def _link(link: Link) -> otlp.Span.Link:
    return otlp.Span.Link(
        trace_id=bytes.fromhex(link.trace_id),
        span_id=bytes.fromhex(link.span_id),
        trace_state=link.trace_state,
        attributes=_attributes(link.attributes),
        dropped_attributes_count=link.dropped_attributes_count,
        flags=link.flags,
    )


def _attributes(attributes: Attributes) -> list[KeyValue]:
    return [KeyValue(key=key, value=_any_value(value)) for key, value in attributes.items()]


def _any_value(value: AttributeValue) -> AnyValue:
    match value:
        case None:
            return AnyValue()
        case bool():
            return AnyValue(bool_value=value)
        case str():
            return AnyValue(string_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=map(_any_value, value)))
        case dict():
            return AnyValue(kvlist_value=KeyValueList(values=_attributes(value)))
