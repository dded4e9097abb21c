"""The tables, as SQLAlchemy metadata. Every column's unit is in its comment.

There are no keys: the writer keeps rows unique. A column store prunes by the order of its rows
(``seq``) and needs no indexes; PostgreSQL has its indexes and partitions, which others leave out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Uuid,
)
from sqlalchemy.types import TypeEngine

from model.columns import ColumnType, WellKnownColumn
from storage.rollup_schema import GraphTables, graph_tables
from storage.sql_types import BY_TIME, TEXT, index

__all__ = ["SPAN_FIELDS", "Schema", "build_schema", "column_type"]

_COLUMN_TYPES: dict[ColumnType, type[TypeEngine[Any]]] = {
    ColumnType.INT: BigInteger,
    ColumnType.BOOL: Boolean,
    ColumnType.UUID: Uuid,
}


def column_type(type: ColumnType) -> TypeEngine[Any]:
    """Return the SQL type that holds a well-known column of ``type``."""
    return TEXT if type is ColumnType.STRING else _COLUMN_TYPES[type]()


def _span_columns() -> list[Column[object]]:
    text = TEXT
    return [
        Column("seq", BigInteger, nullable=False, comment="insertion number; rises, has gaps"),
        Column("trace_id", Uuid, nullable=False, comment="16 bytes, big-endian"),
        Column("span_id", BigInteger, nullable=False, comment="8 bytes, big-endian, signed"),
        Column("parent_span_id", BigInteger, comment="as span_id; null for a root"),
        Column("start_ns", BigInteger, nullable=False, comment="ns since the Unix epoch"),
        Column("duration_ns", BigInteger, nullable=False, comment="ns, never negative"),
        Column("name", text, nullable=False, comment="operation"),
        Column("kind", SmallInteger, nullable=False, comment="OTLP Span.SpanKind"),
        Column("status_code", SmallInteger, nullable=False, comment="OTLP Status.StatusCode"),
        Column("status_message", text, comment="null when empty"),
        Column("trace_state", text, comment="W3C tracestate; null when empty"),
        Column("flags", BigInteger, nullable=False, comment="OTLP Span.flags, 32 bits"),
        Column("dropped_attributes_count", BigInteger, nullable=False, comment="attributes"),
        Column("dropped_events_count", BigInteger, nullable=False, comment="events"),
        Column("dropped_links_count", BigInteger, nullable=False, comment="links"),
        Column("resource", Integer, nullable=False, comment="resources.id"),
        Column("scope", Integer, nullable=False, comment="scopes.id"),
        Column("shape", Integer, nullable=False, comment="shapes.id"),
        Column("attributes", text, comment="JSON object of what has no column; null when none"),
        Column("events", text, comment="JSON list of OTLP/JSON events; null when none"),
        Column("links", text, comment="JSON list of OTLP/JSON links; null when none"),
        Column("service_name", text, nullable=False, comment="service.name as sent"),
        Column("cluster", text, nullable=False, comment="mesh identity; empty when unknown"),
        Column("namespace", text, nullable=False, comment="mesh identity; empty when unknown"),
        Column("service", text, nullable=False, comment="mesh identity; empty when unknown"),
        Column("version", text, nullable=False, comment="mesh identity; empty when unknown"),
        Column("workload", text, nullable=False, comment="mesh identity; empty when unknown"),
        Column("pod", text, nullable=False, comment="mesh identity; empty when unknown"),
    ]


SPAN_FIELDS: tuple[str, ...] = tuple(column.name for column in _span_columns())
"""The columns of ``spans`` that are not attributes."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of a store with a given set of well-known columns.

    Attributes:
        columns: the well-known columns that ``spans`` has, also those configured no longer.
        keys: which keys share a column now (see :func:`model.columns.columns_by_key`).
    """

    metadata: MetaData
    columns: tuple[WellKnownColumn, ...]
    keys: dict[str, WellKnownColumn]
    spans: Table
    traces: Table
    resources: Table
    scopes: Table
    shapes: Table
    services: Table
    operations: Table
    event_keys: Table
    link_keys: Table
    spool_positions: Table
    graph: GraphTables


def build_schema(
    columns: tuple[WellKnownColumn, ...], keys: dict[str, WellKnownColumn] | None = None
) -> Schema:
    """Return the tables, with a column of ``spans`` for each of ``columns``.

    ``keys`` is what a search may use by key; by default all keys of ``columns``.
    """
    metadata = MetaData()
    known = [
        Column(column.name, column_type(column.type), comment=f"attribute {', '.join(column.keys)}")
        for column in columns
    ]
    if keys is None:
        keys = {key: column for column in columns for key in column.keys}
    return Schema(
        metadata=metadata,
        columns=columns,
        keys=keys,
        spans=_spans(metadata, known),
        traces=_traces(metadata),
        resources=_resources(metadata),
        scopes=_scopes(metadata),
        shapes=Table(
            "shapes",
            metadata,
            Column("id", Integer, nullable=False, comment="number, never reused while referenced"),
            Column("content_hash", Uuid, nullable=False, comment="BLAKE2b-128 of the content"),
            Column("entries", TEXT, nullable=False, comment="JSON list of [key, type, column]"),
        ),
        services=Table("services", metadata, *_service_columns()),
        operations=Table(
            "operations",
            metadata,
            *_service_columns(),
            Column("name", TEXT, nullable=False, comment="span name"),
            Column("kind", SmallInteger, nullable=False, comment="OTLP Span.SpanKind"),
        ),
        event_keys=_item_keys(metadata, "event_keys", "attribute key of span events"),
        link_keys=_item_keys(metadata, "link_keys", "attribute key of span links"),
        spool_positions=Table(
            "spool_positions",
            metadata,
            Column("spool", TEXT, nullable=False, comment="unique id of the spool"),
            Column("position", BigInteger, nullable=False, comment="last record consumed"),
        ),
        graph=graph_tables(metadata),
    )


def _spans(metadata: MetaData, known: list[Column[Any]]) -> Table:
    columns = (*_span_columns(), *known)
    spans = Table("spans", metadata, *columns, postgresql_partition_by=BY_TIME)
    for name in ("seq", "start_ns"):
        index(spans, name)
    if "request_id" in spans.c:
        index(spans, "request_id")
    if "error" in spans.c:  # as storage.conditions.is_error asks for them
        index(spans, "start_ns", name="errors", where="status_code = 2 OR coalesce(error, false)")
    return spans


def _traces(metadata: MetaData) -> Table:
    # A row a trace and batch: the spans of a batch are stored trace by trace, so a trace is a
    # few ranges of seq, and a small scan here replaces an index on spans.
    traces = Table(
        "traces",
        metadata,
        Column("trace_id", Uuid, nullable=False, comment="16 bytes, big-endian"),
        Column("first_seq", BigInteger, nullable=False, comment="spans.seq of its first row"),
        Column("span_count", Integer, nullable=False, comment="rows from first_seq on"),
        Column("start_ns", BigInteger, nullable=False, comment="earliest start, ns since epoch"),
        Column("end_ns", BigInteger, nullable=False, comment="latest end, ns since epoch"),
        Column("root_start_ns", BigInteger, comment="earliest start of a span without parent id"),
        postgresql_partition_by=BY_TIME,
    )
    for name in ("trace_id", "first_seq", "start_ns", "root_start_ns"):
        index(traces, name)
    return traces


def _resources(metadata: MetaData) -> Table:
    return Table(
        "resources",
        metadata,
        Column("id", Integer, nullable=False, comment="number, never reused while referenced"),
        Column("content_hash", Uuid, nullable=False, comment="BLAKE2b-128 of the content"),
        Column("attributes", TEXT, nullable=False, comment="OTLP/JSON list of KeyValue"),
        Column("dropped_attributes_count", BigInteger, nullable=False, comment="attributes"),
        Column("schema_url", TEXT, nullable=False, comment="empty when not sent"),
    )


def _scopes(metadata: MetaData) -> Table:
    return Table(
        "scopes",
        metadata,
        Column("id", Integer, nullable=False, comment="number, never reused while referenced"),
        Column("content_hash", Uuid, nullable=False, comment="BLAKE2b-128 of the content"),
        Column("name", TEXT, nullable=False, comment="empty when not sent"),
        Column("version", TEXT, nullable=False, comment="empty when not sent"),
        Column("attributes", TEXT, nullable=False, comment="OTLP/JSON list of KeyValue"),
        Column("dropped_attributes_count", BigInteger, nullable=False, comment="attributes"),
        Column("schema_url", TEXT, nullable=False, comment="empty when not sent"),
    )


def _item_keys(metadata: MetaData, name: str, what: str) -> Table:
    return Table(
        name,
        metadata,
        Column("key", TEXT, nullable=False, comment=what),
        Column("last_seen_ns", BigInteger, nullable=False, comment="ns, exact to the hour"),
    )


def _service_columns() -> list[Column[object]]:
    return [
        Column("service_name", TEXT, nullable=False, comment="service.name as sent"),
        Column("service", TEXT, nullable=False, comment="mesh identity; empty when unknown"),
        Column("namespace", TEXT, nullable=False, comment="mesh identity; empty when unknown"),
        Column("cluster", TEXT, nullable=False, comment="mesh identity; empty when unknown"),
        Column("last_seen_ns", BigInteger, nullable=False, comment="newest start, see catalogue"),
    ]
