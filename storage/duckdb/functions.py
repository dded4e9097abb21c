"""DuckDB's form of the functions in :mod:`storage.functions`, and the view for people.

They are stored in the database as macros, so that ``spanloom sql`` can use them too.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from storage.functions import any_item, any_of, row_hash, uuid_high, uuid_low
from storage.matching import NUMBER_PATTERN
from storage.schema import SPAN_FIELDS, Schema

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
    """Create ``span_view``: the spans as people read them."""
    columns = [column.name for column in schema.spans.columns if column.name not in SPAN_FIELDS]
    plain = ", ".join(f's."{column}"' for column in columns)
    connection.execute(
        text(
            f"""
            CREATE OR REPLACE VIEW span_view AS
            SELECT
              replace(s.trace_id::VARCHAR, '-', '') AS trace_id,
              lpad(lower(to_hex(s.span_id)), 16, '0') AS span_id,
              lpad(lower(to_hex(s.parent_span_id)), 16, '0') AS parent_span_id,
              make_timestamp_ns(s.start_ns) AS start_time,
              s.duration_ns / 1e6 AS duration_ms,
              s.service_name, s.name,
              CASE s.kind WHEN 1 THEN 'internal' WHEN 2 THEN 'server' WHEN 3 THEN 'client'
                WHEN 4 THEN 'producer' WHEN 5 THEN 'consumer' ELSE 'unspecified' END AS kind,
              CASE s.status_code WHEN 1 THEN 'ok' WHEN 2 THEN 'error' ELSE 'unset' END AS status,
              s.status_message, s.cluster, s.namespace, s.service, s.version, s.workload, s.pod,
              {plain},
              s.attributes, s.events, s.links, s.trace_state,
              r.attributes AS resource_attributes,
              c.name AS scope_name, c.version AS scope_version, c.attributes AS scope_attributes,
              s.start_ns, s.duration_ns
            FROM spans s
            LEFT JOIN resources r ON r.id = s.resource
            LEFT JOIN scopes c ON c.id = s.scope
            """  # noqa: S608 # names of our own columns, checked by StoreConfig
        )
    )


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
