"""Zipkin's JSON (version 2 of its API) as OTLP/JSON.

Follows the Collector's ``pkg/translator/zipkin``: the tags that stand for OTLP fields
(``otel.status_code``, ``otel.scope.name``, ``w3c.tracestate``, ``otlp.link.0``, …) become these
fields, everything else stays an attribute. Times are microseconds in Zipkin's JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

import msgspec

from model.attributes import AttributeValue, JsonValue, value_to_json
from model.ids import parse_span_id, parse_trace_id

__all__ = ["ZipkinJsonError", "zipkin_to_otlp"]

_SPANS_PER_REQUEST = 2000
_KINDS = {"INTERNAL": 1, "SERVER": 2, "CLIENT": 3, "PRODUCER": 4, "CONSUMER": 5}
_STATUS = {"UNSET": 0, "OK": 1, "ERROR": 2}
_SAMPLED = 1
_SCOPE_NAME = ("otel.scope.name", "otel.library.name")
_SCOPE_VERSION = ("otel.scope.version", "otel.library.version")
_LINK = re.compile(r"otlp\.link\.\d+", re.ASCII)
_LINK_PARTS, _EVENT_PARTS = 5, 3
_RESOURCE_KEYS = (
    "cloud.",
    "container.",
    "deployment.",
    "host.",
    "k8s.",
    "os.",
    "process.",
    "service.",
    "telemetry.",
)
"""What OpenTelemetry's conventions say of resources begins with one of these."""

_MIN_INT64, _MAX_INT64 = -(2**63), 2**63 - 1

_Otlp = dict[str, JsonValue]
_Values = Mapping[str, AttributeValue]
_Groups = dict[bytes, tuple[_Values, dict[tuple[str, str], list[JsonValue]]]]


class ZipkinJsonError(ValueError):
    """The document is not what Zipkin writes; the message says where."""


class _Endpoint(msgspec.Struct, frozen=True, rename="camel"):
    service_name: str | None = None
    ipv4: str | None = None
    ipv6: str | None = None
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] | None = None


class _Annotation(msgspec.Struct, frozen=True):
    timestamp: int | float = 0
    value: str = ""


class _Span(msgspec.Struct, frozen=True, rename="camel"):
    trace_id: str
    id: str
    parent_id: str | None = None
    name: str | None = None
    kind: str | None = None
    timestamp: int | float | None = None
    duration: int | float | None = None
    local_endpoint: _Endpoint | None = None
    remote_endpoint: _Endpoint | None = None
    annotations: list[_Annotation] | None = None
    tags: dict[str, str | int | float | bool | None] | None = None
    shared: bool | None = None
    debug: bool | None = None


_decode = msgspec.json.Decoder(_Span).decode


def zipkin_to_otlp(spans: Iterable[bytes | msgspec.Raw]) -> Iterator[_Otlp]:
    """Yield ExportTraceServiceRequests in OTLP/JSON with ``spans``, each one span's JSON.

    The client's and the server's span of a shared id stay two spans of one id, as sent. A span
    without a time takes that of its first annotation. Raises ZipkinJsonError.
    """
    groups: _Groups = {}
    for number, document in enumerate(spans, 1):
        try:
            span = _decode(document)
            _add(groups, span)
        except (msgspec.DecodeError, ValueError, OverflowError) as error:
            raise ZipkinJsonError(f"not Zipkin's JSON: span {number}: {error}") from error
        if number % _SPANS_PER_REQUEST == 0:
            yield _request(groups)
            groups = {}
    if groups:
        yield _request(groups)


def _request(groups: _Groups) -> _Otlp:
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(resource)},
                "scopeSpans": [
                    {"scope": {"name": name, "version": version}, "spans": spans}
                    for (name, version), spans in scopes.items()
                ],
            }
            for resource, scopes in groups.values()
        ]
    }


def _add(groups: _Groups, span: _Span) -> None:
    tags = {key: _text(value) for key, value in (span.tags or {}).items()}
    scope = (_taken(tags, *_SCOPE_NAME), _taken(tags, *_SCOPE_VERSION))
    resource = {key: tags.pop(key) for key in list(tags) if key.startswith(_RESOURCE_KEYS)}
    if span.local_endpoint is not None and span.local_endpoint.service_name:
        resource = {**resource, "service.name": span.local_endpoint.service_name}
    _, scopes = groups.setdefault(msgspec.json.encode(resource), (resource, {}))
    scopes.setdefault(scope, []).append(_span(span, tags))


def _span(span: _Span, tags: dict[str, str]) -> _Otlp:
    """Return the OTLP span; takes the tags that are fields of it out of ``tags``."""
    trace_id, span_id = parse_trace_id(span.trace_id), parse_span_id(span.id)
    parent_id = (span.parent_id or "").strip("0") and parse_span_id(span.parent_id or "")
    start_us, duration_us = _micros(span.timestamp), _micros(span.duration)
    marks: dict[str, AttributeValue] = {}
    if not start_us:
        marks["otel.zipkin.absentField.startTime"] = True
        start_us = min((_micros(each.timestamp) for each in span.annotations or ()), default=0)
    end_us = start_us + duration_us if start_us else 0
    if span.shared:
        marks["zipkin.shared"] = True
    if span.debug:
        marks["zipkin.debug"] = True
    fields: _Otlp = {
        "kind": _kind(span, tags),
        "status": _status(tags),
        "traceState": _taken(tags, "w3c.tracestate"),
        "links": _links(tags),
    }
    return {
        "traceId": trace_id,
        "spanId": span_id,
        "parentSpanId": "" if parent_id == span_id else parent_id,
        "flags": _SAMPLED if span.debug else 0,
        "name": span.name or "",
        "startTimeUnixNano": str(start_us * 1000),
        "endTimeUnixNano": str(end_us * 1000),
        **fields,
        "attributes": _attributes({**tags, **_endpoints(span, tags), **marks}),
        "events": [_event(each) for each in span.annotations or ()],
    }


