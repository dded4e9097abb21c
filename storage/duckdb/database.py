"""One DuckDB file: opening it, connections, errors, and healing after failures.

DuckDB invalidates a database after a failed write to its files: every connection has to be
closed and the file opened anew. So does a lock held by another process. Here the file is opened
when it is needed and not open, so both heal by themselves as soon as their cause is gone.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from storage.deadline import Deadline, deadline
from storage.duckdb.dialect import SCHEME
from storage.extent import Extent, ExtentValue
from storage.interface import StatementRefused, StoreError, StoreUnavailable
from storage.metrics import DATABASE_RESETS
from storage.schema import Schema

__all__ = ["Database", "driver_connection", "registered"]

_READERS = 16

# After these DuckDB refuses all further work on the open database.
_BROKEN = (
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.IOException,
    duckdb.ConnectionException,
)
# These pass, or pass when there is less to do at once.
_FOR_NOW = (
    duckdb.TransactionException,
    duckdb.OutOfMemoryException,
    duckdb.InterruptException,
    duckdb.SerializationException,
)

_NEVER = Deadline(math.inf, lambda: None)

OpenSchema = Callable[[Engine], Schema]


class Database:
    """A DuckDB file behind an SQLAlchemy engine that is made anew when it broke."""

    def __init__(
        self,
        path: Path,
        open_schema: OpenSchema,
        config: dict[str, str],
        extent: Extent,
        *,
        read_only: bool = False,
    ) -> None:
        self._extent = extent
        self._path = path
        self._open_schema = open_schema
        self._config = config
        self._read_only = read_only
        self._lock = threading.RLock()  # a failure to open resets, too
        self._opened: tuple[Engine, Schema] | None = None
        self._closed = False

    @property
    def path(self) -> Path:
        """The database file."""
        return self._path

    def open(self) -> tuple[Engine, Schema]:
        """Return the engine and schema, opening the file if it is not open.

        Raises StoreUnavailable if it cannot be opened for now, StoreTooNew and StoreError if
        it cannot be opened by this version or with these settings.
        """
        with self._lock:
            if self._closed:
                raise StoreUnavailable(f"the store {self._path} is closed")
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    def _open(self) -> tuple[Engine, Schema]:
        engine = create_engine(
            URL.create(SCHEME, database=str(self._path)),
            connect_args={"config": dict(self._config), "read_only": self._read_only},
            poolclass=QueuePool,
            pool_size=_READERS,
            max_overflow=-1,
        )
        try:
            with self._errors(_NEVER):
                return engine, self._open_schema(engine)
        except StoreError:
            engine.dispose()
            raise

    def extent(self, connection: Connection | None = None) -> ExtentValue:
        """Return how much is stored and of which time; at least what ``connection`` sees.

        Raises StoreUnavailable.
        """
        self.open()
        return self._extent.value

    def checkpoint(self) -> None:
        """Write the log into the file, which frees what was deleted. Raises StoreUnavailable."""
        engine, _ = self.open()
        with self._connection(engine) as connection, self._errors(_NEVER):
            driver_connection(connection).execute("CHECKPOINT")

    @contextmanager
    def transaction(self) -> Iterator[tuple[Connection, Schema]]:
        """Open a transaction for writing that commits at the end of the block.

        Raises StoreUnavailable for what may pass; nothing is stored then, or the commit went
        through and only its confirmation was lost.
        """
        engine, schema = self.open()
        with self._errors(_NEVER), engine.begin() as connection:
            yield connection, schema

    @contextmanager
    def reading(
        self, timeout_s: float, *, user_statement: bool = False
    ) -> Iterator[tuple[Connection, Schema, Deadline]]:
        """Open a consistent snapshot to read from for at most ``timeout_s`` seconds.

        Raises QueryTimeout and StoreUnavailable, and StatementRefused for what is wrong with a
        statement if a user wrote it.
        """
        engine, schema = self.open()
        with (
            self._connection(engine) as connection,
            deadline(timeout_s, driver_connection(connection).interrupt) as limit,
            self._errors(limit, user_statement=user_statement),
        ):
            yield connection, schema, limit
            limit.check()

    @contextmanager
    def _connection(self, engine: Engine) -> Iterator[Connection]:
        with self._errors(_NEVER):
            connection = engine.connect()
        try:
            yield connection
        finally:
            # Whatever went wrong has been raised already; a broken connection is thrown away.
            with suppress(DBAPIError, duckdb.Error):
                connection.close()

    @contextmanager
    def _errors(self, limit: Deadline, *, user_statement: bool = False) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, duckdb.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            if limit.passed:
                raise limit.error() from error
            raise self._translate(cause or error, user_statement) from error

    def _translate(self, cause: BaseException, user_statement: bool) -> StoreError:
        where = f"the store {self._path}"
        if user_statement and isinstance(cause, duckdb.TransactionException):
            return StatementRefused(str(cause))  # it tried to write
        if isinstance(cause, _FOR_NOW):
            return StoreUnavailable(f"{where} could not do this now: {cause}")
        if isinstance(cause, _BROKEN):
            self.reset()
            return StoreUnavailable(f"{where} failed and will be opened anew: {cause}")
        if user_statement:
            return StatementRefused(str(cause))
        return StoreError(f"{where} refused a statement: {cause}")

    def reset(self) -> None:
        """Close the connections; the next use opens the file anew."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            DATABASE_RESETS.inc()
            opened[0].dispose()

    def close(self) -> None:
        """Close the file for good. Safe to call twice."""
        with self._lock:
            self._closed = True
            opened, self._opened = self._opened, None
        if opened is not None:
            opened[0].dispose()


def driver_connection(connection: Connection) -> duckdb.DuckDBPyConnection:
    """Return DuckDB's own connection: for Arrow tables and for interrupting."""
    driver = connection.connection.driver_connection
    assert driver is not None  # a Connection in use has one
    return driver  # type: ignore[no-any-return]  # a wrapper of duckdb-engine that passes all on


@contextmanager
def registered(connection: Connection, name: str, rows: pa.Table) -> Iterator[None]:
    """Let statements of this connection read the Arrow table ``rows`` by ``name``."""
    driver = driver_connection(connection)
    driver.register(name, rows)
    try:
        yield
    finally:
        driver.unregister(name)
