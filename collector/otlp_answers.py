"""OTLP/JSON as query APIs answer it: Tempo's ``batches``, and the ``result`` of Jaeger's v3.

Some write protobuf's plain JSON, so with base64 ids and names of enums, and older ones have
the fields of OTLP before 0.16. All of it becomes OTLP/JSON as exporters send it.
"""

from __future__ import annotations

import base64
import binascii

import msgspec

from model.attributes import JsonValue

__all__ = ["answer_to_otlp"]

_Object = dict[str, JsonValue]

_KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
_STATUSES = ("UNSET", "OK", "ERROR")
_ENUMS: dict[str, JsonValue] = {
    **{f"SPAN_KIND_{name}": number for number, name in enumerate(_KINDS)},
    **{f"STATUS_CODE_{name}": number for number, name in enumerate(_STATUSES)},
}
_ID_DIGITS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


def answer_to_otlp(resource_spans: msgspec.Raw) -> _Object:
    """Return an ExportTraceServiceRequest with a list of ResourceSpans.

    Fields that are not of the kind that OTLP has are left for whoever checks the request. Raises
    msgspec.DecodeError if ``resource_spans`` is no list of objects.
    """
    found: list[_Object] = msgspec.json.decode(resource_spans, type=list[dict[str, object]])
    return {"resourceSpans": [_resource_spans(each) for each in found]}


def _resource_spans(source: _Object) -> _Object:
    scopes = source.get("scopeSpans") or source.get("instrumentationLibrarySpans")
    return {**source, "scopeSpans": [_scope_spans(each) for each in _objects(scopes)]}


def _scope_spans(source: _Object) -> _Object:
    scope = source.get("scope") or source.get("instrumentationLibrary") or {}
    return {
        **source,
        "scope": scope,
        "spans": [_span(each) for each in _objects(source.get("spans"))],
    }


def _span(source: _Object) -> _Object:
    span = _with_hex_ids(source)
    span["kind"] = _number(source.get("kind"))
    status = source.get("status")
    if isinstance(status, dict):
        span["status"] = {**status, "code": _number(status.get("code"))}
    span["links"] = [_with_hex_ids(link) for link in _objects(source.get("links"))]
    return span


def _objects(values: JsonValue) -> list[_Object]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def _number(enum: JsonValue) -> JsonValue:
    return _ENUMS.get(enum, enum) if isinstance(enum, str) else enum


def _with_hex_ids(source: _Object) -> _Object:
    ids = {key: _hex(source[key], digits) for key, digits in _ID_DIGITS.items() if key in source}
    return {**source, **ids}


def _hex(value: JsonValue, digits: int) -> JsonValue:
    """Return base64 of an id's bytes as hex; all else as it is."""
    if not isinstance(value, str) or len(value) == digits:
        return value
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return value
    return decoded.hex() if len(decoded) * 2 == digits else value
