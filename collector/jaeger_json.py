"""Jaeger's JSON (what Jaeger UI downloads) as OTLP/JSON.

Follows the Collector's ``pkg/translator/jaeger``: the tags that stand for OTLP fields
(``span.kind``, ``otel.status_code``, ``otel.scope.name``, ``w3c.tracestate``, …) become these
fields, everything else stays an attribute. Times are microseconds in Jaeger's JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from model.attributes import JsonValue

__all__ = ["JaegerJsonError", "jaeger_to_otlp"]

_KINDS = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
_STATUS = {"OK": 1, "ERROR": 2}
_SCOPE_NAME = ("otel.scope.name", "otel.library.name")
_SCOPE_VERSION = ("otel.scope.version", "otel.library.version")
_WARNINGS_KEY = "@jaeger@warnings"

_Otlp = dict[str, JsonValue]


class JaegerJsonError(ValueError):
    """The document is not what Jaeger writes; the message says where."""


class _Tag(msgspec.Struct, frozen=True):
    key: str
    value: str | bool | int | float | list[object] | dict[str, object] | None = None
    type: str = ""


class _Reference(msgspec.Struct, frozen=True, rename={"type": "refType"}):
    type: str
    trace_id: str = msgspec.field(name="traceID")
    span_id: str = msgspec.field(name="spanID")


class _Log(msgspec.Struct, frozen=True):
    timestamp: int
    fields: list[_Tag] = []


class _Process(msgspec.Struct, frozen=True):
    service_name: str = msgspec.field(name="serviceName", default="")
    tags: list[_Tag] = []


class _Span(msgspec.Struct, frozen=True):
    trace_id: str = msgspec.field(name="traceID")
    span_id: str = msgspec.field(name="spanID")
    operation_name: str = msgspec.field(name="operationName", default="")
    parent_span_id: str = msgspec.field(name="parentSpanID", default="")
    references: list[_Reference] | None = None
    flags: int = 0
    start_time: int = msgspec.field(name="startTime", default=0)
    duration: int = 0
    tags: list[_Tag] | None = None
    logs: list[_Log] | None = None
    process_id: str = msgspec.field(name="processID", default="")
    process: _Process | None = None
    warnings: list[str] | None = None


class _Trace(msgspec.Struct, frozen=True):
    spans: list[_Span]
    processes: dict[str, _Process] = {}


_decode = msgspec.json.Decoder(_Trace).decode


def jaeger_to_otlp(traces: Iterable[bytes | msgspec.Raw]) -> Iterator[_Otlp]:
    """Yield an ExportTraceServiceRequest in OTLP/JSON for each of ``traces``, a trace's JSON each.

    Raises JaegerJsonError as it comes to a trace.
    """
    for document in traces:
        try:
            trace = _decode(document)
        except msgspec.DecodeError as error:
            raise JaegerJsonError(f"not Jaeger's JSON: {error}") from error
        yield _request(trace)


def _request(trace: _Trace) -> _Otlp:
    by_resource: dict[bytes, tuple[_Process, dict[tuple[str, str], list[JsonValue]]]] = {}
    for span in trace.spans:
        process = span.process or trace.processes.get(span.process_id, _Process())
        _, scopes = by_resource.setdefault(msgspec.json.encode(process), (process, {}))
        tags = span.tags or []
        scope = (_text(tags, *_SCOPE_NAME), _text(tags, *_SCOPE_VERSION))
        scopes.setdefault(scope, []).append(_span(span))
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _resource_attributes(process)},
                "scopeSpans": [
                    {"scope": {"name": name, "version": version}, "spans": spans}
                    for (name, version), spans in scopes.items()
                ],
            }
            for process, scopes in by_resource.values()
        ]
    }


def _resource_attributes(process: _Process) -> list[JsonValue]:
    name = _Tag("service.name", process.service_name, "string")
    return [_attribute(tag) for tag in (name, *process.tags)]


def _span(span: _Span) -> _Otlp:
    tags = span.tags or []
    attributes, status = _attributes_and_status(tags)
    if span.warnings:
        values: list[JsonValue] = [{"stringValue": text} for text in span.warnings]
        attributes.append({"key": _WARNINGS_KEY, "value": {"arrayValue": {"values": values}}})
    parent, links = _parent_and_links(span)
    return {
        "traceId": span.trace_id.zfill(32),
        "spanId": span.span_id.zfill(16),
        "parentSpanId": parent.zfill(16) if parent else "",
        "traceState": _text(tags, "w3c.tracestate"),
        "flags": span.flags & 0xFF,
        "name": span.operation_name,
        "kind": _KINDS.get(_text(tags, "span.kind").lower(), 0),
        "startTimeUnixNano": str(span.start_time * 1000),
        "endTimeUnixNano": str((span.start_time + span.duration) * 1000),
        "attributes": attributes,
        "events": [_event(log) for log in span.logs or []],
        "links": links,
        "status": status,
    }


def _attributes_and_status(tags: Sequence[_Tag]) -> tuple[list[JsonValue], _Otlp]:
    code, message = 0, ""
    kept: list[JsonValue] = []
    for tag in tags:
        if tag.key == "otel.status_code" and tag.value in _STATUS:
            code = _STATUS[str(tag.value)]
        elif tag.key == "otel.status_description":
            message = str(tag.value)
        elif tag.key == "error" and tag.value is True:
            code = code or _STATUS["ERROR"]
        elif not _is_field(tag):
            kept.append(_attribute(tag))
    return kept, {"code": code, "message": message}


def _is_field(tag: _Tag) -> bool:
    """Whether the tag has become a field of the span, its scope or its resource."""
    if tag.key == "span.kind":
        return str(tag.value).lower() in _KINDS
    return tag.key in (*_SCOPE_NAME, *_SCOPE_VERSION, "w3c.tracestate")


def _parent_and_links(span: _Span) -> tuple[str, list[JsonValue]]:
    """The parent is the first CHILD_OF of the same trace, else the first FOLLOWS_FROM."""
    references = span.references or []
    mine = [r for r in references if r.trace_id.zfill(32) == span.trace_id.zfill(32)]
    parent = next((r for r in mine if r.type == "CHILD_OF"), mine[0] if mine else None)
    links: list[JsonValue] = [
        {
            "traceId": reference.trace_id.zfill(32),
            "spanId": reference.span_id.zfill(16),
            "attributes": [
                _attribute(_Tag("opentracing.ref_type", reference.type.lower(), "string"))
            ],
        }
        for reference in references
        if reference is not parent
    ]
    return (parent.span_id if parent else span.parent_span_id), links


def _event(log: _Log) -> _Otlp:
    """The field ``event`` is the event's name; it stays an attribute if it is no text."""
    name = _text(log.fields, "event")
    fields = [f for f in log.fields if not (f.key == "event" and f.value == name)]
    return {
        "timeUnixNano": str(log.timestamp * 1000),
        "name": name,
        "attributes": [_attribute(field) for field in fields],
    }


def _text(tags: Sequence[_Tag], *keys: str) -> str:
    """Return the text of the first of ``keys`` that is there, or nothing."""
    for key in keys:
        for tag in tags:
            if tag.key == key and isinstance(tag.value, str):
                return tag.value
    return ""


def _attribute(tag: _Tag) -> _Otlp:
    return {"key": tag.key, "value": _value(tag)}


def _value(tag: _Tag) -> _Otlp:
    value = tag.value
    match tag.type, value:
        case "bool", bool() | "true" | "false":
            return {"boolValue": value in (True, "true")}
        case "int64", bool():
            return {"stringValue": str(value)}
        case "int64", int() | str() if _is_int64(value):
            return {"intValue": str(value)}
        case "float64", int() | float():
            return {"doubleValue": float(value)}
        case "binary", str():
            return {"bytesValue": value}
        case _, None:
            return {}
        case _, str():
            return {"stringValue": value}
    return {"stringValue": msgspec.json.encode(value).decode()}


def _is_int64(value: int | str) -> bool:
    text = str(value)
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and -(2**63) <= int(text) < 2**63
