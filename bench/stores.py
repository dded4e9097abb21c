"""The stores that are measured: a file of the service's own, or databases of a PostgreSQL.

The server is the one that the tests use (``tests/postgresql.py``), but durable, or the one named
by ``SPANLOOM_TEST_POSTGRESQL``.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import psutil
import psycopg

from tests.postgresql import Databases, PostgreSQLServer

__all__ = ["Engine", "PostgreSQL", "Store", "StoreSize", "Stores", "open_stores"]

# Beside these, a server of ours has PostgreSQL's defaults: fsync and synchronous_commit are on.
_SERVER_SETTINGS = ("shared_buffers=256MB", "max_wal_size=4GB")
_TOLD_SETTINGS = (
    "server_version",
    "shared_buffers",
    "max_wal_size",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
)
_STORE_DIRECTORY = "store"  # in the data directory
_RELATIONS = """
    SELECT coalesce(parent.relname, part.relname),
      sum(pg_table_size(part.oid))::bigint, sum(pg_indexes_size(part.oid))::bigint
    FROM pg_class AS part
    LEFT JOIN pg_inherits ON inhrelid = part.oid
    LEFT JOIN pg_class AS parent ON parent.oid = inhparent
    WHERE part.relkind = 'r' AND part.relnamespace = to_regnamespace(current_schema()::text)
    GROUP BY 1 ORDER BY 1
"""
_OWN_ROW = ("spans", "traces")


class Engine(StrEnum):
    """What keeps the spans."""

    DUCKDB = "duckdb"
    POSTGRESQL = "postgresql"


@dataclass(frozen=True, slots=True)
class StoreSize:
    """Bytes of a store whose service has stopped.

    Attributes:
        parts: bytes by what they hold, those beside the store too.
        store_bytes: of the store alone.
    """

    parts: dict[str, int]
    store_bytes: int


class Store(Protocol):
    """One store, empty at first, to run the service on."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """Arguments for `spanloom serve`."""
        ...

    def tidy(self) -> None:
        """Bring the stopped store into the state that it comes to by itself, in time."""
        ...

    def size(self, data_dir: Path) -> StoreSize:
        """Weigh the store and the service's data directory."""
        ...


class Stores(Protocol):
    """Makes stores of one engine."""

    def fresh(self) -> AbstractContextManager[Store]:
        """An empty store, for as long as the context lasts."""
        ...

    def facts(self) -> dict[str, str]:
        """What figures depend on beside the machine."""
        ...

    def cpu_seconds(self) -> dict[str, float]:
        """CPU time so far of processes that are not the service's, by role."""
        ...


@contextmanager
def open_stores(engine: Engine) -> Iterator[Stores]:
    """Return the stores of ``engine``; starts and stops a PostgreSQL if it needs one."""
    given = os.environ.get("SPANLOOM_TEST_POSTGRESQL")
    if engine is Engine.DUCKDB:
        yield _Embedded()
    elif given:
        yield PostgreSQL(Databases(given, given))
    else:
        with PostgreSQLServer(*_SERVER_SETTINGS) as server:
            yield PostgreSQL(server.databases)


class _Embedded:
    """Implements :class:`Stores` and :class:`Store`: the file lies in the data directory."""

    arguments: tuple[str, ...] = ()

    def fresh(self) -> AbstractContextManager[Store]:
        return nullcontext(self)

    def facts(self) -> dict[str, str]:
        return {}

    def cpu_seconds(self) -> dict[str, float]:
        return {}

    def tidy(self) -> None:
        """It was checkpointed when it was closed."""

    def size(self, data_dir: Path) -> StoreSize:
        parts = _directories(data_dir)
        return StoreSize(parts, parts[_STORE_DIRECTORY])


class PostgreSQL:
    """Implements :class:`Stores` with a database for each store."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases

    @contextmanager
    def fresh(self) -> Iterator[Store]:
        """See :meth:`Stores.fresh`."""
        with self._databases.fresh() as url:
            yield _Database(url)

    def facts(self) -> dict[str, str]:
        """See :meth:`Stores.facts`."""
        with psycopg.connect(self._databases.url) as connection:
            rows = connection.execute(
                "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name",
                [list(_TOLD_SETTINGS)],
            )
            return dict(rows.fetchall())

    def cpu_seconds(self) -> dict[str, float]:
        """See :meth:`Stores.cpu_seconds`; nothing is known of a server that is not ours."""
        total = 0.0
        for server in psutil.Process().children():
            if server.name() != "postgres":
                continue
            ended = server.cpu_times()
            total += ended.children_user + ended.children_system
            for process in (server, *server.children()):
                try:
                    times = process.cpu_times()
                except psutil.NoSuchProcess:  # counted among those that ended, the next time
                    continue
                total += times.user + times.system
        return {"database": total} if total else {}


class _Database:
    """Implements :class:`Store`."""

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("--store", self._url)

    def tidy(self) -> None:
        """Do what autovacuum does within minutes; it would fall into the measurements."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")

    def size(self, data_dir: Path) -> StoreSize:
        parts: Counter[str] = Counter()
        with psycopg.connect(self._url) as connection:
            for table, table_bytes, index_bytes in connection.execute(_RELATIONS):
                name = table if table in _OWN_ROW else "other tables"
                parts[f"{name}: rows"] += table_bytes
                parts[f"{name}: indexes"] += index_bytes
        return StoreSize({**parts, **_directories(data_dir)}, parts.total())


def _directories(data_dir: Path) -> dict[str, int]:
    """Bytes of disk blocks by directory of a data directory."""
    directories: Counter[str] = Counter()
    for path in data_dir.rglob("*"):
        if path.is_file():
            top = path.relative_to(data_dir).parts[0]
            directories[top] += path.stat().st_blocks * 512
    return dict(directories)
