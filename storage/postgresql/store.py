"""The server store: PostgreSQL behind the interface of :mod:`storage.interface`."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Engine, text

from storage.config import PostgreSQLConfig, StoreConfig
from storage.graph.reader import SQLGraphReader
from storage.graph.rollups import Rollups
from storage.graph.span_loader import SpanLoader
from storage.interface import (
    RetentionReport,
    RollupReport,
    SQLResult,
    StoreError,
    StoreState,
    StoreStats,
    StoreUnavailable,
)
from storage.interned import InternedCache
from storage.migrations import latest_version, open_schema, stored_schema
from storage.postgresql.columnar import PostgreSQLColumnar
from storage.postgresql.database import Database
from storage.postgresql.functions import create_functions, create_span_view
from storage.postgresql.lead import Lead, LedDatabase, ensure_leadership
from storage.postgresql.partitions import Partitions
from storage.postgresql.retention import Retention
from storage.postgresql.size import bytes_on_disk
from storage.postgresql.statements import run_sql
from storage.postgresql.tables import METADATA
from storage.postgresql.tags import narrow_by_tags
from storage.postgresql.writer import PartitionedWriter
from storage.postgresql.writer_state import ensure_writer_state, read_extent
from storage.reader import SQLReader
from storage.schema import Schema
from storage.writer import SQLWriter

__all__ = ["PostgreSQLStore"]

_SIGN_OF_LIFE_S = 5.0
_KEY = "hashtextextended('spanloom open ' || current_schema(), 0)"
_LOCK = text(f"SELECT pg_advisory_lock({_KEY})")
_UNLOCK = text(f"SELECT pg_advisory_unlock({_KEY})")


class PostgreSQLStore:
    """Implements :class:`storage.interface.Store`; one of several on the same database.

    A database that cannot be reached does not keep the store from being made: each use tries
    again, and raises StoreUnavailable until that works. A store opened to read only raises at
    once, and its writer and retention must not be used.
    """

    def __init__(
        self,
        config: StoreConfig,
        postgresql: PostgreSQLConfig,
        *,
        read_only: bool = False,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """Open or make the tables. Raises StoreTooNew; StoreError for bad settings."""
        self._config = config
        self._read_only = read_only
        self._now_ns = now_ns
        self._database = Database(postgresql, self._open_schema)
        self._partitions = Partitions(config.retention.max_age_ns)
        columnar, loader = PostgreSQLColumnar(), SpanLoader()
        self._writer = PartitionedWriter(self._database, columnar, self._partitions, now_ns)
        self._reader = SQLReader(self._database, columnar, InternedCache(), narrow_by_tags)
        self._graph = SQLGraphReader(self._database, columnar, loader, config.rollups)
        self._lead = Lead(self._database)
        led = LedDatabase(self._database, self._lead)
        self._rollups = Rollups(led, columnar, loader, config.rollups)
        self._retention = Retention(led, self._partitions)
        try:
            self._database.open()
        except StoreUnavailable:
            if read_only:
                raise
        except StoreError:
            self._database.close()
            raise

    def _open_schema(self, engine: Engine) -> Schema:
        if self._read_only:
            return stored_schema(engine, self._config.columns)
        with engine.connect() as guard:
            # Several processes may start at the same time on an empty database.
            guard.execute(_LOCK)
            guard.commit()
            try:
                schema = open_schema(engine, self._config.columns)
                with engine.begin() as connection:
                    METADATA.create_all(connection)
                    ensure_writer_state(connection)
                    ensure_leadership(connection)
                    create_functions(connection)
                    create_span_view(connection, schema)
                    days = self._partitions.wanted((), self._now_ns())
                    self._partitions.make(connection, schema, days)
            finally:
                guard.execute(_UNLOCK)
                guard.commit()
        self._partitions.made(days)
        return schema

    @property
    def writer(self) -> SQLWriter:
        """See :attr:`storage.interface.Store.writer`."""
        return self._writer

    @property
    def reader(self) -> SQLReader:
        """See :attr:`storage.interface.Store.reader`."""
        return self._reader

    @property
    def graph(self) -> SQLGraphReader:
        """See :attr:`storage.interface.Store.graph`."""
        return self._graph

    def lead(self) -> bool:
        """See :meth:`storage.interface.Store.lead`."""
        return self._lead.held()

    def roll_up(self, now_ns: int) -> RollupReport:
        """See :meth:`storage.interface.Store.roll_up`."""
        return self._rollups.run(now_ns)

    def apply_retention(
        self, now_ns: int, max_age_ns: int | None, max_bytes: int | None
    ) -> RetentionReport:
        """See :meth:`storage.interface.Store.apply_retention`."""
        return self._retention.apply(now_ns, max_age_ns, max_bytes)

    def sql(self, statement: str, *, limit: int, timeout_s: float) -> SQLResult:
        """See :meth:`storage.interface.Store.sql`; the SQL is PostgreSQL's."""
        return run_sql(self._database, statement, limit, timeout_s)

    def stats(self) -> StoreStats:
        """See :meth:`storage.interface.Store.stats`."""
        with self._database.reading(_SIGN_OF_LIFE_S) as (connection, schema, _):
            extent = read_extent(connection)
            size = bytes_on_disk(connection, schema)
        return StoreStats(
            spans=extent.spans,
            bytes_on_disk=size,
            oldest_ns=extent.oldest_ns,
            newest_ns=extent.newest_ns,
            schema_version=latest_version(),
        )

    def state(self) -> StoreState:
        """See :meth:`storage.interface.Store.state`."""
        try:
            with self._database.reading(_SIGN_OF_LIFE_S) as (connection, _, _):
                connection.execute(text("SELECT 1"))
        except StoreError:
            return StoreState.UNAVAILABLE
        return StoreState.OK

    def close(self) -> None:
        """See :meth:`storage.interface.Store.close`."""
        self._rollups.close()
        self._lead.release()
        with self._writer.paused():
            self._database.close()
