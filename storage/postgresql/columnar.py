"""Rows between PostgreSQL and Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Connection,
    Dialect,
    Double,
    FromClause,
    Integer,
    LargeBinary,
    SelectBase,
    SmallInteger,
    String,
    Table,
    Uuid,
    bindparam,
    column,
    func,
)
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from storage.columnar import Parameters
from storage.postgresql.binary_copy import binary_rows
from storage.postgresql.database import driver_connection

__all__ = ["PostgreSQLColumnar"]

_KEPT_STATEMENTS = 64

_ARROW: tuple[tuple[type[TypeEngine[Any]], pa.DataType], ...] = (
    (BigInteger, pa.int64()),
    (SmallInteger, pa.int16()),
    (Integer, pa.int32()),
    (Boolean, pa.bool_()),
    (Double, pa.float64()),
    (LargeBinary, pa.binary()),
    (Uuid, pa.uuid()),
    (String, pa.string()),
)


class PostgreSQLColumnar:
    """Implements :class:`storage.columnar.Columnar`."""

    def fetch(
        self,
        connection: Connection,
        statement: SelectBase,
        parameters: Parameters | None = None,
    ) -> pa.Table:
        """See :meth:`storage.columnar.Columnar.fetch`."""
        rows = self.rows(connection, statement, parameters or {})
        columns = list(statement.selected_columns)
        values_of = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
        return pa.table(
            {
                one.name: _array(found, one.type)
                for one, found in zip(columns, values_of, strict=True)
            }
        )

    def rows(
        self, connection: Connection, statement: SelectBase, parameters: Parameters
    ) -> list[tuple[Any, ...]]:
        """See :meth:`storage.columnar.Columnar.rows`."""
        compiled = _compiled(statement, connection.dialect)
        values = compiled.construct_params(parameters)
        with driver_connection(connection).cursor(binary=True) as cursor:
            cursor.execute(compiled.string.encode(), values)
            return cursor.fetchall()

    @contextmanager
    def lend(self, connection: Connection, name: str, rows: pa.Table) -> Iterator[FromClause]:
        """See :meth:`storage.columnar.Columnar.lend`: as parameters of the statement."""
        types = {one.name: _sql_type(one.type) for one in rows.schema}
        arrays = [
            bindparam(None, rows.column(one).to_pylist(), type_=ARRAY(type_))
            for one, type_ in types.items()
        ]
        columns = [column(one, type_) for one, type_ in types.items()]
        yield func.unnest(*arrays).table_valued(*columns, name=name).render_derived()

    def insert(self, connection: Connection, target: Table, rows: pa.Table) -> None:
        """See :meth:`storage.columnar.Columnar.insert`: by a binary COPY."""
        if not rows.num_rows:
            return
        encoded = binary_rows(target, rows)
        quote = connection.dialect.identifier_preparer.quote
        names = ", ".join(quote(name) for name in encoded.names)
        statement = f"COPY {quote(target.name)} ({names}) FROM STDIN (FORMAT BINARY)"
        driver = driver_connection(connection)
        with driver.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for chunk in encoded.chunks():
                copy.write(chunk)


def _array(values: Sequence[Any], type_: TypeEngine[Any]) -> pa.Array:
    if isinstance(type_, Uuid):
        data = pa.array([None if one is None else one.bytes for one in values], pa.binary(16))
        return pa.ExtensionArray.from_storage(pa.uuid(), data)
    found = next((arrow for sql, arrow in _ARROW if isinstance(type_, sql)), None)
    return pa.array(values, found)


def _sql_type(type_: pa.DataType) -> TypeEngine[Any]:
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    if pa.types.is_integer(type_):
        return BigInteger()
    return next(sql() for sql, arrow in _ARROW if arrow == type_)


@lru_cache(maxsize=_KEPT_STATEMENTS)
def _compiled(statement: SelectBase, dialect: Dialect) -> SQLCompiler:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    return compiled
