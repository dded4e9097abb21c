"""One consistent view of the store as the reader sees it, and what every trace is read with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from storage import queries
from storage.columnar import Columnar, Parameters
from storage.conditions import is_error
from storage.deadline import Deadline
from storage.interned import InternedCache, InternedTables
from storage.schema import Schema
from storage.search import Piece

__all__ = ["ReadSnapshot", "TraceStatements", "span_numbers", "trace_statements"]

_SHARED = ("resource", "scope", "shape")


@dataclass(frozen=True, slots=True)
class TraceStatements:
    """What every trace is read with.

    Attributes:
        pieces: where the spans of traces lie.
        spans: all columns.
        outlines: the columns of :class:`SpanOutline`, after the number.
    """

    pieces: queries.Lookup
    spans: queries.Lookup
    outlines: queries.Lookup


@dataclass(frozen=True, slots=True)
class ReadSnapshot:
    """A transaction that sees one state of the store, and the questions that many have.

    Attributes:
        cache: of what spans share.
        limit: the time that is left.
    """

    connection: Connection
    schema: Schema
    statements: TraceStatements
    columnar: Columnar
    cache: InternedCache
    limit: Deadline

    def rows(self, statement: queries.Query) -> list[Row[*tuple[Any, ...]]]:
        """Run a statement, unless the time is up."""
        self.limit.check()
        return list(self.connection.execute(statement).all())

    def interned(self) -> InternedTables:
        """Return all that spans share, as the snapshot sees it: a question of its own."""
        return self.cache.tables(self.connection, self.schema)

    def interned_of(self, rows: Sequence[tuple[Any, ...]]) -> InternedTables:
        """Return what these rows of all columns share."""
        names = list(self.schema.spans.columns.keys())
        resources, scopes, shapes = (
            {row[index] for row in rows} for index in map(names.index, _SHARED)
        )
        return self.cache.holding(self.connection, self.schema, resources, scopes, shapes)

    def pieces(self, trace_ids: Sequence[UUID]) -> list[Piece]:
        """Return where the spans of these traces lie."""
        lookup = self.statements.pieces
        if not trace_ids:
            return []
        if len(trace_ids) == 1:
            rows = self._looked_up(lookup.one, {"trace_id": trace_ids[0]})
        else:
            rows = self._looked_up(lookup.many, {"trace_ids": list(trace_ids)})
        return [Piece(*row) for row in rows]

    def spans_at(self, lookup: queries.Lookup, numbers: Sequence[int]) -> list[tuple[Any, ...]]:
        """Return the rows with these distinct ``seq`` numbers, at least one."""
        first, last = min(numbers), max(numbers)
        if last - first == len(numbers) - 1:
            return self._looked_up(lookup.one, {"first": first, "last": last})
        return self._looked_up(lookup.many, {"numbers": numbers})

    def _looked_up(self, statement: queries.Query, parameters: Parameters) -> list[tuple[Any, ...]]:
        self.limit.check()
        return self.columnar.rows(self.connection, statement, parameters)


def span_numbers(pieces: Iterable[Piece]) -> list[int]:
    """Return the ``seq`` numbers of the spans of pieces."""
    return [
        number
        for piece in pieces
        for number in range(piece.first_seq, piece.first_seq + piece.span_count)
    ]


def trace_statements(schema: Schema) -> TraceStatements:
    """Return the statements for a schema; to name all columns takes longer than to decode spans."""
    return TraceStatements(
        queries.trace_pieces(schema),
        queries.spans_at(schema, select(*schema.spans.columns)),
        queries.spans_at(schema, _outlines(schema)),
    )


def _outlines(schema: Schema) -> queries.Query:
    spans = schema.spans.c
    return select(
        spans.seq,
        spans.span_id,
        spans.parent_span_id,
        spans.service_name,
        spans.name,
        spans.kind,
        spans.start_ns,
        spans.duration_ns,
        is_error(schema),
    )
