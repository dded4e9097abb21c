"""The version of the data, and the steps from each version to the next.

A new store is made at the newest version. An older one is brought forward step by step, each in
a transaction of its own together with its new version number; a newer one is left untouched.
To change the schema: change :mod:`storage.schema`, and append a step that does the same to data
that exists already.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)

from model.columns import ColumnType, WellKnownColumn, columns_by_key
from storage.interface import StoreError, StoreTooNew
from storage.migration_2 import add_graph
from storage.migration_3 import add_link_keys
from storage.schema import Schema, build_schema, column_type

__all__ = ["FIRST_VERSION", "STEPS", "Migration", "latest_version", "open_schema", "stored_schema"]

FIRST_VERSION = 1


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: what it is for, and what it does inside its transaction."""

    reason: str
    apply: Callable[[Connection], None]


STEPS: tuple[Migration, ...] = (
    Migration("the dependency graph: rollups, and the time of each trace's root", add_graph),
    Migration("searching by the attributes of links", add_link_keys),
)
"""Step ``i`` leads from version ``FIRST_VERSION + i`` to the next. Only ever appended to."""

_metadata = MetaData()

_version = Table(
    "schema_version",
    _metadata,
    Column("version", Integer, nullable=False, comment="of the data in this store"),
)

_span_columns = Table(
    "span_columns",
    _metadata,
    Column("position", BigInteger, nullable=False, comment="order in which they were added"),
    Column("name", String, nullable=False, comment="column of spans that holds attributes"),
    Column("type", String, nullable=False, comment="model.columns.ColumnType"),
    Column("keys", String, nullable=False, comment="JSON list of attribute keys when added"),
)


def latest_version(steps: tuple[Migration, ...] = STEPS) -> int:
    """Return the version that this code reads and writes."""
    return FIRST_VERSION + len(steps)


def open_schema(
    engine: Engine,
    columns: tuple[WellKnownColumn, ...],
    steps: tuple[Migration, ...] = STEPS,
) -> Schema:
    """Create or upgrade the tables, add columns that are new, and return the schema.

    Raises StoreTooNew if the data is newer than ``steps``, and StoreError if a column is
    configured with another type than it is stored with.
    """
    keys = columns_by_key(columns)
    with engine.begin() as connection:
        if not inspect(connection).has_table(_version.name):
            _metadata.create_all(connection)
            connection.execute(insert(_version).values(version=latest_version(steps)))
            _remember(connection, columns, 0)
            schema = build_schema(columns, keys)
            schema.metadata.create_all(connection)
            return schema
        version = _check_version(connection, steps)
    for number, step in enumerate(steps[version - FIRST_VERSION :], version + 1):
        with engine.begin() as connection:
            step.apply(connection)
            connection.execute(update(_version).values(version=number))
    with engine.begin() as connection:
        return build_schema(_add_columns(connection, columns), keys)


def stored_schema(engine: Engine, columns: tuple[WellKnownColumn, ...]) -> Schema:
    """Return the schema of a store that is only read. Raises StoreError if it needs an upgrade."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(_version.name):
            raise StoreError("the file is no Spanloom store: it has no table schema_version")
        version = _check_version(connection, STEPS)
        if version < latest_version():
            raise StoreError(
                f"the data has version {version}, older than {latest_version()}: start the "
                "service once to upgrade it"
            )
        stored = _stored_columns(connection)
    names = {column.name for column in stored}
    keys = columns_by_key(tuple(column for column in columns if column.name in names))
    return build_schema(stored, keys)


def _check_version(connection: Connection, steps: tuple[Migration, ...]) -> int:
    version = int(connection.execute(select(func.max(_version.c.version))).scalar_one())
    if version > latest_version(steps):
        raise StoreTooNew(
            f"the data has version {version}, this Spanloom knows versions up to "
            f"{latest_version(steps)}: run the newer Spanloom that wrote it, or choose another "
            "data directory"
        )
    return version


def _stored_columns(connection: Connection) -> tuple[WellKnownColumn, ...]:
    statement = select(_span_columns).order_by(_span_columns.c.position)
    return tuple(
        WellKnownColumn(row["name"], ColumnType(row["type"]), tuple(json.loads(row["keys"])))
        for row in connection.execute(statement).mappings()
    )


def _add_columns(
    connection: Connection, columns: tuple[WellKnownColumn, ...]
) -> tuple[WellKnownColumn, ...]:
    stored = {column.name: column for column in _stored_columns(connection)}
    added = []
    for column in columns:
        known = stored.get(column.name)
        if known is None:
            added.append(column)
        elif known.type is not column.type:
            raise StoreError(
                f"column {column.name!r} is configured as {column.type} but is stored as "
                f"{known.type}: give the column another name, or set its type back"
            )
    for column in added:
        type_text = column_type(column.type).compile(connection.dialect)
        connection.execute(text(f'ALTER TABLE spans ADD COLUMN "{column.name}" {type_text}'))
    _remember(connection, tuple(added), len(stored))
    return (*stored.values(), *added)


def _remember(connection: Connection, columns: tuple[WellKnownColumn, ...], first: int) -> None:
    if not columns:
        return
    rows = [
        {
            "position": position,
            "name": column.name,
            "type": column.type.value,
            "keys": json.dumps(column.keys),
        }
        for position, column in enumerate(columns, first)
    ]
    connection.execute(insert(_span_columns), rows)
