"""A store's database for commands that work on its tables, past the store's interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from sqlalchemy import Engine

from storage.columnar import Columnar
from storage.config import StoreConfig
from storage.engines import open_store
from storage.migrations import stored_version

__all__ = ["columnar_of", "create_store", "name_of", "open_engine", "version_of"]


@contextmanager
def open_engine(config: StoreConfig, *, read_only: bool = True) -> Iterator[Engine]:
    """Connect to the database of a store that may be of any version, or none.

    With ``read_only`` each transaction sees one snapshot. Raises StoreUnavailable if it cannot be
    reached, and StoreError for what the database says to statements in the block.
    """
    # Why here and below: a command loads only the engines that it uses, as open_store does.
    if config.postgresql is not None:
        from storage.postgresql.database import Database

        database = Database(config.postgresql, _no_schema)
        try:
            with database.errors():
                level = "REPEATABLE READ" if read_only else "READ COMMITTED"
                yield database.background.execution_options(
                    isolation_level=level, postgresql_readonly=read_only
                )
        finally:
            database.close()
        return
    from storage.duckdb.direct import open_file

    with open_file(config, read_only=read_only) as engine:
        yield engine


def name_of(config: StoreConfig) -> str:
    """Return where a store is: host, port and database, or the path of its file."""
    if config.postgresql is None:
        return str(config.path.resolve())
    from storage.postgresql.database import Database

    database = Database(config.postgresql, _no_schema)
    database.close()
    return database.name


def version_of(config: StoreConfig) -> int | None:
    """Return the version of a store's data, None if there is none. Raises StoreUnavailable."""
    if config.postgresql is None and not config.path.exists():
        return None
    with open_engine(config) as engine, engine.connect() as connection:
        return stored_version(connection)


def create_store(config: StoreConfig) -> int:
    """Create or upgrade a store, and return its version. Raises StoreError."""
    store = open_store(config)
    try:
        return store.stats().schema_version
    finally:
        store.close()


def columnar_of(config: StoreConfig) -> Columnar:
    """Return what moves rows in and out of the database of ``config``."""
    if config.postgresql is not None:
        from storage.postgresql.columnar import PostgreSQLColumnar

        return PostgreSQLColumnar()
    from storage.duckdb.columnar import DuckDBColumnar

    return DuckDBColumnar()


def _no_schema(_: Engine) -> NoReturn:
    raise AssertionError("only a store opens its schema")
