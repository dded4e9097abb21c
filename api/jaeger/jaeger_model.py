"""Jaeger's own data model (``jaeger.api_v2``), which its legacy JSON and its gRPC share.

Made from OTLP as Jaeger and the Collector's ``pkg/translator/jaeger`` do (jaeger-api §5).
"""

from __future__ import annotations

import base64
import math
from enum import IntEnum, StrEnum

import msgspec

from api.jaeger.adjust import AdjustedSpan
from api.jaeger.stored_warnings import WARNINGS_KEY
from model.attributes import Attributes, AttributeValue, JsonValue
from model.span import Event, Link, Resource, Span, SpanKind, StatusCode

__all__ = [
    "JaegerSpan",
    "KeyValue",
    "Log",
    "Process",
    "ProcessTable",
    "RefType",
    "Reference",
    "ValueType",
    "number_text",
    "to_jaeger",
    "to_process",
]

_NO_ATTRIBUTES = "OTLPResourceNoServiceName"
_NO_SERVICE_NAME = "missing-service-name"
_EMPTY_SERVICE_NAME = "empty-service-name"
_SERVICE_NAME = "service.name"
_HOST_NAME = "hostname"
_HOST_NAME_SOURCES = ("k8s.pod.name", "host.name")
_TRACE_FLAGS = 0xFF  # the rest of OTLP's flags tells about the parent


class ValueType(StrEnum):
    """Type of a tag's value, in the words of the legacy JSON."""

    STRING = "string"
    BOOL = "bool"
    INT64 = "int64"
    FLOAT64 = "float64"
    BINARY = "binary"


class RefType(IntEnum):
    """How a span refers to another, with the numbers of ``api_v2``."""

    CHILD_OF = 0
    FOLLOWS_FROM = 1


class KeyValue(msgspec.Struct, frozen=True, gc=False):
    """A tag; ``value`` has the Python type of ``type`` (arrays and maps are JSON text)."""

    key: str
    type: ValueType
    value: str | bool | int | float | bytes


class Reference(msgspec.Struct, frozen=True, gc=False):
    """A reference to a span; ids are 32 and 16 hex digits."""

    type: RefType
    trace_id: str
    span_id: str


class Log(msgspec.Struct, frozen=True, gc=False):
    """A timed event (nanoseconds since the epoch)."""

    time_ns: int
    fields: tuple[KeyValue, ...]


class Process(msgspec.Struct, frozen=True, gc=False):
    """Who made spans."""

    service_name: str
    tags: tuple[KeyValue, ...]


class JaegerSpan(msgspec.Struct, frozen=True, gc=False):
    """A span; times in nanoseconds, ids of 32 and 16 hex digits, the parent reference first."""

    trace_id: str
    span_id: str
    operation_name: str
    references: tuple[Reference, ...]
    flags: int
    start_ns: int
    duration_ns: int
    tags: tuple[KeyValue, ...]
    logs: tuple[Log, ...]
    process: Process
    warnings: tuple[str, ...]


class ProcessTable:
    """The processes of one trace: one object for all spans of equal resources."""

    def __init__(self) -> None:
        self._of_resource: dict[int, tuple[Resource, Process]] = {}
        self._shared: dict[bytes, Process] = {}

    def process(self, resource: Resource) -> Process:
        """Return the process of ``resource``."""
        known = self._of_resource.get(id(resource))
        if known is None:
            process = to_process(resource)
            process = self._shared.setdefault(msgspec.json.encode(process), process)
            # The resource is kept, so that no other gets its id.
            known = self._of_resource[id(resource)] = (resource, process)
        return known[1]


def to_jaeger(adjusted: AdjustedSpan, process: Process | None = None) -> JaegerSpan:
    """Return a span in Jaeger's model.

    Args:
        adjusted: the span, and the warnings to show.
        process: of the span's resource, when it is made already.
    """
    span = adjusted.span
    return JaegerSpan(
        span.trace_id,
        span.span_id,
        span.name,
        _references(span),
        span.flags & _TRACE_FLAGS,
        span.start_ns,
        span.duration_ns,
        _tags(span),
        tuple([_log(event) for event in span.events]),
        to_process(span.resource) if process is None else process,
        adjusted.warnings,
    )


