"""The history of the schema: Alembic's revisions, named by the version that they lead to."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from alembic.ddl.impl import DefaultImpl
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, inspect, select
from sqlalchemy.schema import DropTable

__all__ = ["HISTORY", "History", "latest_version", "stamp", "stored_version", "upgrade"]

History: TypeAlias = tuple[Path, ...]
"""Directories with revisions."""

HISTORY: History = (Path(__file__).parent / "versions",)

_metadata = MetaData()
# Not Alembic's own name for it: others may use Alembic in the same database.
_version = Table("spanloom_version", _metadata, Column("version_num", String))
# Held the version before Alembic did; only DuckDB has data this old.
_old_version = Table("schema_version", _metadata, Column("version", Integer))
_OPTIONS = {"version_table": _version.name}


class _DuckDBImpl(DefaultImpl):
    """Alembic finds it by the name of the dialect."""

    __dialect__ = "duckdb"
    transactional_ddl = True


def latest_version(history: History = HISTORY) -> int:
    """Return the version that this code reads and writes."""
    head = _scripts(history).get_current_head()
    assert head is not None  # there is a first revision
    return int(head)


def stored_version(connection: Connection) -> int | None:
    """Return the version of the data, None if there is none."""
    for table in (_version, _old_version):
        if inspect(connection).has_table(table.name):
            found = connection.execute(select(*table.columns)).scalar_one_or_none()
            return None if found is None else int(found)
    return None


def stamp(connection: Connection, version: int, history: History) -> None:
    """Note that the data has ``version``, in the transaction of ``connection``."""
    context = MigrationContext.configure(connection, opts=_OPTIONS)
    context.stamp(_scripts(history), _revision(version))


def upgrade(engine: Engine, version: int, history: History) -> None:
    """Take the steps from ``version`` to the newest, each in a transaction of its own."""
    with engine.begin() as connection:
        if inspect(connection).has_table(_old_version.name):
            stamp(connection, version, history)
            connection.execute(DropTable(_old_version))
    scripts = _scripts(history)
    newer = list(scripts.iterate_revisions("head", _revision(version)))
    steps = [
        MigrationStep.upgrade_from_script(scripts.revision_map, script)
        for script in reversed(newer)
    ]
    if not steps:
        return
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={**_OPTIONS, "fn": lambda *_: steps, "transaction_per_migration": True},
        )
        # Handed over: Alembic's global `op` would be shared by all threads that open a store.
        context.run_migrations(op=Operations(context))


@lru_cache(maxsize=8)
def _scripts(history: History) -> ScriptDirectory:
    return ScriptDirectory(Path(__file__).parent, version_locations=history)


def _revision(version: int) -> str:
    return f"{version:04}"
