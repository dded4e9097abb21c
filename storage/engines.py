"""Opening a store: which engine, by its configuration."""

from __future__ import annotations

from storage.config import StoreConfig
from storage.interface import Store

__all__ = ["open_store"]


def open_store(config: StoreConfig, *, read_only: bool = False) -> Store:
    """Open the store of ``config``, creating or upgrading it.

    A database that is locked or failing does not raise here: the store's calls raise
    StoreUnavailable until it heals. Raises StoreTooNew for newer data and StoreError for
    settings that do not fit the data.

    With ``read_only`` the file is opened beside no other process, nothing is created or
    upgraded, and StoreUnavailable is raised at once, as when a service is using it.
    """
    # Why here: whoever only needs the interface must not load an engine.
    if config.postgresql is not None:
        from storage.postgresql.store import PostgreSQLStore

        return PostgreSQLStore(config, config.postgresql, read_only=read_only)
    from storage.duckdb.store import DuckDBStore

    return DuckDBStore(config, read_only=read_only)
