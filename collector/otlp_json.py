"""OTLP/JSON requests to protobuf.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: protobuf's JSON mapping, but
ids are hexadecimal, enums integers only, keys lowerCamelCase only, unknown fields ignored.
Not json_format: it reads ids as base64 and is far slower than msgspec.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from collector import otlp_json_schema as schema
from collector.receivers.errors import Condition, RequestError, Undecodable

if TYPE_CHECKING:
    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

__all__ = ["MAX_OBJECTS", "MAX_VALUES", "to_protobuf"]

MAX_OBJECTS = 1_000_000
"""Objects in one request. They are decoded all at once, and each takes 100 to 300 bytes however
short it is: `{}` a million times took 250 MB, and 1.6 s. Usual requests reach it at 27 MiB."""

MAX_VALUES = 4_000_000
"""Members and elements in one request: as many short strings took 230 MB."""

NOT_AN_ID = b"?"
"""Stands for an id that is not hexadecimal: no valid id has one byte, so it is found later."""

_NOT_FINITE = ("NaN", "Infinity", "-Infinity")

_decode = msgspec.json.Decoder(schema.ExportRequest).decode


def to_protobuf(body: bytes) -> bytes:
    """Return the serialised ExportTraceServiceRequest that ``body`` says in OTLP/JSON.

    An id that is not hexadecimal makes its span invalid, not the request. If an AnyValue has
    several members, the first in the order of common.proto counts.

    Raises:
        Undecodable: ``body`` is not JSON, or a field has a value of a wrong type or range.
        RequestError: TOO_LARGE, it has more than MAX_OBJECTS or MAX_VALUES.
    """
    # The characters are counted wherever they are, so never less than there are objects.
    if body.count(b"{") > MAX_OBJECTS or body.count(b",") >= MAX_VALUES:
        raise RequestError(
            Condition.TOO_LARGE,
            f"the request has more than {MAX_OBJECTS:,} JSON objects or {MAX_VALUES:,} values; "
            "send smaller batches, or protobuf",
        )
    try:
        request = _decode(body)
        message = ExportTraceServiceRequest()
        for resource_spans in request.resource_spans or ():
            _resource_spans(resource_spans, message.resource_spans.add())
        return message.SerializeToString()
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise Undecodable(f"the body is not a valid OTLP/JSON request: {reason}") from error


def _resource_spans(source: schema.ResourceSpans, target: trace_pb2.ResourceSpans) -> None:
    if source.resource is not None:
        _resource(source.resource, target.resource)
    target.schema_url = source.schema_url or ""
    for scope_spans in source.scope_spans or ():
        _scope_spans(scope_spans, target.scope_spans.add())


def _resource(source: schema.Resource, target: resource_pb2.Resource) -> None:
    target.SetInParent()
    target.dropped_attributes_count = _integer(source.dropped_attributes_count)
    _attributes(source.attributes, target.attributes)
    for entity in source.entity_refs or ():
        target.entity_refs.add(
            schema_url=entity.schema_url or "",
            type=entity.type or "",
            id_keys=entity.id_keys or (),
            description_keys=entity.description_keys or (),
        )


def _scope_spans(source: schema.ScopeSpans, target: trace_pb2.ScopeSpans) -> None:
    scope = source.scope
    if scope is not None:
        target.scope.SetInParent()
        target.scope.name = scope.name or ""
        target.scope.version = scope.version or ""
        target.scope.dropped_attributes_count = _integer(scope.dropped_attributes_count)
        _attributes(scope.attributes, target.scope.attributes)
    target.schema_url = source.schema_url or ""
    for span in source.spans or ():
        _span(span, target.spans)


def _span(source: schema.Span, spans: RepeatedCompositeFieldContainer[trace_pb2.Span]) -> None:
    target = spans.add(
        trace_id=_id(source.trace_id),
        span_id=_id(source.span_id),
        trace_state=source.trace_state or "",
        parent_span_id=_id(source.parent_span_id),
        flags=_integer(source.flags),
        name=source.name or "",
        kind=source.kind or 0,
        start_time_unix_nano=_integer(source.start_time_unix_nano),
        end_time_unix_nano=_integer(source.end_time_unix_nano),
        dropped_attributes_count=_integer(source.dropped_attributes_count),
        dropped_events_count=_integer(source.dropped_events_count),
        dropped_links_count=_integer(source.dropped_links_count),
    )
    _attributes(source.attributes, target.attributes)
    for event in source.events or ():
        added = target.events.add(
            time_unix_nano=_integer(event.time_unix_nano),
            name=event.name or "",
            dropped_attributes_count=_integer(event.dropped_attributes_count),
        )
        _attributes(event.attributes, added.attributes)
    for link in source.links or ():
        _link(link, target)
    if source.status is not None:
        target.status.SetInParent()
        target.status.message = source.status.message or ""
        code = source.status.code or 0
        target.status.code = cast("trace_pb2.Status.StatusCode.ValueType", code)


def _link(source: schema.Link, span: trace_pb2.Span) -> None:
    target = span.links.add(
        trace_id=_id(source.trace_id),
        span_id=_id(source.span_id),
        trace_state=source.trace_state or "",
        dropped_attributes_count=_integer(source.dropped_attributes_count),
        flags=_integer(source.flags),
    )
    _attributes(source.attributes, target.attributes)


def _attributes(
    source: Iterable[schema.KeyValue] | None,
    target: RepeatedCompositeFieldContainer[common_pb2.KeyValue],
) -> None:
    for attribute in source or ():
        added = target.add(key=attribute.key or "")
        if attribute.value is not None:
            added.value.SetInParent()
            _any_value(attribute.value, added.value)


def _any_value(source: schema.AnyValue, target: common_pb2.AnyValue) -> None:
    if source.string_value is not None:
        target.string_value = source.string_value
    elif source.bool_value is not None:
        target.bool_value = source.bool_value
    elif source.int_value is not None:
        target.int_value = _integer(source.int_value)
    elif source.double_value is not None:
        target.double_value = _double(source.double_value)
    elif source.array_value is not None:
        target.array_value.SetInParent()
        for element in source.array_value.values or ():
            _any_value(element, target.array_value.values.add())
    elif source.kvlist_value is not None:
        target.kvlist_value.SetInParent()
        _attributes(source.kvlist_value.values, target.kvlist_value.values)
    elif source.bytes_value is not None:
        target.bytes_value = _base64(source.bytes_value)


def _id(text: str | None) -> bytes:
    if not text:
        return b""
    try:
        return binascii.unhexlify(text)
    except ValueError:
        return NOT_AN_ID


def _integer(value: schema.Integer) -> int:
    if value is None:
        return 0
    if isinstance(value, float):
        if not value.is_integer():
            raise ValueError(f"{value!r} is not an integer")
        return int(value)
    if isinstance(value, str) and not value.removeprefix("-").isdecimal():
        raise ValueError(f"{value[:32]!r} is not an integer")
    return int(value)


def _double(value: int | float | str) -> float:
    if isinstance(value, str) and value not in _NOT_FINITE and not value[-1:].isdecimal():
        raise ValueError(f"{value[:32]!r} is not a number")
    return float(value)


def _base64(text: str) -> bytes:
    # As protobuf's mapping: the standard or the URL-safe alphabet, with or without padding.
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
