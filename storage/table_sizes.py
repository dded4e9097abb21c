"""How many rows and bytes each table of a store has."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text

from storage.schema import Schema

__all__ = ["TableSize", "pending_minutes", "postgresql_size", "table_sizes"]

_COUNTED_UP_TO_ROWS = 1_000_000

# A row a segment of a column; what is still in the log has none.
_DUCKDB_BYTES = text(
    "SELECT count(DISTINCT block_id) * (SELECT any_value(block_size) FROM pragma_database_size())"
    " FROM pragma_storage_info(:name) WHERE persistent"
)
# The table itself, or its partitions.
_POSTGRESQL_SIZE = text(
    "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint,"
    " coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class WHERE relkind = 'r'"
    " AND (oid = to_regclass(:name) OR oid IN (SELECT relid FROM pg_partition_tree(:name)))"
)


@dataclass(frozen=True, slots=True)
class TableSize:
    """A table's size.

    Attributes:
        rows: exact, or the database's own estimate if ``is_estimate``.
        bytes: on disk with its indexes; tables of a DuckDB file may share blocks of 256 KiB.
    """

    name: str
    rows: int
    is_estimate: bool
    bytes: int


def table_sizes(connection: Connection, schema: Schema) -> list[TableSize]:
    """Return the size of each table, the largest first.

    Rows of a PostgreSQL table are counted if it has up to about a million.
    """
    sizes = []
    for name, table in schema.metadata.tables.items():
        estimate = 0
        if connection.dialect.name == "postgresql":
            bytes_, estimate = postgresql_size(connection, name)
        else:
            bytes_ = int(connection.execute(_DUCKDB_BYTES, {"name": name}).scalar_one())
        is_estimate = estimate > _COUNTED_UP_TO_ROWS
        count = select(func.count()).select_from(table)
        rows = estimate if is_estimate else int(connection.execute(count).scalar_one())
        sizes.append(TableSize(name, rows, is_estimate, bytes_))
    return sorted(sizes, key=lambda size: (-size.bytes, -size.rows, size.name))


def postgresql_size(connection: Connection, name: str) -> tuple[int, int]:
    """Return the bytes of a table of PostgreSQL with its indexes, and an estimate of its rows."""
    bytes_, rows = connection.execute(_POSTGRESQL_SIZE, {"name": name}).one()
    return bytes_, rows


def pending_minutes(connection: Connection, schema: Schema) -> int:
    """Return how many minutes wait to be rolled up."""
    statement = select(func.count()).select_from(schema.graph.pending_minutes)
    return int(connection.execute(statement).scalar_one())
