"""SQL typed by a user: one statement that only reads, with a time limit and a row limit."""

from __future__ import annotations

import duckdb
from sqlalchemy import Connection

from storage.deadline import Deadline
from storage.duckdb.database import Database, driver_connection
from storage.interface import SQLResult, StatementRefused

__all__ = ["run_sql"]

_READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


def run_sql(database: Database, statement: str, limit: int, timeout_s: float) -> SQLResult:
    """Run one SELECT or EXPLAIN statement and return at most ``limit`` rows.

    Two fences keep it from changing anything: the kind of the statement, and a transaction
    that DuckDB itself holds to reading. Files and extensions are out of reach of the whole
    database (``enable_external_access``). Raises StatementRefused, QueryTimeout and
    StoreUnavailable.
    """
    with database.reading(timeout_s, user_statement=True) as (connection, _, deadline):
        return _run(connection, statement, limit, deadline)


def _run(connection: Connection, text: str, limit: int, deadline: Deadline) -> SQLResult:
    driver = driver_connection(connection)
    statements = driver.extract_statements(text)
    if len(statements) != 1:
        raise StatementRefused(f"give one statement, not {len(statements)}")
    if statements[0].type not in _READING:
        raise StatementRefused(
            f"the store is read-only here: give a SELECT or EXPLAIN statement, not "
            f"{statements[0].type.name}"
        )
    # SQLAlchemy's transaction is left for one that DuckDB keeps from writing.
    connection.rollback()
    driver.execute("BEGIN TRANSACTION READ ONLY")
    try:
        cursor = driver.execute(statements[0])
        columns = tuple(str(column[0]) for column in cursor.description)
        rows = cursor.fetchmany(limit + 1)
        deadline.check()
    finally:
        driver.execute("ROLLBACK")
    return SQLResult(columns, tuple(rows[:limit]), more=len(rows) > limit)
