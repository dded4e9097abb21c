"""Several stores on one database, as several processes have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest

from storage.postgresql.store import PostgreSQLStore
from tests.engines import NOW_NS, postgresql_config
from tests.postgresql import Databases

Join = Callable[..., PostgreSQLStore]
Ask = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def url(postgresql_databases: Databases, postgresql_template: str) -> Iterator[str]:
    """A database with the tables of a store."""
    with postgresql_databases.fresh(postgresql_template) as url:
        yield url


@pytest.fixture
def join(url: str) -> Iterator[Join]:
    """Opens one more store on the database of this test, with a clock and settings of its own."""
    opened: list[PostgreSQLStore] = []

    def open_it(now_ns: Callable[[], int] = lambda: NOW_NS, **settings: object) -> PostgreSQLStore:
        config = replace(postgresql_config(url), **settings)  # type: ignore[arg-type]  # its fields
        assert config.postgresql is not None
        opened.append(PostgreSQLStore(config, config.postgresql, now_ns=now_ns))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def ask(url: str) -> Iterator[Ask]:
    """Runs statements in the database of this test, past the store."""
    with psycopg.connect(url, autocommit=True, application_name="test") as connection:

        def run(statement: str) -> list[tuple[object, ...]]:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description is not None else []

        yield run
