"""The columnar SpanBatch: what flows from the decoder through the processors to the writer.

A batch is an Arrow table with a row a span, plus the small things that many spans share
(resources, scopes, attribute shapes), which rows name by their index in the batch's tuples.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import pyarrow as pa

from model.columns import WELL_KNOWN, ColumnType, WellKnownColumn
from model.span import Resource, Scope

__all__ = ["Shape", "ShapeEntry", "SpanBatch", "ValueType", "span_schema"]


class ValueType(StrEnum):
    """The type in which an attribute was sent.

    ``ANY`` stands for all that plain JSON cannot tell apart (bytes, arrays, maps, an empty
    value, non-finite doubles): such a value rests as an OTLP/JSON AnyValue object.
    """

    STRING = "string"
    BOOL = "bool"
    INT = "int"
    DOUBLE = "double"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class ShapeEntry:
    """One attribute of a shape.

    Attributes:
        key: as sent.
        type: as sent.
        column: the well-known column that holds the value; empty when the value is the member
            ``key`` of the row's ``attributes`` JSON object.
    """

    key: str
    type: ValueType
    column: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """The keys and types of a span's attributes, in order, and where each value lies.

    Envoy's spans have a few dozen shapes in all, so a span's keys and types cost an index,
    and yet every span comes back exactly as it was sent.
    """

    entries: tuple[ShapeEntry, ...] = ()


_ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    ColumnType.STRING: pa.string(),
    ColumnType.INT: pa.int64(),
    ColumnType.BOOL: pa.bool_(),
    ColumnType.UUID: pa.string(),
}

_CORE_FIELDS: tuple[pa.Field, ...] = (
    pa.field("trace_id", pa.binary(16), nullable=False),
    pa.field("span_id", pa.binary(8), nullable=False),
    pa.field("parent_span_id", pa.binary(8)),  # null for a root
    pa.field("start_ns", pa.int64(), nullable=False),
    pa.field("duration_ns", pa.int64(), nullable=False),
    pa.field("name", pa.string(), nullable=False),
    pa.field("kind", pa.int8(), nullable=False),
    pa.field("status_code", pa.int8(), nullable=False),
    pa.field("status_message", pa.string()),  # null when empty
    pa.field("trace_state", pa.string()),  # null when empty
    pa.field("flags", pa.uint32(), nullable=False),
    pa.field("dropped_attributes_count", pa.uint32(), nullable=False),
    pa.field("dropped_events_count", pa.uint32(), nullable=False),
    pa.field("dropped_links_count", pa.uint32(), nullable=False),
    pa.field("resource", pa.int32(), nullable=False),  # index in SpanBatch.resources
    pa.field("scope", pa.int32(), nullable=False),  # index in SpanBatch.scopes
    pa.field("shape", pa.int32(), nullable=False),  # index in SpanBatch.shapes
    pa.field("attributes", pa.string()),  # JSON object of what has no column; null when none
    pa.field("events", pa.string()),  # JSON list of OTLP/JSON events; null when none
    pa.field("links", pa.string()),  # JSON list of OTLP/JSON links; null when none
    pa.field("service_name", pa.string(), nullable=False),
    # MeshIdentity; empty when unknown
    pa.field("cluster", pa.string(), nullable=False),
    pa.field("namespace", pa.string(), nullable=False),
    pa.field("service", pa.string(), nullable=False),
    pa.field("version", pa.string(), nullable=False),
    pa.field("workload", pa.string(), nullable=False),
    pa.field("pod", pa.string(), nullable=False),
)


def span_schema(columns: tuple[WellKnownColumn, ...] = WELL_KNOWN) -> pa.Schema:
    """The Arrow schema of a batch's rows: core fields, then ``columns`` (all nullable).

    String fields may come dictionary-encoded; consumers must accept both forms.
    """
    known = (pa.field(column.name, _ARROW_TYPES[column.type]) for column in columns)
    return pa.schema([*_CORE_FIELDS, *known])


@dataclass(frozen=True, slots=True)
class SpanBatch:
    """Spans in columns.

    Attributes:
        spans: a row a span, fields as :func:`span_schema`.
        resources, scopes, shapes: what the index columns of ``spans`` point into.
    """

    spans: pa.Table
    resources: tuple[Resource, ...]
    scopes: tuple[Scope, ...]
    shapes: tuple[Shape, ...]

    def __len__(self) -> int:
        return int(self.spans.num_rows)

    def filter(self, mask: pa.Array | pa.ChunkedArray) -> SpanBatch:
        """Return the batch with only the rows where the boolean ``mask`` is true."""
        return replace(self, spans=self.spans.filter(mask))
