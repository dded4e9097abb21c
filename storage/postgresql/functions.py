"""PostgreSQL's form of the functions in :mod:`storage.functions`, and the view for people.

JSON texts are read as ``json``: ``jsonb`` would change numbers. Neither takes a NUL, which reads
as U+FFFD here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from storage.functions import Among, any_item, any_of, row_hash, uuid_high, uuid_low
from storage.matching import NUMBER_PATTERN
from storage.schema import Schema
from storage.span_view import span_view_query

__all__ = ["create_functions", "create_span_view"]

# Only where no backslash before it makes it five plain characters.
_NUL = r"(?<!\\)((?:\\\\)*)\\u0000"
_READ = (
    r"(CASE WHEN strpos({text}, '\u0000') > 0 "
    rf"THEN regexp_replace({{text}}, '{_NUL}', U&'\005C1\FFFD', 'g') ELSE {{text}} END)::json"
)

_FUNCTIONS = (
    # The text of a plain JSON value, or of an OTLP/JSON AnyValue that rests in one.
    """
    any_value_text(value json) RETURNS text AS $$
      SELECT CASE
        WHEN json_typeof(value) <> 'object' THEN value #>> '{}'
        WHEN value::text ~ '^{\\s*}$' THEN ''
        ELSE coalesce(
          value->>'stringValue', value->>'intValue', value->>'boolValue',
          value->>'doubleValue', value->>'bytesValue', value::text)
      END
    $$
    """,
    # The text of the member of `attributes` at a JSON pointer ("/key").
    f"""
    attribute_text(attributes text, pointer text) RETURNS text AS $$
      SELECT any_value_text({_READ.format(text="attributes")}
        -> replace(replace(substr(pointer, 2), '~1', '/'), '~0', '~'))
    $$
    """,
    f"""
    item_attribute_texts(items text, key text) RETURNS text[] AS $$
      SELECT array_agg(coalesce(any_value_text(attribute->'value'), ''))
      FROM json_array_elements({_READ.format(text="items")}) AS item,
        json_array_elements(item->'attributes') AS attribute
      WHERE attribute->>'key' = key
    $$
    """,  # noqa: S608 # no input
    f"""
    number_of_text(value text) RETURNS double precision AS $$
      SELECT CASE
        WHEN (value ~ '{NUMBER_PATTERN}') IS NOT TRUE THEN NULL
        WHEN pg_input_is_valid(value, 'double precision') THEN value::double precision
        WHEN value ~ '[eE]-' THEN 0
        WHEN value LIKE '-%' THEN '-Infinity'::double precision
        ELSE 'Infinity'::double precision
      END
    $$
    """,
    # Both halves of a UUID, as signed numbers.
    """
    uuid_half(value uuid, place integer) RETURNS bigint AS $$
      SELECT ('x' || encode(substr(uuid_send(value), place, 8), 'hex'))::bit(64)::bigint
    $$
    """,
)


def create_functions(connection: Connection) -> None:
    """Create the functions that queries call."""
    for function in _FUNCTIONS:
        connection.execute(
            text(f"CREATE OR REPLACE FUNCTION {function} LANGUAGE sql IMMUTABLE PARALLEL SAFE")
        )


def create_span_view(connection: Connection, schema: Schema) -> None:
    """Create ``span_view`` (see :mod:`storage.span_view`)."""
    # In the place of one with fewer columns, which CREATE OR REPLACE would refuse.
    connection.execute(text("DROP VIEW IF EXISTS span_view"))
    query = span_view_query(schema, "to_timestamp(s.start_ns / 1e9)")
    connection.execute(text(f"CREATE VIEW span_view AS {query}"))


@compiles(any_item, "postgresql")
def _any_item(element: any_item, compiler: SQLCompiler, **options: Any) -> str:
    items, condition = (compiler.process(part, **options) for part in element.clauses)
    return f"EXISTS (SELECT 1 FROM unnest({items}) AS item WHERE {condition})"  # noqa: S608 # compiled


@compiles(any_of, "postgresql")
def _any_of(element: any_of, compiler: SQLCompiler, **options: Any) -> str:
    column, items = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY ({items})"


@compiles(Among, "postgresql")
def _among(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    column, found = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN {found}"


@compiles(row_hash, "postgresql")
def _row_hash(element: row_hash, compiler: SQLCompiler, **options: Any) -> str:
    return f"hash_record_extended(ROW({compiler.process(element.clauses, **options)}), 0)"


@compiles(uuid_high, "postgresql")
def _uuid_high(element: uuid_high, compiler: SQLCompiler, **options: Any) -> str:
    return f"uuid_half({compiler.process(element.clauses, **options)}, 1)"


@compiles(uuid_low, "postgresql")
def _uuid_low(element: uuid_low, compiler: SQLCompiler, **options: Any) -> str:
    return f"uuid_half({compiler.process(element.clauses, **options)}, 9)"
