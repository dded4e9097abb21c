"""The embedded store: DuckDB behind the interface of :mod:`storage.interface`."""

from __future__ import annotations

from sqlalchemy import Engine

from storage.config import StoreConfig
from storage.duckdb.columnar import DuckDBColumnar
from storage.duckdb.database import Database
from storage.duckdb.duplicates import stored_positions
from storage.duckdb.functions import create_functions, create_span_view
from storage.duckdb.ledger import DuckDBLedger
from storage.duckdb.retention import Retention
from storage.duckdb.size import bytes_on_disk
from storage.duckdb.statements import run_sql
from storage.extent import Extent, read_extent
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
from storage.migrations import HISTORY, History, latest_version, open_schema, stored_schema
from storage.reader import SQLReader
from storage.schema import Schema
from storage.writer import SQLWriter

__all__ = ["DuckDBStore"]

# A span takes about 860 bytes in the log. Measured with batches of 20,000 spans of Envoy on two
# busy cores: writing costs 15 us of CPU a span with the default of 16 MiB, 9.8 with 64 MiB and
# 8.5 with 256 MiB, because each checkpoint writes a row group that was not full once more.
# A full log is replayed in 1.8 s at a start.
_CHECKPOINT_AT = "256MiB"
_SIGN_OF_LIFE_S = 5.0


class DuckDBStore:
    """Implements :class:`storage.interface.Store`.

    A file that is locked or fails does not keep the store from being made: each use tries to
    open it again, and raises StoreUnavailable until that works. A store opened to read only
    raises at once, and its writer and retention must not be used.
    """

    def __init__(
        self,
        config: StoreConfig,
        *,
        read_only: bool = False,
        history: History = HISTORY,
    ) -> None:
        """Open or create ``config.path``. Raises StoreTooNew; StoreError for bad settings."""
        self._config = config
        self._history = history
        self._read_only = read_only
        self._extent = Extent()
        self._interned = InternedCache()
        self._database = Database(
            config.path,
            self._open_schema,
            {
                "memory_limit": f"{config.memory_limit_bytes}B",
                "threads": str(config.threads),
                "enable_external_access": "false",
                "checkpoint_threshold": _CHECKPOINT_AT,
            },
            self._extent,
            read_only=read_only,
        )
        columnar, loader = DuckDBColumnar(), SpanLoader()
        ledger = DuckDBLedger(self._extent)
        self._writer = SQLWriter(self._database, columnar, ledger, stored_positions)
        self._reader = SQLReader(self._database, columnar, self._interned)
        self._graph = SQLGraphReader(self._database, columnar, loader, config.rollups)
        self._rollups = Rollups(self._database, columnar, loader, config.rollups)
        self._retention = Retention(self._database, self._writer, self._extent, self._interned)
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
            schema = stored_schema(engine, self._config.columns)
        else:
            schema = open_schema(engine, self._config.columns, self._history)
            with engine.begin() as connection:
                create_functions(connection)
                create_span_view(connection, schema)
        with engine.connect() as connection:
            self._extent.set(read_extent(connection, schema))
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
        return True

    def roll_up(self, now_ns: int) -> RollupReport:
        """See :meth:`storage.interface.Store.roll_up`."""
        return self._rollups.run(now_ns)

    def apply_retention(
        self, now_ns: int, max_age_ns: int | None, max_bytes: int | None
    ) -> RetentionReport:
        """See :meth:`storage.interface.Store.apply_retention`."""
        return self._retention.apply(now_ns, max_age_ns, max_bytes)

    def sql(self, statement: str, *, limit: int, timeout_s: float) -> SQLResult:
        """See :meth:`storage.interface.Store.sql`; the SQL is DuckDB's."""
        return run_sql(self._database, statement, limit, timeout_s)

    def stats(self) -> StoreStats:
        """See :meth:`storage.interface.Store.stats`."""
        extent = self._database.extent()
        return StoreStats(
            spans=extent.spans,
            bytes_on_disk=bytes_on_disk(self._config.path),
            oldest_ns=extent.oldest_ns,
            newest_ns=extent.newest_ns,
            schema_version=latest_version(self._history),
        )

    def state(self) -> StoreState:
        """See :meth:`storage.interface.Store.state`."""
        try:
            run_sql(self._database, "SELECT 1", 1, _SIGN_OF_LIFE_S)
        except StoreError:
            return StoreState.UNAVAILABLE
        return StoreState.OK

    def close(self) -> None:
        """See :meth:`storage.interface.Store.close`."""
        self._rollups.close()
        with self._writer.paused():
            self._database.close()
