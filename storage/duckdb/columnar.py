"""Rows between DuckDB and Arrow, without a Python object for each value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import duckdb
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
        driver, parsed, values = _given(connection, statement, parameters)
        # As a relation: the result of an executed statement is copied once more for Arrow.
        return driver.sql(parsed, params=values).to_arrow_table()

    def rows(
        self, connection: Connection, statement: SelectBase, parameters: Parameters
    ) -> list[tuple[Any, ...]]:
        """See :meth:`storage.columnar.Columnar.rows`."""
        driver, parsed, values = _given(connection, statement, parameters)
        return driver.execute(parsed, values).fetchall()

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


class _Compiled:
    """A statement as DuckDB's parser left it, and where its parameters go.

    Parsing a wide statement takes milliseconds.
    """

    def __init__(self, compiled: SQLCompiler) -> None:
        self._compiled = compiled
        self._parsed: duckdb.Statement | None = None

    def parsed(self, driver: duckdb.DuckDBPyConnection) -> duckdb.Statement:
        # Two threads may parse it at once, and either result is right.
        if self._parsed is None:
            (self._parsed,) = driver.extract_statements(self._compiled.string)
        return self._parsed

    def values(self, parameters: Parameters | None) -> list[Any]:
        """Return the values of all parameters, in their order."""
        values = self._compiled.construct_params(parameters)
        return [values[name] for name in self._compiled.positiontup or ()]


def _given(
    connection: Connection, statement: SelectBase, parameters: Parameters | None
) -> tuple[duckdb.DuckDBPyConnection, duckdb.Statement, list[Any]]:
    """Return where to run a statement, the statement, and the values of its parameters."""
    driver = driver_connection(connection)
    compiled = _compiled(statement, connection.dialect)
    return driver, compiled.parsed(driver), compiled.values(parameters)


@lru_cache(maxsize=_KEPT_STATEMENTS)
def _compiled(statement: SelectBase, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    return _Compiled(compiled)
