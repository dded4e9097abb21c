"""The version of the data, and how data of an older version is brought forward.

A new store is made at the newest version. An older one is brought forward step by step, each in
a transaction of its own together with its new version number; a newer one is left untouched.
To change the schema: change :mod:`storage.schema`, and add a file to ``versions/`` that does the
same to data that exists already, on each engine.
"""

from __future__ import annotations

from sqlalchemy import Engine, inspect

from model.columns import WellKnownColumn, columns_by_key
from storage.interface import StoreError, StoreTooNew
from storage.migrations.history import (
    HISTORY,
    History,
    latest_version,
    stamp,
    stored_version,
    upgrade,
)
from storage.migrations.span_columns import (
    add_columns,
    create_span_columns,
    stored_columns,
)
from storage.schema import Schema, build_schema

__all__ = [
    "HISTORY",
    "History",
    "latest_version",
    "open_schema",
    "stored_schema",
    "stored_version",
]


def open_schema(
    engine: Engine, columns: tuple[WellKnownColumn, ...], history: History = HISTORY
) -> Schema:
    """Create or upgrade the tables, add columns that are new, and return the schema.

    Only one at a time may do this to a database. Raises StoreTooNew if the data is newer than
    ``history``, and StoreError if a column is configured with another type than it is stored with.
    """
    keys = columns_by_key(columns)
    with engine.begin() as connection:
        version = stored_version(connection)
        if version is None:
            schema = build_schema(columns, keys)
            schema.metadata.create_all(connection)
            create_span_columns(connection, columns)
            stamp(connection, latest_version(history), history)
            return schema
    _check_version(version, history)
    upgrade(engine, version, history)
    with engine.begin() as connection:
        return build_schema(add_columns(connection, columns), keys)


def stored_schema(engine: Engine, columns: tuple[WellKnownColumn, ...]) -> Schema:
    """Return the schema of a store that is only read. Raises StoreError if it needs an upgrade."""
    with engine.connect() as connection:
        version = stored_version(connection)
        if version is None:
            tables = "other tables" if inspect(connection).get_table_names() else "no tables"
            raise StoreError(
                f"this is no Spanloom store, it has {tables}: make one by `spanloom store init`, "
                "or name another place"
            )
        _check_version(version, HISTORY)
        if version < latest_version():
            raise StoreError(
                f"the data has version {version}, older than {latest_version()}: upgrade it by "
                "`spanloom store upgrade`, or start the service once"
            )
        stored = stored_columns(connection)
    names = {column.name for column in stored}
    keys = columns_by_key(tuple(column for column in columns if column.name in names))
    return build_schema(stored, keys)


def _check_version(version: int, history: History) -> None:
    if version > latest_version(history):
        raise StoreTooNew(
            f"the data has version {version}, this Spanloom knows versions up to "
            f"{latest_version(history)}: run the newer Spanloom that wrote it, or choose another "
            "place for the data"
        )
