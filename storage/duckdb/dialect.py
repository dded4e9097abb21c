"""The SQLAlchemy dialect, with compiled statements kept."""

from __future__ import annotations

from duckdb_engine import Dialect
from sqlalchemy import Table
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler

__all__ = ["SCHEME", "DuckDBDialect"]

SCHEME = "duckdb+spanloom"


class _DDLCompiler(PGDDLCompiler):
    """Writes DDL without what only PostgreSQL has after a table: partitions."""

    def post_create_table(self, table: Table) -> str:
        return ""


class DuckDBDialect(Dialect):
    """duckdb-engine's dialect with SQLAlchemy's statement cache switched on.

    Why: compiling ``select(spans)`` with its 80 columns takes 1.5 ms, more than DuckDB takes
    to run it for one trace. The dialect adds no state to compiled statements, which is all that
    the cache asks for.
    """

    supports_statement_cache = True
    ddl_compiler = _DDLCompiler


registry.register("duckdb.spanloom", __name__, DuckDBDialect.__name__)
