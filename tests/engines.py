"""The engines that a store may have: what holds for every store is tested on each of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from storage.config import PostgreSQLConfig, StoreConfig
from storage.duckdb.store import DuckDBStore
from storage.interface import Store
from storage.postgresql.store import PostgreSQLStore
from tests.postgresql import Databases

__all__ = [
    "ENGINES",
    "NOW_NS",
    "Engine",
    "OpenStore",
    "engine_named",
    "open_postgresql",
    "postgresql_config",
]

_HOUR_NS = 3_600_000_000_000
_DAY_NS = 24 * _HOUR_NS

# The time at which the tests' spans are new.
NOW_NS = 1_760_054_400_000_000_000 + _DAY_NS // 2

ENGINES = ("duckdb", "postgresql")

# Opens the one store of a place, with settings of StoreConfig; it leads. What was opened there
# before must be closed.
OpenStore = Callable[..., Store]


@dataclass(frozen=True)
class Engine:
    """One kind of store.

    Attributes:
        name: one of ``ENGINES``.
        place: a place for one store, which may be opened several times. At the end of the context
            it is removed, with what was opened in it closed.
        kept_longer_ns: for how long the retention may keep what is too old.
        endless_query: a statement that does not end within any test.
    """

    name: str
    place: Callable[[], AbstractContextManager[OpenStore]]
    kept_longer_ns: int
    endless_query: str


def engine_named(name: str, request: pytest.FixtureRequest) -> Engine:
    """The engine of that name; it may need a fixture of ``request``."""
    if name == "duckdb":
        return _duckdb()
    databases: Databases = request.getfixturevalue("postgresql_databases")
    return _postgresql(databases, request.getfixturevalue("postgresql_template"))


def _duckdb() -> Engine:
    @contextmanager
    def place() -> Iterator[OpenStore]:
        with (
            tempfile.TemporaryDirectory(prefix="spanloom-test-") as directory,
            _closing(DuckDBStore, StoreConfig(Path(directory) / "spans.duckdb")) as open_it,
        ):
            yield open_it

    endless = "SELECT count(*) FROM range(1000000000000) a, range(1000000) b"
    return Engine("duckdb", place, 0, endless)


def _postgresql(databases: Databases, template: str) -> Engine:
    @contextmanager
    def place() -> Iterator[OpenStore]:
        with (
            databases.fresh(template) as url,
            _closing(open_postgresql, postgresql_config(url)) as open_it,
        ):
            yield open_it

    endless = "SELECT count(*) FROM generate_series(1, 10000000) a, generate_series(1, 1000000) b"
    return Engine("postgresql", place, _DAY_NS + _DAY_NS // 24, endless)


def postgresql_config(url: str) -> StoreConfig:
    """The settings of a store in a PostgreSQL database."""
    return StoreConfig(Path("unused"), postgresql=PostgreSQLConfig(url))


def open_postgresql(config: StoreConfig) -> PostgreSQLStore:
    """Open a store that takes it for the day of the tests' spans, which it has partitions for."""
    assert config.postgresql is not None
    return PostgreSQLStore(config, config.postgresql, now_ns=lambda: NOW_NS)


@contextmanager
def _closing(
    open_store: Callable[[StoreConfig], Store], config: StoreConfig
) -> Iterator[OpenStore]:
    opened: list[Store] = []

    def open_it(**settings: object) -> Store:
        store = open_store(replace(config, **settings))  # type: ignore[arg-type]  # fields of StoreConfig
        opened.append(store)
        assert store.lead()
        return store

    try:
        yield open_it
    finally:
        for store in opened:
            store.close()
