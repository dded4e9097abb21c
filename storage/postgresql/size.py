"""How many bytes the store takes, and how many of them are live.

A table never shrinks by deletions: their space is used again by later rows, after a vacuum. Live
bytes are therefore worked out from the number of spans and the size of the newest of them.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select, text

from storage.schema import Schema

__all__ = ["bytes_on_disk", "live_bytes"]

_SAMPLE = 2_000
# What indexes, page headers, and the tables of traces and tags add to a span's row, measured on
# traces of ten spans.
_BESIDE_A_ROW = 155

_SIZE = text(
    """
    SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class
    WHERE relnamespace = to_regnamespace(current_schema()::text) AND relkind = 'r'
    """
)


def bytes_on_disk(connection: Connection, schema: Schema) -> int:
    """Return the size of all tables and their indexes, without the write-ahead log."""
    return int(connection.execute(_SIZE).scalar_one())


def live_bytes(connection: Connection, schema: Schema, spans: int) -> int:
    """Return the bytes that ``spans`` spans stand for, judged by the newest of them."""
    newest = (
        select(schema.spans).order_by(schema.spans.c.seq.desc()).limit(_SAMPLE).subquery("newest")
    )
    width = select(func.avg(func.pg_column_size(text("newest.*")))).select_from(newest)
    found = connection.execute(width).scalar()
    return 0 if found is None else int((float(found) + _BESIDE_A_ROW) * spans)
