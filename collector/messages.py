"""OTLP trace messages in two wire-compatible forms, both derived from the official descriptors.

- ``LenientExportRequest``: the whole ExportTraceServiceRequest, but every ``string`` is
  ``bytes``, so that a span with invalid UTF-8 can be mended instead of failing its request.
- ``ShadowExportRequest``: the form for the hot path. Besides, what many spans share or few
  spans have (attributes, resource, scope, events, links) stays raw bytes: the decoder interns
  these, so most attributes are never parsed at all.

Both are wire compatible because ``string``, ``bytes`` and messages share one wire type
(https://protobuf.dev/programming-guides/encoding/); unknown fields are kept. The protocol
classes below only tell the type checker which fields the derived classes have.
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence, Sequence
from typing import Protocol, TypeVar, cast

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

__all__ = [
    "EXPORT_REQUEST",
    "AnyValue",
    "Event",
    "ExportRequest",
    "KeyValue",
    "LenientEvent",
    "LenientExportRequest",
    "LenientKeyValue",
    "LenientLink",
    "LenientResource",
    "LenientScope",
    "Link",
    "Resource",
    "Scope",
    "ShadowExportRequest",
    "ShadowRequest",
    "ShadowSpan",
]

M_co = TypeVar("M_co", covariant=True)


class MessageClass(Protocol[M_co]):
    """A message class of a derived form."""

    def __call__(self) -> M_co: ...

    def FromString(self, data: bytes, /) -> M_co: ...  # noqa: N802 - protobuf's own method


class ArrayValue(Protocol):
    """``common.v1.ArrayValue``."""

    values: Sequence[AnyValue]


class KeyValueList(Protocol):
    """``common.v1.KeyValueList``."""

    values: Sequence[KeyValue]


class AnyValue(Protocol):
    """``common.v1.AnyValue`` with bytes for strings."""

    string_value: bytes
    bool_value: bool
    int_value: int
    double_value: float
    bytes_value: bytes
    array_value: ArrayValue
    kvlist_value: KeyValueList

    def WhichOneof(self, name: str, /) -> str | None: ...  # noqa: D102, N802 - protobuf's own method


class KeyValue(Protocol):
    """``common.v1.KeyValue`` with a bytes key."""

    key: bytes
    value: AnyValue


class Resource(Protocol):
    """``resource.v1.Resource``."""

    attributes: Sequence[KeyValue]
    dropped_attributes_count: int


class Scope(Protocol):
    """``common.v1.InstrumentationScope``."""

    name: bytes
    version: bytes
    attributes: Sequence[KeyValue]
    dropped_attributes_count: int


class Event(Protocol):
    """``trace.v1.Span.Event``."""

    time_unix_nano: int
    name: bytes
    attributes: Sequence[KeyValue]
    dropped_attributes_count: int


class Link(Protocol):
    """``trace.v1.Span.Link``."""

    trace_id: bytes
    span_id: bytes
    trace_state: bytes
    attributes: Sequence[KeyValue]
    dropped_attributes_count: int
    flags: int


class _Status(Protocol):
    code: int
    message: bytes


class ShadowSpan(Protocol):
    """``trace.v1.Span`` whose attributes, events and links are raw messages."""

    trace_id: bytes
    span_id: bytes
    parent_span_id: bytes
    trace_state: bytes
    flags: int
    name: bytes
    kind: int
    start_time_unix_nano: int
    end_time_unix_nano: int
    attributes: Sequence[bytes]
    dropped_attributes_count: int
    events: Sequence[bytes]
    dropped_events_count: int
    links: Sequence[bytes]
    dropped_links_count: int
    status: _Status


class _ShadowScopeSpans(Protocol):
    scope: bytes
    spans: Sequence[ShadowSpan]
    schema_url: bytes


class _ShadowResourceSpans(Protocol):
    resource: bytes
    scope_spans: Sequence[_ShadowScopeSpans]
    schema_url: bytes


class ShadowRequest(Protocol):
    """``ExportTraceServiceRequest`` in the shadow form."""

    resource_spans: Sequence[_ShadowResourceSpans]


class _SpanParts(Protocol):
    trace_id: bytes
    span_id: bytes
    attributes: Sequence[KeyValue]
    events: Sequence[Event]
    links: Sequence[Link]


class _ScopeSpans(Protocol):
    spans: MutableSequence[_SpanParts]

    def SerializeToString(self) -> bytes: ...  # noqa: N802 - protobuf's own method


class _ResourceSpans(Protocol):
    scope_spans: MutableSequence[_ScopeSpans]

    def SerializeToString(self) -> bytes: ...  # noqa: N802 - protobuf's own method


class ExportRequest(Protocol):
    """``ExportTraceServiceRequest`` in the lenient form, as far as receivers look into it."""

    resource_spans: MutableSequence[_ResourceSpans]

    def SerializeToString(self) -> bytes: ...  # noqa: D102, N802 - protobuf's own method


_OFFICIAL_FILES: tuple[FileDescriptor, ...] = (
    common_pb2.DESCRIPTOR,
    resource_pb2.DESCRIPTOR,
    trace_pb2.DESCRIPTOR,
    trace_service_pb2.DESCRIPTOR,
)

_RAW_IN_SHADOW = frozenset(
    {
        "Span.attributes",
        "Span.events",
        "Span.links",
        "ResourceSpans.resource",
        "ScopeSpans.scope",
    }
)


def _is_string(_: str, field: FieldDescriptorProto) -> bool:
    return field.type == FieldDescriptorProto.TYPE_STRING


def _is_string_or_raw(path: str, field: FieldDescriptorProto) -> bool:
    return path in _RAW_IN_SHADOW or _is_string(path, field)


def _derive(
    becomes_bytes: Callable[[str, FieldDescriptorProto], bool],
) -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    for official in _OFFICIAL_FILES:
        proto = FileDescriptorProto()
        official.CopyToProto(proto)
        for message in proto.message_type:
            _rewrite(message, becomes_bytes)
        pool.Add(proto)
    return pool


def _rewrite(
    message: DescriptorProto, becomes_bytes: Callable[[str, FieldDescriptorProto], bool]
) -> None:
    for field in message.field:
        if becomes_bytes(f"{message.name}.{field.name}", field):
            field.type = FieldDescriptorProto.TYPE_BYTES
            field.ClearField("type_name")
    for nested in message.nested_type:
        _rewrite(nested, becomes_bytes)


def _message(pool: descriptor_pool.DescriptorPool, name: str) -> object:
    descriptor = pool.FindMessageTypeByName(f"opentelemetry.proto.{name}")
    return message_factory.GetMessageClass(descriptor)


_REQUEST = "collector.trace.v1.ExportTraceServiceRequest"
_lenient = _derive(_is_string)
_shadow = _derive(_is_string_or_raw)

EXPORT_REQUEST: Descriptor = _lenient.FindMessageTypeByName(f"opentelemetry.proto.{_REQUEST}")
"""The descriptor of the lenient form: which fields are messages, and of which type."""

LenientExportRequest = cast("MessageClass[ExportRequest]", _message(_lenient, _REQUEST))
LenientResource = cast("MessageClass[Resource]", _message(_lenient, "resource.v1.Resource"))
LenientScope = cast("MessageClass[Scope]", _message(_lenient, "common.v1.InstrumentationScope"))
LenientKeyValue = cast("MessageClass[KeyValue]", _message(_lenient, "common.v1.KeyValue"))
LenientEvent = cast("MessageClass[Event]", _message(_lenient, "trace.v1.Span.Event"))
LenientLink = cast("MessageClass[Link]", _message(_lenient, "trace.v1.Span.Link"))
ShadowExportRequest = cast("MessageClass[ShadowRequest]", _message(_shadow, _REQUEST))
