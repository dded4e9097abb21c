"""The reader's statements: pure functions from parameters to SQLAlchemy Core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Uuid,
    bindparam,
    func,
    select,
)

from model.query import TraceQuery
from model.span import SpanKind
from storage.conditions import is_error, names_service
from storage.functions import any_of
from storage.schema import Schema
from storage.search import Slice

__all__ = [
    "Lookup",
    "bucket_counts",
    "matching_spans",
    "matching_traces",
    "operations",
    "services",
    "spans_at",
    "trace_pieces",
]

Query = Select[*tuple[Any, ...]]
Predicates = Sequence[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A statement for one run of values or a single one, and one for any list of them.

    As objects, so that they are compiled once.
    """

    one: Query
    many: Query


def trace_pieces(schema: Schema) -> Lookup:
    """Where the spans of traces lie: rows as :class:`storage.search.Piece`.

    Parameters are ``trace_id``, or ``trace_ids``.
    """
    traces = schema.traces.c
    statement = select(
        traces.trace_id, traces.first_seq, traces.span_count, traces.start_ns, traces.end_ns
    )
    ids = bindparam("trace_ids", type_=ARRAY(Uuid))
    return Lookup(
        statement.where(traces.trace_id == bindparam("trace_id", type_=Uuid)),
        statement.where(any_of(traces.trace_id, ids)),
    )


def spans_at(schema: Schema, spans: Query) -> Lookup:
    """The rows of ``spans`` with given ``seq`` numbers.

    Parameters are ``first`` and ``last`` of numbers without a gap, or ``numbers``. Why a list of
    numbers: the engine turns it into a filter on the least and the greatest number and a hash
    join, which reads few row groups; ranges joined by OR take four times as long.
    """
    seq = schema.spans.c.seq
    first, last = (bindparam(name, type_=BigInteger) for name in ("first", "last"))
    numbers = bindparam("numbers", type_=ARRAY(BigInteger))
    return Lookup(spans.where(seq.between(first, last)), spans.where(any_of(seq, numbers)))


def matching_spans(
    schema: Schema, query: TraceQuery, conditions: Predicates, part: Slice, count: int
) -> Query:
    """The latest ``count`` matching spans in a slice: rows of (trace_id, start), latest first.

    Where many match, few are read; grouping them by trace would have to read them all.
    """
    spans = schema.spans.c
    return (
        select(spans.trace_id, spans.start_ns)
        .where(*_in_slice(schema, query, conditions, part))
        .order_by(spans.start_ns.desc())
        .limit(count)
    )


def matching_traces(
    schema: Schema, query: TraceQuery, conditions: Predicates, part: Slice
) -> Query:
    """The ids of all traces with a matching span in a slice."""
    spans = schema.spans.c
    return select(spans.trace_id).distinct().where(*_in_slice(schema, query, conditions, part))


def _in_slice(
    schema: Schema, query: TraceQuery, conditions: Predicates, part: Slice
) -> list[ColumnElement[bool]]:
    spans, traces = schema.spans.c, schema.traces.c
    found = [spans.start_ns >= part.from_ns, spans.start_ns < part.to_ns, *conditions]
    if bounds := _trace_duration(schema, query):
        found.append(spans.trace_id.in_(_traces_having(schema, bounds)))
    if part.newer and query.after is not None:
        began = select(traces.trace_id).where(traces.start_ns <= query.after.start_ns)
        lasted = select(traces.trace_id).where(
            traces.end_ns >= part.from_ns, traces.trace_id.in_(began)
        )
        found.append(spans.trace_id.in_(lasted))
    return found


def bucket_counts(
    schema: Schema, query: TraceQuery, conditions: Predicates, width_ns: int
) -> Query:
    """Matching spans and errors per bucket: rows of (bucket start, spans, errors)."""
    spans = schema.spans.c
    bucket = (spans.start_ns - spans.start_ns % width_ns).label("bucket")
    statement = select(bucket, func.count(), func.count().filter(is_error(schema))).where(
        spans.start_ns >= query.from_ns, spans.start_ns < query.to_ns, *conditions
    )
    if bounds := _trace_duration(schema, query):
        statement = statement.where(spans.trace_id.in_(_traces_having(schema, bounds)))
    return statement.group_by(bucket)


def _traces_having(schema: Schema, bounds: Predicates) -> Query:
    trace_id = schema.traces.c.trace_id
    return select(trace_id).group_by(trace_id).having(*bounds)


def _trace_duration(schema: Schema, query: TraceQuery) -> list[ColumnElement[bool]]:
    traces = schema.traces.c
    duration_ns = func.max(traces.end_ns) - func.min(traces.start_ns)
    found = []
    if query.min_trace_duration_ns is not None:
        found.append(duration_ns >= query.min_trace_duration_ns)
    if query.max_trace_duration_ns is not None:
        found.append(duration_ns <= query.max_trace_duration_ns)
    return found


def services(schema: Schema) -> Query:
    """Rows of (name, service, namespace, cluster, last seen in ns) in that order."""
    found = schema.services.c
    return select(
        found.service_name, found.service, found.namespace, found.cluster, found.last_seen_ns
    ).order_by(found.service_name, found.namespace, found.cluster, found.service)


def operations(schema: Schema, service: str, kind: SpanKind | None) -> Query:
    """Rows of (name, kind) of a service in any form of its name, in that order."""
    found = schema.operations.c
    statement = select(found.name, found.kind).distinct().where(names_service(found, service))
    if kind is not None:
        statement = statement.where(found.kind == int(kind))
    return statement.order_by(found.name, found.kind)
