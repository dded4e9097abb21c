"""A DuckDB file for commands that work on its tables, past the store's interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from storage.config import StoreConfig
from storage.duckdb.dialect import SCHEME
from storage.interface import StoreError, StoreUnavailable

__all__ = ["open_file"]


@contextmanager
def open_file(config: StoreConfig, *, read_only: bool) -> Iterator[Engine]:
    """Open the file of ``config``. Raises as :func:`storage.direct.open_engine` does."""
    settings = {
        "memory_limit": f"{config.memory_limit_bytes}B",
        "threads": str(config.threads),
        "enable_external_access": "false",
    }
    engine = create_engine(
        URL.create(SCHEME, database=str(config.path)),
        connect_args={"config": settings, "read_only": read_only},
    )
    try:
        yield engine
    except (DBAPIError, duckdb.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, duckdb.IOException):
            raise StoreUnavailable(
                f"cannot open {config.path}, which one process may use at a time: stop the "
                f"service that runs on it, if one does ({cause})"
            ) from error
        raise StoreError(f"the store {config.path} refused a statement: {cause}") from error
    finally:
        engine.dispose()