def _kind(span: _Span, tags: dict[str, str]) -> int:
    """A span of no kind is a local one, which only its tag can say."""
    if span.kind:
        return _KINDS.get(span.kind.upper(), 0)
    if tags.get("span.kind", "").upper() in _KINDS:
        return _KINDS[tags.pop("span.kind").upper()]
    return 0


def _status(tags: dict[str, str]) -> _Otlp:
    """``otel.status_code`` decides alone, else any ``error`` but ``false`` is one."""
    message = _taken(tags, "otel.status_description")
    error = tags.get("error")
    said = tags.get("otel.status_code", "").upper()
    if said in _STATUS:
        del tags["otel.status_code"]
        tags.pop("error", None)
        if said == "ERROR" and error != "true":
            message = message or error or ""
        return {"code": _STATUS[said], "message": message}
    if error is None or error == "false":
        return {"code": 0, "message": message}
    del tags["error"]
    return {"code": _STATUS["ERROR"], "message": message or ("" if error == "true" else error)}


def _endpoints(span: _Span, tags: dict[str, str]) -> _Values:
    """Both ends as attributes, but for what a tag says already."""
    found: dict[str, AttributeValue] = {}
    for side, endpoint in (("local", span.local_endpoint), ("peer", span.remote_endpoint)):
        if endpoint is None:
            continue
        if side == "peer" and endpoint.service_name:
            found["peer.service"] = endpoint.service_name
        if address := endpoint.ipv4 or endpoint.ipv6:
            found[f"network.{side}.address"] = address
        if endpoint.port:
            found[f"network.{side}.port"] = endpoint.port
    return {key: value for key, value in found.items() if key not in tags}


def _links(tags: dict[str, str]) -> list[JsonValue]:
    """The Collector's own form: ``trace id|span id|state|attributes as JSON|dropped``."""
    links: list[JsonValue] = []
    for key in [key for key in tags if _LINK.fullmatch(key)]:
        parts = tags[key].split("|")
        attributes = _json_object("|".join(parts[3:-1]))
        if len(parts) < _LINK_PARTS or attributes is None or not parts[-1].isdecimal():
            continue
        del tags[key]
        links.append(
            {
                "traceId": parts[0],
                "spanId": parts[1],
                "traceState": parts[2],
                "attributes": _attributes(attributes),
                "droppedAttributesCount": int(parts[-1]),
            }
        )
    return links


def _event(annotation: _Annotation) -> _Otlp:
    """An annotation's value is the event's name; ``name|attributes as JSON|dropped`` is unpacked.

    So is ``"name": {…}``, the form of OpenTelemetry's specification.
    """
    name, dropped = annotation.value, 0
    attributes: _Values | None = None
    parts = annotation.value.split("|")
    if len(parts) >= _EVENT_PARTS and parts[-1].isdecimal():
        attributes = _json_object("|".join(parts[1:-1]))
        if attributes is not None:
            name, dropped = parts[0], int(parts[-1])
    elif annotation.value.startswith('"'):
        quoted, _, rest = annotation.value[1:].partition('": ')
        attributes = _json_object(rest)
        name = quoted if attributes is not None else name
    return {
        "timeUnixNano": str(_micros(annotation.timestamp) * 1000),
        "name": name,
        "attributes": _attributes(attributes or {}),
        "droppedAttributesCount": dropped,
    }


def _attributes(values: _Values) -> list[JsonValue]:
    return [{"key": key, "value": value_to_json(_storable(each))} for key, each in values.items()]


def _storable(value: AttributeValue) -> AttributeValue:
    """Integers beyond 64 bits, which OTLP does not have, become text."""
    if isinstance(value, int) and not _MIN_INT64 <= value <= _MAX_INT64:
        return str(value)
    return value


def _json_object(text: str) -> _Values | None:
    try:
        return msgspec.json.decode(text, type=dict[str, str | bool | int | float | None])
    except (msgspec.DecodeError, RecursionError):
        return None


def _taken(tags: dict[str, str], *keys: str) -> str:
    """Remove ``keys`` and return the text of the first that was there, or nothing."""
    found = [tags.pop(key) for key in keys if key in tags]
    return found[0] if found else ""


def _text(value: str | int | float | bool | None) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _micros(value: int | float | None) -> int:
    """Whole microseconds; what is negative is absent, as Zipkin reads it."""
    micros = max(0, int(value or 0))
    if micros > _MAX_INT64 // 1000:
        raise ValueError(f"{micros} µs is beyond what nanoseconds in 64 bits can say")
    return micros
