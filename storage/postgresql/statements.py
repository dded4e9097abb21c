"""SQL typed by a user: one statement that only reads, with a time limit and a row limit."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from itertools import islice

from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn
from sqlalchemy import Connection

from storage.deadline import Deadline
from storage.interface import SQLResult, StatementRefused
from storage.postgresql.database import Database, driver_connection

__all__ = ["run_sql"]


def run_sql(database: Database, statement: str, limit: int, timeout_s: float) -> SQLResult:
    """Run one statement and return at most ``limit`` rows.

    Two fences keep it from changing anything: the transaction is read-only, and it runs by the
    extended protocol, which takes a single statement, so none can end the transaction and begin
    another. Raises StatementRefused, QueryTimeout and StoreUnavailable.
    """
    with database.reading(timeout_s, user_statement=True) as (connection, _, deadline):
        return _run(connection, statement, limit, deadline)


def _run(connection: Connection, text: str, limit: int, deadline: Deadline) -> SQLResult:
    driver = driver_connection(connection)
    columns = _columns(driver.pgconn, text)
    if not columns:
        raise StatementRefused(
            "the store is read-only here: give a statement that returns rows, such as SELECT"
        )
    with driver.cursor() as cursor:
        # Row by row, so that no more of them come here than are asked for.
        stream = cursor.stream(text.replace("%", "%%").encode(), ())
        assert isinstance(stream, Generator)  # what it is, though typed as an iterator
        with closing(stream):
            rows = tuple(islice(stream, limit + 1))
        deadline.check()
    return SQLResult(columns, rows[:limit], more=len(rows) > limit)


def _columns(connection: PGconn, text: str) -> tuple[str, ...]:
    """Return what the statement's rows would be made of, without running it."""
    found = connection.prepare(b"", text.encode())
    if found.status == ExecStatus.COMMAND_OK:
        found = connection.describe_prepared(b"")
    if found.status != ExecStatus.COMMAND_OK:
        raise error_from_result(found, "utf-8")
    return tuple((found.fname(column) or b"").decode() for column in range(found.nfields))