def to_process(resource: Resource) -> Process:
    """Return who a resource is.

    The tag ``hostname`` is by what Kiali tells the spans of a workload; it is made from the pod's
    or the host's name when it was not sent (kiali-backend §6.2).
    """
    attributes = resource.attributes
    tags = [_key_value(key, value) for key, value in attributes.items() if key != _SERVICE_NAME]
    if _HOST_NAME not in attributes:
        for key in _HOST_NAME_SOURCES:
            name = attributes.get(key)
            if isinstance(name, str) and name:
                tags.append(KeyValue(_HOST_NAME, ValueType.STRING, name))
                break
    return Process(_service_name(attributes), tuple(tags))


def number_text(value: float) -> str:
    """Return the name of a number that JSON does not have, as JavaScript reads it."""
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _service_name(attributes: Attributes) -> str:
    """The name, or what Jaeger puts in its place: collectors of Jaeger never leave it empty."""
    if not attributes:
        return _NO_ATTRIBUTES
    name = attributes.get(_SERVICE_NAME)
    if name is None:
        return _NO_SERVICE_NAME
    return _text(name) or _EMPTY_SERVICE_NAME


def _tags(span: Span) -> tuple[KeyValue, ...]:
    """In the order of the Collector's translator, by which clients take the first of a key."""
    tags: list[KeyValue] = []
    if span.scope.name:
        tags.append(KeyValue("otel.scope.name", ValueType.STRING, span.scope.name))
    if span.scope.version:
        tags.append(KeyValue("otel.scope.version", ValueType.STRING, span.scope.version))
    tags += [
        _key_value(key, value) for key, value in span.attributes.items() if key != WARNINGS_KEY
    ]
    if span.kind is not SpanKind.UNSPECIFIED:
        tags.append(_KIND_TAGS[span.kind])
    if span.status_code is not StatusCode.UNSET:
        tags.append(_STATUS_TAGS[span.status_code])
    if span.status_code is StatusCode.ERROR:
        tags.append(_ERROR_TAG)
    if span.status_message:
        tags.append(KeyValue("otel.status_description", ValueType.STRING, span.status_message))
    if span.trace_state:
        tags.append(KeyValue("w3c.tracestate", ValueType.STRING, span.trace_state))
    return tuple(tags)


_KIND_TAGS = {kind: KeyValue("span.kind", ValueType.STRING, kind.name.lower()) for kind in SpanKind}
_STATUS_TAGS = {
    code: KeyValue("otel.status_code", ValueType.STRING, code.name) for code in StatusCode
}
_ERROR_TAG = KeyValue("error", ValueType.BOOL, value=True)


def _references(span: Span) -> tuple[Reference, ...]:
    references = [_reference(link) for link in span.links]
    if span.parent_span_id:
        # First, as clients take the first CHILD_OF for the parent.
        references.insert(0, Reference(RefType.CHILD_OF, span.trace_id, span.parent_span_id))
    return tuple(references)


def _reference(link: Link) -> Reference:
    is_child = link.attributes.get("opentracing.ref_type") == "child_of"
    kind = RefType.CHILD_OF if is_child else RefType.FOLLOWS_FROM
    return Reference(kind, link.trace_id, link.span_id)


def _log(event: Event) -> Log:
    fields = [_key_value(key, value) for key, value in event.attributes.items()]
    if event.name and "event" not in event.attributes:
        fields.insert(0, KeyValue("event", ValueType.STRING, event.name))
    return Log(event.time_ns, tuple(fields))


def _key_value(key: str, value: AttributeValue) -> KeyValue:
    if type(value) is str:  # most are
        return KeyValue(key, ValueType.STRING, value)
    match value:
        case bool():
            return KeyValue(key, ValueType.BOOL, value)
        case int():
            return KeyValue(key, ValueType.INT64, value)
        case float():
            return KeyValue(key, ValueType.FLOAT64, value)
        case bytes():
            return KeyValue(key, ValueType.BINARY, value)
        case _:
            return KeyValue(key, ValueType.STRING, _text(value))


def _text(value: AttributeValue) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case _:
            return msgspec.json.encode(_plain(value)).decode()


def _plain(value: AttributeValue) -> JsonValue:
    match value:
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case float() if not math.isfinite(value):
            return number_text(value)
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value
