"""Spreads a store over the nodes of a PostgreSQL with the Citus extension, by trace id.

All spans of a trace, and what is known of it, lie on one node; the small tables are on every one.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Engine, text

from model.columns import WellKnownColumn
from storage.interface import StoreError
from storage.migrations import stored_schema

__all__ = ["distribute"]

_IS_CREATED = text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')")
_IS_AVAILABLE = text("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'citus')")
_IS_DISTRIBUTED = text(
    "SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = to_regclass(:table))"
)
_DISTRIBUTE = text("SELECT create_distributed_table(:table, 'trace_id')")
_COLOCATE = text("SELECT create_distributed_table(:table, 'trace_id', colocate_with => 'spans')")
_REPEAT = text("SELECT create_reference_table(:table)")


def distribute(engine: Engine, columns: tuple[WellKnownColumn, ...]) -> Iterator[str]:
    """Distribute the tables that are not yet, and yield what was done, a line each.

    Raises StoreError if the database has no Citus.
    """
    schema = stored_schema(engine, columns)
    with engine.begin() as connection:
        _require_citus(connection)
    statements = {schema.spans.name: _DISTRIBUTE, schema.traces.name: _COLOCATE}
    # The spans first: what is placed with them needs them.
    for name in dict.fromkeys((*statements, *schema.metadata.tables)):
        with engine.begin() as connection:
            if connection.execute(_IS_DISTRIBUTED, {"table": name}).scalar_one():
                continue
            connection.execute(statements.get(name, _REPEAT), {"table": name})
        how = "by trace id" if name in statements else "to every node"
        yield f"distributed {name} {how}"


def _require_citus(connection: Connection) -> None:
    if connection.execute(_IS_CREATED).scalar_one():
        return
    if connection.execute(_IS_AVAILABLE).scalar_one():
        raise StoreError(
            "the database lacks the Citus extension, which its server has: let a superuser run "
            "`CREATE EXTENSION citus` in it"
        )
    raise StoreError(
        "the server has no Citus extension: install it on every node, or leave out --distributed; "
        "the store works without"
    )
