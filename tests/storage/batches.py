"""A SpanBatch from spans, as model/batch.py describes it and as slowly as it likes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from uuid import UUID

import msgspec
import pyarrow as pa

from model.attributes import (
    AttributeValue,
    JsonValue,
    attributes_to_json,
    value_to_json,
)
from model.batch import Shape, ShapeEntry, SpanBatch, ValueType, span_schema
from model.columns import WELL_KNOWN, ColumnType, WellKnownColumn, columns_by_key
from model.span import Event, Link, Span

__all__ = ["batch_from_spans"]

_INT64 = range(-(1 << 63), 1 << 63)
_CANONICAL_INT = re.compile(r"0|-?[1-9][0-9]*", re.ASCII)


def batch_from_spans(
    spans: Sequence[Span], columns: tuple[WellKnownColumn, ...] = WELL_KNOWN
) -> SpanBatch:
    by_key = columns_by_key(columns)
    resources = _Distinct()
    scopes = _Distinct()
    shapes = _Distinct()
    rows = []
    for span in spans:
        values, entries, rest = _place(span, by_key)
        rows.append(
            {
                "trace_id": bytes.fromhex(span.trace_id),
                "span_id": bytes.fromhex(span.span_id),
                "parent_span_id": bytes.fromhex(span.parent_span_id) or None,
                "start_ns": span.start_ns,
                "duration_ns": span.duration_ns,
                "name": span.name,
                "kind": int(span.kind),
                "status_code": int(span.status_code),
                "status_message": span.status_message or None,
                "trace_state": span.trace_state or None,
                "flags": span.flags,
                "dropped_attributes_count": span.dropped_attributes_count,
                "dropped_events_count": span.dropped_events_count,
                "dropped_links_count": span.dropped_links_count,
                "resource": resources.index(repr(span.resource), span.resource),
                "scope": scopes.index(repr(span.scope), span.scope),
                "shape": shapes.index(repr(entries), Shape(tuple(entries))),
                "attributes": _json(rest) if rest else None,
                "events": _json([_event(event) for event in span.events]) if span.events else None,
                "links": _json([_link(link) for link in span.links]) if span.links else None,
                "service_name": span.service_name,
                "cluster": span.identity.cluster,
                "namespace": span.identity.namespace,
                "service": span.identity.service,
                "version": span.identity.version,
                "workload": span.identity.workload,
                "pod": span.identity.pod,
                **values,
            }
        )
    return SpanBatch(
        pa.Table.from_pylist(rows, schema=span_schema(columns)),
        tuple(resources.items),
        tuple(scopes.items),
        tuple(shapes.items),
    )


class _Distinct:
    def __init__(self) -> None:
        self.items: list[object] = []
        self._indexes: dict[str, int] = {}

    def index(self, key: str, item: object) -> int:
        if key not in self._indexes:
            self._indexes[key] = len(self.items)
            self.items.append(item)
        return self._indexes[key]


def _place(
    span: Span, by_key: dict[str, WellKnownColumn]
) -> tuple[dict[str, object], list[ShapeEntry], dict[str, JsonValue]]:
    values: dict[str, object] = {}
    entries: list[ShapeEntry] = []
    rest: dict[str, JsonValue] = {}
    for key, value in span.attributes.items():
        sent = _value_type(value)
        column = by_key.get(key)
        if column is not None and column.name not in values and _fits(column.type, value):
            values[column.name] = _held(column.type, value)
            entries.append(ShapeEntry(key, sent, column.name))
        else:
            rest[key] = value_to_json(value) if sent is ValueType.ANY else value
            entries.append(ShapeEntry(key, sent))
    return values, entries, rest


def _value_type(value: AttributeValue) -> ValueType:
    match value:
        case str():
            return ValueType.STRING
        case bool():
            return ValueType.BOOL
        case int():
            return ValueType.INT
        case float() if math.isfinite(value):
            return ValueType.DOUBLE
        case _:
            return ValueType.ANY


def _fits(type: ColumnType, value: AttributeValue) -> bool:
    match type, value:
        case ColumnType.STRING, str():
            return True
        case ColumnType.BOOL, bool() | "true" | "false":
            return True
        case ColumnType.INT, bool():
            return False
        case ColumnType.INT, int():
            return True
        case ColumnType.INT, str():
            return _CANONICAL_INT.fullmatch(value) is not None and int(value) in _INT64
        case ColumnType.UUID, str():
            return _is_uuid(value)
        case _:
            return False


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _held(type: ColumnType, value: AttributeValue) -> object:
    match type, value:
        case ColumnType.INT, str():
            return int(value)
        case ColumnType.BOOL, str():
            return value == "true"
        case _:
            return value


def _event(event: Event) -> dict[str, JsonValue]:
    return {
        "timeUnixNano": str(event.time_ns),
        "name": event.name,
        "attributes": attributes_to_json(event.attributes),
        "droppedAttributesCount": event.dropped_attributes_count,
    }


def _link(link: Link) -> dict[str, JsonValue]:
    return {
        "traceId": link.trace_id,
        "spanId": link.span_id,
        "traceState": link.trace_state,
        "attributes": attributes_to_json(link.attributes),
        "droppedAttributesCount": link.dropped_attributes_count,
        "flags": link.flags,
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
