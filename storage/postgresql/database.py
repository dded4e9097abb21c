"""One PostgreSQL database: connections, errors, and going on after it was away.

Nothing is asked of the database before the first use, and nothing is given up when it goes away:
each use connects anew, and raises StoreUnavailable until that works.
"""

from __future__ import annotations

import math
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import errors
from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from storage.config import PostgreSQLConfig
from storage.deadline import Deadline, deadline
from storage.extent import ExtentValue
from storage.interface import StatementRefused, StoreError, StoreUnavailable
from storage.metrics import DATABASE_RESETS
from storage.postgresql.writer_state import read_extent
from storage.schema import Schema

__all__ = ["Database", "driver_connection"]

_CONNECT_TIMEOUT_S = 5
_WAIT_FOR_CONNECTION_S = 10
_BACKGROUND_CONNECTIONS = 4

# The server ends what a process that is gone, or cut off, has left behind. JIT costs more than
# it saves in statements as short as ours. A plan made for its parameters leaves out partitions
# and uses partial indexes. With synchronous_commit off, spans would be lost that
# the spool has given away already.
_SESSION = """
    SET statement_timeout = '15min';
    SET idle_in_transaction_session_timeout = '{idle_s}s';
    SET tcp_keepalives_idle = 10;
    SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 3;
    SET jit = off;
    SET plan_cache_mode = force_custom_plan;
    SET TIME ZONE 'UTC';
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'
"""
_KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}

# A writer that hangs keeps all others waiting; a reader may compute for long between statements.
_WRITER_IDLE_S, _READER_IDLE_S = 60, 900

# These pass, or pass when there is less to do at once.
_FOR_NOW = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.SerializationFailure,
    errors.ReadOnlySqlTransaction,  # a standby, until it is promoted
)
_LOST = (psycopg.OperationalError, psycopg.InterfaceError)

# It tried to write, or has parameters, for which nobody gives a value.
_FAULTS_OF_A_STATEMENT = (errors.ReadOnlySqlTransaction, errors.ProtocolViolation)

_NEVER = Deadline(math.inf, lambda: None)

OpenSchema = Callable[[Engine], Schema]


