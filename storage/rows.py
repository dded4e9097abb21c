"""Rows of the span table to spans, exactly as sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from model.attributes import AttributeValue, JsonValue, attributes_from_json, value_from_json
from model.batch import Shape, ValueType
from model.columns import ColumnType
from model.span import Event, Link, MeshIdentity, Span, SpanKind, StatusCode
from storage.interned import InternedTables
from storage.schema import Schema

__all__ = ["SpanDecoder", "span_id_to_text", "trace_id_from_text", "trace_id_to_text"]

_SIGN_RANGE = 1 << 64

_Row = Sequence[Any]  # what a database driver returns has no static type
_Members = dict[str, JsonValue]
_Getter = Callable[[_Row, _Members], AttributeValue]


def trace_id_to_text(trace_id: UUID) -> str:
    """Return 32 lower-case hex digits."""
    return trace_id.hex


def trace_id_from_text(text: str) -> UUID:
    """Return the stored form of 32 hex digits. Raises ValueError if ``text`` is no such id."""
    return UUID(bytes=bytes.fromhex(text))


def span_id_to_text(span_id: int | None) -> str:
    """Return 16 lower-case hex digits of a signed 64-bit integer; empty for None."""
    return "" if span_id is None else f"{span_id % _SIGN_RANGE:016x}"


class SpanDecoder:
    """Turns rows of ``select(schema.spans)`` into spans. Not for use by several threads."""

    def __init__(self, schema: Schema, interned: InternedTables) -> None:
        self._interned = interned
        self._index = {column.name: i for i, column in enumerate(schema.spans.columns)}
        self._types = {column.name: column.type for column in schema.columns}
        self._getters: dict[int, list[tuple[str, _Getter]]] = {}
        self._fixed = [
            self._index[name]
            for name in (
                *("trace_id", "span_id", "name", "start_ns", "duration_ns", "parent_span_id"),
                *("kind", "status_code", "status_message", "trace_state", "flags"),
                *("events", "links", "dropped_attributes_count", "dropped_events_count"),
                *("dropped_links_count", "resource", "scope", "service_name", "cluster"),
                *("namespace", "service", "version", "workload", "pod"),
            )
        ]

    def span(self, row: _Row) -> Span:
        """Return the span of one row."""
        fields = [row[i] for i in self._fixed]
        trace_id, span_id, name, start_ns, duration_ns, parent, kind, status = fields[:8]
        message, trace_state, flags, events, links, *counts = fields[8:16]
        resource, scope, service_name, cluster, namespace, service, version, workload, pod = fields[
            16:
        ]
        return Span(
            trace_id=trace_id.hex,
            span_id=span_id_to_text(span_id),
            name=name,
            start_ns=start_ns,
            duration_ns=duration_ns,
            parent_span_id=span_id_to_text(parent),
            kind=_KINDS.get(kind, SpanKind.UNSPECIFIED),
            status_code=_STATUS_CODES.get(status, StatusCode.UNSET),
            status_message=message or "",
            trace_state=trace_state or "",
            flags=flags,
            attributes=self._attributes(row),
            events=_events(events) if events else (),
            links=_links(links) if links else (),
            dropped_attributes_count=counts[0],
            dropped_events_count=counts[1],
            dropped_links_count=counts[2],
            resource=self._interned.resources[resource],
            scope=self._interned.scopes[scope],
            service_name=service_name,
            identity=MeshIdentity(cluster, namespace, service, version, workload, pod),
        )

    def _attributes(self, row: _Row) -> dict[str, AttributeValue]:
        shape = row[self._index["shape"]]
        getters = self._getters.get(shape)
        if getters is None:
            getters = self._getters[shape] = self._compile(self._interned.shapes[shape])
        text = row[self._index["attributes"]]
        members = msgspec.json.decode(text) if text else {}
        return {key: get(row, members) for key, get in getters}

    def _compile(self, shape: Shape) -> list[tuple[str, _Getter]]:
        return [
            (
                entry.key,
                _column_getter(self._index[entry.column], entry.type, self._types[entry.column])
                if entry.column
                else _member_getter(entry.key, entry.type),
            )
            for entry in shape.entries
        ]


_KINDS = {int(kind): kind for kind in SpanKind}
_STATUS_CODES = {int(code): code for code in StatusCode}


def _column_getter(index: int, sent: ValueType, held: ColumnType) -> _Getter:
    if sent is ValueType.STRING and held in (ColumnType.INT, ColumnType.UUID):
        return lambda row, _: str(row[index])
    if sent is ValueType.STRING and held is ColumnType.BOOL:
        return lambda row, _: "true" if row[index] else "false"
    return lambda row, _: _value(row[index])


def _member_getter(key: str, sent: ValueType) -> _Getter:
    if sent is ValueType.ANY:
        return lambda _, members: value_from_json(_object(members[key]))
    if sent is ValueType.DOUBLE:
        return lambda _, members: float(_number(members[key]))
    return lambda _, members: _value(members[key])


def _value(value: JsonValue) -> AttributeValue:
    if isinstance(value, list | dict):
        raise ValueError(f"attribute of a scalar type is stored as {value!r}")
    return value


def _number(value: JsonValue) -> float:
    if isinstance(value, int | float):
        return value
    raise ValueError(f"attribute of type double is stored as {value!r}")


def _object(value: JsonValue) -> Mapping[str, JsonValue]:
    if isinstance(value, dict):
        return value
    raise ValueError(f"attribute of type any is stored as {value!r}")


class _StoredEvent(msgspec.Struct, rename="camel"):
    time_unix_nano: str | int = 0
    name: str = ""
    attributes: list[dict[str, Any]] = []
    dropped_attributes_count: int = 0


class _StoredLink(msgspec.Struct, rename="camel"):
    trace_id: str = ""
    span_id: str = ""
    trace_state: str = ""
    attributes: list[dict[str, Any]] = []
    dropped_attributes_count: int = 0
    flags: int = 0


_EVENTS = msgspec.json.Decoder(list[_StoredEvent])
_LINKS = msgspec.json.Decoder(list[_StoredLink])


def _events(text: str) -> tuple[Event, ...]:
    return tuple(
        Event(
            time_ns=int(event.time_unix_nano),
            name=event.name,
            attributes=attributes_from_json(event.attributes),
            dropped_attributes_count=event.dropped_attributes_count,
        )
        for event in _EVENTS.decode(text)
    )


def _links(text: str) -> tuple[Link, ...]:
    return tuple(
        Link(
            trace_id=link.trace_id,
            span_id=link.span_id,
            trace_state=link.trace_state,
            attributes=attributes_from_json(link.attributes),
            dropped_attributes_count=link.dropped_attributes_count,
            flags=link.flags,
        )
        for link in _LINKS.decode(text)
    )
