"""Which spans of a batch are stored already, by a join over the time of the batch."""

from __future__ import annotations

from sqlalchemy import Connection, and_, column, select, table

from model.batch import SpanBatch
from storage.duckdb.database import registered
from storage.incoming import Identities, Rows, identity_table, time_ranges
from storage.schema import Schema

__all__ = ["stored_positions"]

_IDENTITIES = "incoming_identities"


def stored_positions(
    connection: Connection, schema: Schema, batch: SpanBatch, found: Identities, rows: Rows
) -> list[int]:
    """Return the positions in ``rows`` of spans that are stored (rule G1)."""
    positions: list[int] = []
    with registered(connection, _IDENTITIES, identity_table(batch.spans, found, rows)):
        incoming = table(
            _IDENTITIES, *map(column, ("position", "trace_id", "span_id", "kind", "start_ns"))
        )
        spans = schema.spans
        for first_ns, last_ns in time_ranges(found.start_ns):
            stored = select(incoming.c.position).join(
                spans,
                and_(
                    spans.c.start_ns.between(first_ns, last_ns),
                    spans.c.start_ns == incoming.c.start_ns,
                    spans.c.trace_id == incoming.c.trace_id,
                    spans.c.span_id == incoming.c.span_id,
                    spans.c.kind == incoming.c.kind,
                ),
            )
            positions += connection.execute(stored).scalars()
    return positions
