"""DuckDB's form of the functions in :mod:`storage.functions`, and the view for people.

They are stored in the database as macros, so that ``spanloom sql`` can use them too.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, literal_column, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from storage.functions import Among, any_item, any_of, row_hash, uuid_high, uuid_low
from storage.matching import NUMBER_PATTERN
from storage.schema import Schema
from storage.span_view import span_view_query

__all__ = ["create_functions", "create_span_view"]

_MACROS = (
    # The text of a plain JSON value, or of an OTLP/JSON AnyValue that rests in one.
    """
    CREATE OR REPLACE MACRO any_value_text(value) AS
      CASE
        WHEN json_type(value) <> 'OBJECT' THEN value->>'$'
        WHEN value = '{}'::JSON THEN ''
        ELSE coalesce(
          value->>'$.stringValue', value->>'$.intValue', value->>'$.boolValue',
          value->>'$.doubleValue', value->>'$.bytesValue', value::VARCHAR)
      END
    """,
    # The text of the member of `attributes` at a JSON pointer ("/key") or with a plain name.
    """
    CREATE OR REPLACE MACRO attribute_text(attributes, pointer) AS
      any_value_text(json_extract(attributes, pointer))
    """,
    """
    CREATE OR REPLACE MACRO item_attribute_texts(items, key) AS
      list_transform(
        list_filter(
          json_extract(items, '$[*].attributes[*]'), lambda item: item->>'$.key' = key),
        lambda item: coalesce(any_value_text(item->'$.value'), ''))
    """,
    f"""
    CREATE OR REPLACE MACRO number_of_text(value) AS
      CASE WHEN regexp_matches(value, '{NUMBER_PATTERN}') THEN TRY_CAST(value AS DOUBLE) END
    """,
)


def create_functions(connection: Connection) -> None:
    """Create the functions that queries call."""
    for macro in _MACROS:
        connection.exec_driver_sql(macro)


def create_span_view(connection: Connection, schema: Schema) -> None:
    """Create ``span_view`` (see :mod:`storage.span_view`)."""
    query = span_view_query(schema, "make_timestamp_ns(s.start_ns)")
    connection.execute(text(f"CREATE OR REPLACE VIEW span_view AS {query}"))


@compiles(any_item, "duckdb")
def _any_item(element: any_item, compiler: SQLCompiler, **options: Any) -> str:
    items, condition = element.clauses
    return (
        f"len(list_filter({compiler.process(items, **options)}, "
        f"lambda item: {compiler.process(condition, **options)})) > 0"
    )


@compiles(any_of, "duckdb")
def _any_of(element: any_of, compiler: SQLCompiler, **options: Any) -> str:
    column, items = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT unnest({items}))"


@compiles(Among, "duckdb")
def _among(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    # Found by this column alone: a filter lets other rows through here and there, and of all in
    # their neighbourhood each further column would be read.
    column, found = element.clauses
    number: ColumnElement[int] = literal_column(f"{column.table.name}.rowid")
    numbers = select(number).select_from(column.table).where(column.in_(found))
    return compiler.process(number.in_(numbers), **options)


@compiles(row_hash, "duckdb")
def _row_hash(element: row_hash, compiler: SQLCompiler, **options: Any) -> str:
    return f"hash({compiler.process(element.clauses, **options)})"


@compiles(uuid_high, "duckdb")
def _uuid_high(element: uuid_high, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)}::UHUGEINT >> 64)::UBIGINT"


@compiles(uuid_low, "duckdb")
def _uuid_low(element: uuid_low, compiler: SQLCompiler, **options: Any) -> str:
    number = f"{compiler.process(element.clauses, **options)}::UHUGEINT"
    return f"({number} & 18446744073709551615::UHUGEINT)::UBIGINT"
