"""The table ``span_columns``: which well-known columns ``spans`` has in this store."""

from __future__ import annotations

import json

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    insert,
    select,
    text,
)

from model.columns import ColumnType, WellKnownColumn
from storage.interface import StoreError
from storage.schema import column_type

__all__ = ["add_columns", "create_span_columns", "stored_columns"]

_span_columns = Table(
    "span_columns",
    MetaData(),
    Column("position", BigInteger, nullable=False, comment="order in which they were added"),
    Column("name", String, nullable=False, comment="column of spans that holds attributes"),
    Column("type", String, nullable=False, comment="model.columns.ColumnType"),
    Column("keys", String, nullable=False, comment="JSON list of attribute keys when added"),
)


def create_span_columns(connection: Connection, columns: tuple[WellKnownColumn, ...]) -> None:
    """Create the table for a new ``spans`` with ``columns``."""
    _span_columns.create(connection)
    _remember(connection, columns, 0)


def stored_columns(connection: Connection) -> tuple[WellKnownColumn, ...]:
    """Return the well-known columns that ``spans`` has, in the order in which they were added."""
    statement = select(_span_columns).order_by(_span_columns.c.position)
    return tuple(
        WellKnownColumn(row["name"], ColumnType(row["type"]), tuple(json.loads(row["keys"])))
        for row in connection.execute(statement).mappings()
    )


def add_columns(
    connection: Connection, columns: tuple[WellKnownColumn, ...]
) -> tuple[WellKnownColumn, ...]:
    """Add those of ``columns`` that ``spans`` lacks, and return all that it has then.

    Raises StoreError if one is stored with another type.
    """
    stored = {column.name: column for column in stored_columns(connection)}
    added = []
    for column in columns:
        known = stored.get(column.name)
        if known is None:
            added.append(column)
        elif known.type is not column.type:
            raise StoreError(
                f"column {column.name!r} is configured as {column.type} but is stored as "
                f"{known.type}: give the column another name, or set its type back"
            )
    for column in added:
        type_text = column_type(column.type).compile(connection.dialect)
        connection.execute(text(f'ALTER TABLE spans ADD COLUMN "{column.name}" {type_text}'))
    _remember(connection, tuple(added), len(stored))
    return (*stored.values(), *added)


def _remember(connection: Connection, columns: tuple[WellKnownColumn, ...], first: int) -> None:
    if not columns:
        return
    rows = [
        {
            "position": position,
            "name": column.name,
            "type": column.type.value,
            "keys": json.dumps(column.keys),
        }
        for position, column in enumerate(columns, first)
    ]
    connection.execute(insert(_span_columns), rows)
