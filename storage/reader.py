"""The reader: the same for every engine that provides a :class:`ReadableDatabase`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Connection

from model.query import Cursor, TraceQuery
from model.span import Span, SpanKind
from model.summary import SpanOutline, TraceSummary, summarise
from storage import queries
from storage.columnar import Columnar
from storage.completion import attribute_keys, attribute_values
from storage.conditions import span_conditions
from storage.deadline import Deadline
from storage.extent import ExtentValue
from storage.graph.snapshot import PerSchema
from storage.interface import AttributeKey, HistogramBucket, Operation, Service, SummaryPage
from storage.interned import InternedCache, InternedTables
from storage.read_snapshot import ReadSnapshot, span_numbers, trace_statements
from storage.rows import SpanDecoder, span_id_to_text, trace_id_from_text
from storage.schema import Schema
from storage.search import Candidates, FoundTrace, Slice, search, slices

__all__ = [
    "MOST_BUCKETS",
    "Narrow",
    "NarrowQuery",
    "Narrowed",
    "ReadableDatabase",
    "SQLReader",
]

MOST_BUCKETS = 10_000
_SPANS_PER_CANDIDATE = 4


class ReadableDatabase(Protocol):
    """What the reader needs of an engine."""

    def reading(
        self, timeout_s: float
    ) -> AbstractContextManager[tuple[Connection, Schema, Deadline]]:
        """Open a consistent snapshot that is cancelled after ``timeout_s`` seconds."""
        ...

    def extent(self, connection: Connection) -> ExtentValue:
        """Return how much a snapshot sees and of which time; may lag behind deletions only."""
        ...


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A condition that the matching spans of a slice meet, or the latest of them.

    Attributes:
        bound_ns: the traces of those that do not meet it start at or before; None if all do.
    """

    condition: ColumnElement[bool]
    bound_ns: int | None


class Narrow(Protocol):
    """Asks an index for the matching spans of one query."""

    @property
    def is_rare(self) -> bool:
        """Whether so few spans are left of all that slices would only be more questions."""
        ...

    def __call__(self, part: Slice, count: int | None) -> Narrowed | None:
        """Narrow a slice down to its latest ``count`` candidates or more (None for all).

        None if the index does not help.
        """
        ...


NarrowQuery = Callable[[Connection, Schema, InternedTables, ExtentValue, TraceQuery], Narrow | None]
"""Returns what narrows the slices of a query in a snapshot, None if no index does."""


def _as_it_is(*_: object) -> None:
    return None