class Database:
    """A PostgreSQL database behind two SQLAlchemy engines: for readers, and for all else.

    Attributes:
        name: host, port and database, for messages.
    """

    def __init__(self, config: PostgreSQLConfig, open_schema: OpenSchema) -> None:
        """Raises StoreError for a URL that is none."""
        url = _url(config)
        self.name = f"{url.host or 'localhost'}:{url.port or 5432}/{url.database or ''}"
        self._open_schema = open_schema
        self._lock = threading.RLock()
        self._schema: Schema | None = None
        self._closed = False
        self._background = _engine(url, _BACKGROUND_CONNECTIONS, _WRITER_IDLE_S)
        self._readers = _engine(url, config.pool_size, _READER_IDLE_S).execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    @property
    def background(self) -> Engine:
        """The engine of all but the readers."""
        return self._background

    def open(self) -> Schema:
        """Return the schema, opening the database if that has not worked yet.

        Raises StoreUnavailable if it cannot be reached for now, StoreTooNew and StoreError if
        it cannot be opened by this version or with these settings.
        """
        with self._lock:
            if self._closed:
                raise StoreUnavailable(f"the store {self.name} is closed")
            if self._schema is None:
                with self.errors():
                    self._schema = self._open_schema(self._background)
            return self._schema

    @contextmanager
    def transaction(self, *, snapshot: bool = False) -> Iterator[tuple[Connection, Schema]]:
        """Open a transaction for writing that commits at the end of the block.

        With ``snapshot`` all its statements see the same. Raises StoreUnavailable for what may
        pass; nothing is stored then, or the commit went through and only its confirmation was
        lost.
        """
        schema = self.open()
        level = "REPEATABLE READ" if snapshot else "READ COMMITTED"
        engine = self._background.execution_options(isolation_level=level)
        with self.errors(), engine.begin() as connection:
            yield connection, schema

    @contextmanager
    def reading(
        self, timeout_s: float, *, user_statement: bool = False
    ) -> Iterator[tuple[Connection, Schema, Deadline]]:
        """Open a consistent snapshot to read from for at most ``timeout_s`` seconds.

        Raises QueryTimeout and StoreUnavailable, and StatementRefused for what is wrong with a
        statement if a user wrote it.
        """
        schema = self.open()
        with self.errors():
            connection = self._readers.connect()
        try:
            cancel = driver_connection(connection).cancel_safe
            with (
                deadline(timeout_s, cancel) as limit,
                self.errors(limit, user_statement=user_statement),
                connection.begin(),
            ):
                yield connection, schema, limit
                limit.check()
        finally:
            # Whatever went wrong has been raised already; a broken connection is thrown away.
            with suppress(DBAPIError, psycopg.Error):
                if user_statement:
                    connection.invalidate()  # with the settings and locks that it may have left
                connection.close()

    def extent(self, connection: Connection) -> ExtentValue:
        """See :meth:`storage.reader.ReadableDatabase.extent`."""
        return read_extent(connection)

    @contextmanager
    def errors(self, limit: Deadline = _NEVER, *, user_statement: bool = False) -> Iterator[None]:
        """Raise what the database raises as an error of the store."""
        try:
            yield
        except PoolTimeout as error:
            raise StoreUnavailable(
                f"the store {self.name} has no connection free: all of this process's are in use"
            ) from error
        except (DBAPIError, psycopg.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            if limit.passed:
                raise limit.error() from error
            raise self._translate(cause or error, user_statement) from error

    def _translate(self, cause: BaseException, user_statement: bool) -> StoreError:
        text = str(cause).strip()
        if user_statement and isinstance(cause, _FAULTS_OF_A_STATEMENT):
            return StatementRefused(text)
        if isinstance(cause, _FOR_NOW):
            if isinstance(cause, _LOST) and not isinstance(cause, errors.QueryCanceled):
                DATABASE_RESETS.inc()
            return StoreUnavailable(f"the store {self.name} could not do this now: {text}")
        if user_statement:
            return StatementRefused(text)
        return StoreError(f"the store {self.name} refused a statement: {text}")

    def close(self) -> None:
        """Close the connections for good. Safe to call twice."""
        with self._lock:
            self._closed = True
        for engine in (self._background, self._readers):
            engine.dispose()


def driver_connection(connection: Connection) -> psycopg.Connection[tuple[object, ...]]:
    """Return psycopg's own connection: for COPY and for cancelling."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # the dialect's
    return driver


def _url(config: PostgreSQLConfig) -> URL:
    try:
        url = make_url(config.url)
    except (ArgumentError, ValueError):
        # Without the URL itself, which may hold a password.
        raise StoreError("the store's URL cannot be read: it is no postgresql:// URL") from None
    if config.password and not url.password:
        url = url.set(password=config.password)
    return url.set(drivername="postgresql+psycopg")


def _has_news(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Whether something is to be read, or the connection is broken."""
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    return bool(socket.poll(0))


class _TextDumper(StrDumperUnknown):
    """Text as it is stored: a NUL, which PostgreSQL's text cannot hold, is U+FFFD."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\ufffd"))


def _engine(url: URL, connections: int, idle_s: int) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_WAIT_FOR_CONNECTION_S,
        connect_args={
            "connect_timeout": _CONNECT_TIMEOUT_S,
            "application_name": "spanloom",
            **_KEEPALIVES,
        },
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: psycopg.Connection[tuple[object, ...]], _: object) -> None:
        connection.adapters.register_dumper(str, _TextDumper)
        connection.execute(_SESSION.format(idle_s=idle_s))
        connection.commit()

    @event.listens_for(engine, "checkout")
    def check(connection: psycopg.Connection[tuple[object, ...]], *_: object) -> None:
        # A server that ends a connection says so on it: where nothing came, nothing is asked,
        # which would be one of the five round trips of a trace.
        if not connection.closed and not _has_news(connection):
            return
        try:
            connection.execute("SELECT 1")
            connection.rollback()
        except psycopg.Error as error:
            raise InvalidatePoolError from error

    return engine
