"""Request bodies to columns: the hot path.

A body (one request, or many concatenated) is parsed once, in the shadow form. Spans are grouped
by the sequence of their attributes' slots: within a group every column is a plain list, which
Arrow takes as it is, and the columns that a group lacks cost nothing per span. The rows of a
batch therefore come in no particular order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias, cast

import numpy as np
import pyarrow as pa
from google.protobuf.message import DecodeError

from collector import pipeline_metrics as metrics
from collector.any_value import Mending, events_json, links_json, resource, scope, text
from collector.attribute_table import AttributeTable, Entry, Layout, rest_json
from collector.messages import ShadowExportRequest, ShadowSpan
from model.attributes import AttributeValue
from model.batch import SpanBatch, ValueType, span_schema
from model.columns import WELL_KNOWN, ColumnType, WellKnownColumn
from model.span import Resource, Scope

__all__ = ["Decoder", "Undecodable"]

_CORE_COLUMNS = (
    "trace_id",
    "span_id",
    "parent_span_id",
    "start_ns",
    "duration_ns",
    "name",
    "kind",
    "status_code",
    "status_message",
    "trace_state",
    "flags",
    "dropped_attributes_count",
    "dropped_events_count",
    "dropped_links_count",
    "resource",
    "scope",
    "events",
    "links",
)
_IDENTITY_COLUMNS = ("cluster", "namespace", "service", "version", "workload", "pod")

Row: TypeAlias = tuple[
    bytes, bytes, bytes | None, int, int, str, int, int, str | None, str | None, int,
    int, int, int, int, int, str | None, str | None,
]  # fmt: skip
"""The core fields of a span, in the order of ``_CORE_COLUMNS``."""

_ZERO_SPAN_ID = bytes(8)
_MAX_NS = (1 << 63) - 1
_MAX_KIND = 5
_MAX_STATUS = 2
_MAX_NAMES = 100_000
_MAX_SHARED = 10_000

_SharedKey: TypeAlias = tuple[bytes, bytes]
"""A raw resource or scope, and its schema URL."""


class Undecodable(ValueError):
    """The body is no ExportTraceServiceRequest."""


@dataclass(slots=True)
class _Group:
    """The spans of one batch that have the same layout of attributes."""

    layout: Layout
    rows: list[Row] = field(default_factory=list)
    entries: list[list[Entry]] = field(default_factory=list)


class Decoder:
    """Turns bodies into :class:`model.batch.SpanBatch`. Used by one thread."""

    def __init__(self, columns: tuple[WellKnownColumn, ...] = WELL_KNOWN) -> None:
        self._schema = span_schema(columns)
        self._column_types = {column.name: column.type for column in columns}
        self._table = AttributeTable(columns)
        self._names: dict[bytes, str] = {}
        self._resources: dict[_SharedKey, Resource] = {}
        self._scopes: dict[_SharedKey, Scope] = {}

    def decode(self, body: bytes) -> SpanBatch:
        """Return the spans of ``body`` in columns; mesh identities are still empty.

        Faults of the exporter inside a span are mended and counted. Raises Undecodable if the
        body as a whole cannot be parsed.
        """
        try:
            request = ShadowExportRequest.FromString(body)
        except DecodeError as error:
            raise Undecodable(f"not an ExportTraceServiceRequest: {error}") from error
        self._forget_what_outgrew()
        mending = Mending()
        groups: dict[tuple[int, ...], _Group] = {}
        resources: dict[_SharedKey, int] = {}
        scopes: dict[_SharedKey, int] = {}
        for resource_spans in request.resource_spans:
            resource_key = (resource_spans.resource, resource_spans.schema_url)
            resource_index = resources.setdefault(resource_key, len(resources))
            for scope_spans in resource_spans.scope_spans:
                scope_key = (scope_spans.scope, scope_spans.schema_url)
                scope_index = scopes.setdefault(scope_key, len(scopes))
                for span in scope_spans.spans:
                    self._add(groups, span, resource_index, scope_index, mending)
        batch = self._batch(
            list(groups.values()),
            tuple(self._resource(key, mending) for key in resources),
            tuple(self._scope(key, mending) for key in scopes),
        )
        for group in groups.values():
            mending.note("duplicate_attribute_key", group.layout.duplicates * len(group.rows))
        for reason, count in mending.counts.items():
            metrics.mended.labels(reason).inc(count)
        return batch

    def _add(
        self,
        groups: dict[tuple[int, ...], _Group],
        span: ShadowSpan,
        resource_index: int,
        scope_index: int,
        mending: Mending,
    ) -> None:
        seen = list(map(self._table.known, span.attributes))
        # The cast tells what `in` has just found out, without a second pass over the list.
        entries = (
            self._table.complete(seen, span.attributes, mending)
            if None in seen
            else cast("list[Entry]", seen)
        )
        slots = tuple([entry[0] for entry in entries])
        group = groups.get(slots)
        if group is None:
            group = groups[slots] = _Group(self._table.layout(slots))
        group.entries.append(entries)

        start, end = span.start_time_unix_nano, span.end_time_unix_nano
        if start > _MAX_NS or end > _MAX_NS:  # beyond the year 2262
            mending.note("impossible_time")
            start, end = (0 if time > _MAX_NS else time for time in (start, end))
        kind = span.kind
        if not 0 <= kind <= _MAX_KIND:
            mending.note("unknown_kind")
            kind = 0
        status = span.status
        status_code = status.code
        if not 0 <= status_code <= _MAX_STATUS:
            mending.note("unknown_status_code")
            status_code = 0
        name = self._names.get(span.name)
        if name is None:
            name = self._names[span.name] = text(span.name, mending)
        group.rows.append(
            (
                span.trace_id,
                span.span_id,
                _parent(span.parent_span_id, mending),
                start,
                end - start,
                name,
                kind,
                status_code,
                text(status.message, mending) if status.message else None,
                text(span.trace_state, mending) if span.trace_state else None,
                span.flags,
                span.dropped_attributes_count,
                span.dropped_events_count,
                span.dropped_links_count,
                resource_index,
                scope_index,
                events_json(span.events, mending) if span.events else None,
                links_json(span.links, mending) if span.links else None,
            )
        )

    def _batch(
        self,
        groups: list[_Group],
        resources: tuple[Resource, ...],
        scopes: tuple[Scope, ...],
    ) -> SpanBatch:
        service_names = pa.array([service_name(found) for found in resources], pa.string())
        tables = [self._table_of(group, number) for number, group in enumerate(groups)]
        spans = pa.concat_tables(tables) if tables else self._schema.empty_table()
        names = service_names.take(spans["resource"].combine_chunks())
        index = self._schema.get_field_index("service_name")
        return SpanBatch(
            spans.set_column(index, self._schema.field(index), names),
            resources,
            scopes,
            tuple(group.layout.shape for group in groups),
        )

    def _table_of(self, group: _Group, number: int) -> pa.Table:
        count = len(group.rows)
        arrays: dict[str, pa.Array] = {
            name: pa.array(values, self._schema.field(name).type)
            for name, values in zip(_CORE_COLUMNS, zip(*group.rows, strict=True), strict=True)
        }
        arrays["shape"] = pa.array(np.full(count, number, np.int32))
        for name, index, kind in group.layout.columns:
            arrays[name] = self._column(name, [row[index][1] for row in group.entries], kind)
        if group.layout.rest:
            rest = [rest_json(group.layout, entries) for entries in group.entries]
            arrays["attributes"] = pa.array(rest, pa.string())
        empty = pa.array([""], pa.string()).take(pa.array(np.zeros(count, np.int8)))
        for name in (*_IDENTITY_COLUMNS, "service_name"):
            arrays[name] = empty
        return pa.table(
            [
                arrays[name] if name in arrays else pa.nulls(count, kind)
                for name, kind in zip(self._schema.names, self._schema.types, strict=True)
            ],
            schema=self._schema,
        )

    def _column(self, name: str, values: list[AttributeValue], kind: ValueType) -> pa.Array:
        """Convert the values of one column; the attribute table has checked that they fit."""
        column = self._column_types[name]
        if kind is ValueType.STRING and column is ColumnType.INT:
            return pa.array([int(str(value)) for value in values], pa.int64())
        if kind is ValueType.STRING and column is ColumnType.BOOL:
            return pa.array([value == "true" for value in values], pa.bool_())
        return pa.array(values, self._schema.field(name).type)

    def _resource(self, key: _SharedKey, mending: Mending) -> Resource:
        found = self._resources.get(key)
        if found is None:
            found = self._resources[key] = resource(*key, mending)
        return found

    def _scope(self, key: _SharedKey, mending: Mending) -> Scope:
        found = self._scopes.get(key)
        if found is None:
            found = self._scopes[key] = scope(*key, mending)
        return found

    def _forget_what_outgrew(self) -> None:
        self._table.shrink()
        for cache, limit in (
            (self._names, _MAX_NAMES),
            (self._resources, _MAX_SHARED),
            (self._scopes, _MAX_SHARED),
        ):
            if len(cache) > limit:
                cache.clear()


def service_name(found: Resource) -> str:
    """Return ``service.name`` as sent; empty if it is missing or no string."""
    name = found.attributes.get("service.name")
    return name if isinstance(name, str) else ""


def _parent(raw: bytes, mending: Mending) -> bytes | None:
    if len(raw) == len(_ZERO_SPAN_ID):
        return raw if raw != _ZERO_SPAN_ID else None
    if raw:
        mending.note("invalid_parent_span_id")
    return None
