"""The shape of an OTLP/JSON trace request, as msgspec decodes it.

Every field may be absent or null (protobuf's JSON mapping). Members of profiles
(``stringValueStrindex``, ``keyStrindex``) are treated as absent.
"""

from __future__ import annotations

import msgspec

__all__ = [
    "AnyValue",
    "ArrayValue",
    "EntityRef",
    "Event",
    "ExportRequest",
    "Integer",
    "KeyValue",
    "KeyValueList",
    "Link",
    "Number",
    "Resource",
    "ResourceSpans",
    "Scope",
    "ScopeSpans",
    "Span",
    "Status",
]

Integer = int | float | str | None
"""An integer of the wire: a JSON number, or a string of digits as 64-bit fields have it."""

Number = int | float | str | None
"""A double of the wire: a JSON number, its digits in a string, NaN, Infinity or -Infinity."""


class _Camel(msgspec.Struct, rename="camel"):
    pass


class ArrayValue(_Camel):
    """``common.v1.ArrayValue``."""

    values: list[AnyValue] | None = None


class KeyValueList(_Camel):
    """``common.v1.KeyValueList``."""

    values: list[KeyValue] | None = None


class AnyValue(_Camel):
    """``common.v1.AnyValue``."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: Integer = None
    double_value: Number = None
    array_value: ArrayValue | None = None
    kvlist_value: KeyValueList | None = None
    bytes_value: str | None = None


class KeyValue(_Camel):
    """``common.v1.KeyValue``."""

    key: str | None = None
    value: AnyValue | None = None


class EntityRef(_Camel):
    """``common.v1.EntityRef``."""

    schema_url: str | None = None
    type: str | None = None
    id_keys: list[str] | None = None
    description_keys: list[str] | None = None


class Resource(_Camel):
    """``resource.v1.Resource``."""

    attributes: list[KeyValue] | None = None
    dropped_attributes_count: Integer = None
    entity_refs: list[EntityRef] | None = None


class Scope(_Camel):
    """``common.v1.InstrumentationScope``."""

    name: str | None = None
    version: str | None = None
    attributes: list[KeyValue] | None = None
    dropped_attributes_count: Integer = None


class Event(_Camel):
    """``trace.v1.Span.Event``."""

    time_unix_nano: Integer = None
    name: str | None = None
    attributes: list[KeyValue] | None = None
    dropped_attributes_count: Integer = None


class Link(_Camel):
    """``trace.v1.Span.Link``."""

    trace_id: str | None = None
    span_id: str | None = None
    trace_state: str | None = None
    attributes: list[KeyValue] | None = None
    dropped_attributes_count: Integer = None
    flags: Integer = None


class Status(_Camel):
    """``trace.v1.Status``."""

    message: str | None = None
    code: int | None = None


class Span(_Camel):
    """``trace.v1.Span``."""

    trace_id: str | None = None
    span_id: str | None = None
    trace_state: str | None = None
    parent_span_id: str | None = None
    flags: Integer = None
    name: str | None = None
    kind: int | None = None
    start_time_unix_nano: Integer = None
    end_time_unix_nano: Integer = None
    attributes: list[KeyValue] | None = None
    dropped_attributes_count: Integer = None
    events: list[Event] | None = None
    dropped_events_count: Integer = None
    links: list[Link] | None = None
    dropped_links_count: Integer = None
    status: Status | None = None


class ScopeSpans(_Camel):
    """``trace.v1.ScopeSpans``."""

    scope: Scope | None = None
    spans: list[Span] | None = None
    schema_url: str | None = None


class ResourceSpans(_Camel):
    """``trace.v1.ResourceSpans``."""

    resource: Resource | None = None
    scope_spans: list[ScopeSpans] | None = None
    schema_url: str | None = None


class ExportRequest(_Camel):
    """``collector.trace.v1.ExportTraceServiceRequest``."""

    resource_spans: list[ResourceSpans] | None = None
