"""What is measured is a store of its own, and all of it is weighed."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from bench.stores import Engine, PostgreSQL, open_stores
from storage.config import PostgreSQLConfig, StoreConfig
from storage.engines import open_store
from tests.postgresql import Databases


def make_tables(arguments: tuple[str, ...]) -> str:
    """Make an empty store where the service would, and return its URL."""
    flag, url = arguments
    assert flag == "--store"
    open_store(StoreConfig(Path("unused"), postgresql=PostgreSQLConfig(url))).close()
    return url


def test_the_embedded_store_is_a_directory_beside_the_spool(tmp_path: Path) -> None:
    for name, size in (("store", 9_000), ("spool", 5_000)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(b"x" * size)

    with open_stores(Engine.DUCKDB) as stores, stores.fresh() as store:
        weighed = store.size(tmp_path)

    assert set(weighed.parts) == {"store", "spool"}
    assert weighed.store_bytes == weighed.parts["store"] >= 9_000


def test_each_store_in_postgresql_is_a_database_that_is_dropped_at_the_end(
    postgresql_databases: Databases,
) -> None:
    stores = PostgreSQL(postgresql_databases)

    with stores.fresh() as first, stores.fresh() as second:
        assert first.arguments != second.arguments
        url = make_tables(first.arguments)

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_rows_and_indexes_of_all_partitions_are_weighed_apart(
    postgresql_databases: Databases, tmp_path: Path
) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "file").write_bytes(b"x" * 5_000)

    with PostgreSQL(postgresql_databases).fresh() as store:
        url = make_tables(store.arguments)
        with psycopg.connect(url) as connection:
            indexes = connection.execute(
                "SELECT sum(pg_indexes_size(relid)) FROM pg_partition_tree('spans') WHERE isleaf"
            ).fetchone()
        store.tidy()
        weighed = store.size(tmp_path)

    assert indexes == (weighed.parts["spans: indexes"],)
    assert weighed.store_bytes == sum(
        size for part, size in weighed.parts.items() if part != "spool"
    )


def test_the_server_says_what_it_is_set_to(postgresql_databases: Databases) -> None:
    facts = PostgreSQL(postgresql_databases).facts()

    assert {"server_version", "fsync", "shared_buffers"} <= set(facts)