class SQLReader:
    """Implements :class:`storage.interface.SpanReader`."""

    def __init__(
        self,
        database: ReadableDatabase,
        columnar: Columnar,
        interned: InternedCache,
        narrow: NarrowQuery = _as_it_is,
    ) -> None:
        self._database = database
        self._columnar = columnar
        self._interned = interned
        self._narrow = narrow
        self._statements = PerSchema(trace_statements)

    @contextmanager
    def _snapshot(self, timeout_s: float) -> Iterator[ReadSnapshot]:
        with self._database.reading(timeout_s) as (connection, schema, limit):
            statements = self._statements.of(schema)
            yield ReadSnapshot(
                connection, schema, statements, self._columnar, self._interned, limit
            )

    def get_traces(self, trace_ids: Sequence[str], *, timeout_s: float) -> dict[str, list[Span]]:
        """See :meth:`storage.interface.SpanReader.get_traces`."""
        ids = _stored_ids(trace_ids)
        traces: dict[str, list[Span]] = {}
        with self._snapshot(timeout_s) as snapshot:
            numbers = span_numbers(snapshot.pieces(ids))
            if not numbers:
                return {}
            rows = snapshot.spans_at(snapshot.statements.spans, numbers)
            decoder = SpanDecoder(snapshot.schema, snapshot.interned_of(rows))
            for position, row in enumerate(rows):
                if position % 1000 == 0:
                    snapshot.limit.check()
                span = decoder.span(row)
                traces.setdefault(span.trace_id, []).append(span)
        for spans in traces.values():
            spans.sort(key=lambda span: (span.start_ns, span.span_id, span.kind))
        return traces

    def find_traces(self, query: TraceQuery, *, timeout_s: float) -> SummaryPage:
        """See :meth:`storage.interface.SpanReader.find_traces`."""
        with self._snapshot(timeout_s) as snapshot:
            extent = self._database.extent(snapshot.connection)
            if extent.oldest_ns is None or extent.newest_ns is None:
                return SummaryPage((), None)
            schema, interned = snapshot.schema, snapshot.interned()
            conditions = span_conditions(schema, interned, query)
            narrow = self._narrow(snapshot.connection, schema, interned, extent, query)
            is_rare = narrow is not None and narrow.is_rare
            parts = slices(query, extent.oldest_ns, extent.newest_ns, extent.spans, whole=is_rare)

            def find(part: Slice, count: int | None) -> Candidates:
                narrowed = None if narrow is None else narrow(part, count)
                held = conditions if narrowed is None else [*conditions, narrowed.condition]
                if count is None:
                    found = snapshot.rows(queries.matching_traces(schema, query, held, part))
                    return Candidates(snapshot.pieces([row[0] for row in found]), None)
                spans = count * _SPANS_PER_CANDIDATE
                found = snapshot.rows(queries.matching_spans(schema, query, held, part, spans))
                bounds = [] if narrowed is None else [narrowed.bound_ns]
                if len(found) == spans:
                    # A trace whose matching spans were all left out started before the last.
                    bounds.append(int(found[-1][1]))
                bound_ns = max((one for one in bounds if one is not None), default=None)
                ids = list(dict.fromkeys(row[0] for row in found))
                return Candidates(snapshot.pieces(ids), bound_ns)

            page = search(query, parts, find)
            summaries = _summaries(snapshot, page.traces)
        if not page.more:
            return SummaryPage(summaries, None)
        last = page.traces[-1]
        return SummaryPage(summaries, Cursor(last.start_ns, last.trace_id.hex))

    def histogram(
        self, query: TraceQuery, width_ns: int, *, timeout_s: float
    ) -> list[HistogramBucket]:
        """See :meth:`storage.interface.SpanReader.histogram`.

        Raises ValueError for more than 10,000 buckets.
        """
        if width_ns <= 0:
            raise ValueError(f"a histogram's bucket must be wider than 0 ns, got {width_ns}")
        first_ns = query.from_ns - query.from_ns % width_ns
        starts = range(first_ns, query.to_ns, width_ns)
        if len(starts) > MOST_BUCKETS:
            raise ValueError(
                f"a histogram has at most {MOST_BUCKETS} buckets, this one would have "
                f"{len(starts)}: take wider buckets or a shorter time range"
            )
        with self._snapshot(timeout_s) as snapshot:
            conditions = span_conditions(snapshot.schema, snapshot.interned(), query)
            statement = queries.bucket_counts(snapshot.schema, query, conditions, width_ns)
            counts = {
                int(start_ns): (int(spans), int(errors))
                for start_ns, spans, errors in snapshot.rows(statement)
            }
        return [HistogramBucket(start_ns, *counts.get(start_ns, (0, 0))) for start_ns in starts]

    def services(self, *, timeout_s: float) -> list[Service]:
        """See :meth:`storage.interface.SpanReader.services`."""
        with self._snapshot(timeout_s) as snapshot:
            rows = snapshot.rows(queries.services(snapshot.schema))
            return [
                Service(name, service, namespace, cluster, int(last_seen_ns))
                for name, service, namespace, cluster, last_seen_ns in rows
            ]

    def operations(
        self, service: str, kind: SpanKind | None = None, *, timeout_s: float
    ) -> list[Operation]:
        """See :meth:`storage.interface.SpanReader.operations`."""
        with self._snapshot(timeout_s) as snapshot:
            rows = snapshot.rows(queries.operations(snapshot.schema, service, kind))
            return [Operation(name, SpanKind(kind)) for name, kind in rows]

    def attribute_keys(
        self, prefix: str = "", limit: int = 100, *, timeout_s: float
    ) -> list[AttributeKey]:
        """See :meth:`storage.interface.SpanReader.attribute_keys`."""
        with self._snapshot(timeout_s) as snapshot:
            return attribute_keys(snapshot.schema, snapshot.interned(), prefix, limit)

    def attribute_values(
        self,
        key: str,
        prefix: str = "",
        service: str = "",
        limit: int = 100,
        *,
        timeout_s: float,
    ) -> list[str]:
        """See :meth:`storage.interface.SpanReader.attribute_values`."""
        with self._snapshot(timeout_s) as snapshot:
            counts = attribute_values(
                snapshot.connection,
                snapshot.schema,
                snapshot.interned(),
                key,
                prefix,
                service,
                snapshot.limit,
            )
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [value for value, _ in ordered[:limit]]


def _stored_ids(trace_ids: Sequence[str]) -> list[UUID]:
    found = []
    for text in dict.fromkeys(trace_ids):
        try:
            found.append(trace_id_from_text(text))
        except ValueError:
            continue  # no trace has such an id: it is absent, like any other that is not stored
    return found


def _summaries(snapshot: ReadSnapshot, traces: Sequence[FoundTrace]) -> tuple[TraceSummary, ...]:
    if not traces:
        return ()
    outlines: dict[UUID, list[SpanOutline]] = {trace.trace_id: [] for trace in traces}
    # The number tells the trace: the ids of all rows as UUIDs take a third of a large page's time.
    trace_of = {
        number: outlines[trace.trace_id]
        for trace in traces
        for number in span_numbers(trace.pieces)
    }
    for row in snapshot.spans_at(snapshot.statements.outlines, list(trace_of)):
        number, span_id, parent, service_name, name, kind, start_ns, duration_ns, error = row
        trace_of[number].append(
            SpanOutline(
                span_id_to_text(span_id),
                span_id_to_text(parent),
                service_name,
                name,
                kind,
                start_ns,
                duration_ns,
                error,
            )
        )
    snapshot.limit.check()
    return tuple(summarise(trace_id.hex, found) for trace_id, found in outlines.items())
