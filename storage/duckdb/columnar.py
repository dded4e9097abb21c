"""Rows between DuckDB and Arrow, without a Python object for each value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    Connection,
    Dialect,
    FromClause,
    SelectBase,
    Table,
    Uuid,
    cast,
    column,
    insert,
    select,
    table,
)
from sqlalchemy.sql.compiler import SQLCompiler

from storage.columnar import Parameters
from storage.duckdb.database import driver_connection, registered

__all__ = ["DuckDBColumnar"]

_INCOMING = "incoming_rows"
_KEPT_STATEMENTS = 64


class DuckDBColumnar:
    """Implements :class:`storage.columnar.Columnar`."""

    def fetch(
        self,
        connection: Connection,
        statement: SelectBase,
        parameters: Parameters | None = None,
    ) -> pa.Table:
        """See :meth:`storage.columnar.Columnar.fetch`."""
        text, given = _given(connection, statement, parameters)
        # As a relation: the result of an executed statement is copied once more for Arrow.
        return driver_connection(connection).sql(text, params=given).to_arrow_table()

    def rows(
        self, connection: Connection, statement: SelectBase, parameters: Parameters
    ) -> list[tuple[Any, ...]]:
        """See :meth:`storage.columnar.Columnar.rows`."""
        text, given = _given(connection, statement, parameters)
        return driver_connection(connection).execute(text, given).fetchall()

    @contextmanager
    def lend(self, connection: Connection, name: str, rows: pa.Table) -> Iterator[FromClause]:
        """See :meth:`storage.columnar.Columnar.lend`."""
        with registered(connection, name, rows):
            yield table(name, *map(column, rows.column_names))

    def insert(self, connection: Connection, target: Table, rows: pa.Table) -> None:
        """See :meth:`storage.columnar.Columnar.insert`."""
        if not rows.num_rows:
            return
        names = rows.column_names
        with self.lend(connection, _INCOMING, rows) as incoming:
            values = [
                cast(incoming.c[name], Uuid)  # attributes that are UUIDs come as text
                if isinstance(target.c[name].type, Uuid)
                else incoming.c[name]
                for name in names
            ]
            connection.execute(insert(target).from_select(names, select(*values)))


def _given(
    connection: Connection, statement: SelectBase, parameters: Parameters | None
) -> tuple[str, list[Any]]:
    """Return the text of a statement and its parameters in their order."""
    compiled = _compiled(statement, connection.dialect)
    values = compiled.construct_params(parameters)
    return compiled.string, [values[name] for name in compiled.positiontup or ()]


@lru_cache(maxsize=_KEPT_STATEMENTS)
def _compiled(statement: SelectBase, dialect: Dialect) -> SQLCompiler:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    return compiled
