"""Older data is brought forward, newer data is left alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import Connection, MetaData, Table, text

from model.columns import ColumnType, WellKnownColumn
from model.query import AttributeCondition, AttributeScope, Comparison, TraceQuery
from model.span import Link
from storage.config import StoreConfig
from storage.duckdb.store import DuckDBStore
from storage.interface import StoreError, StoreTooNew
from storage.migrations import FIRST_VERSION, STEPS, Migration, latest_version
from storage.rollup_schema import graph_tables
from tests.storage.batches import batch_from_spans
from tests.storage.graph_spans import HOUR_NS, MIDNIGHT_NS, MINUTE_NS, assert_graph, call, write
from tests.storage.spans import START_NS, TIMEOUT_S, make_span


def _step(statement: str) -> Migration:
    return Migration("a test", lambda connection: _run(connection, statement))


def _run(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))


@pytest.fixture
def config(tmp_path: Path) -> StoreConfig:
    return StoreConfig(tmp_path / "spans.duckdb")


@pytest.fixture
def written(config: StoreConfig) -> StoreConfig:
    store = DuckDBStore(config)
    store.writer.write(batch_from_spans([make_span()]), [])
    store.close()
    return config


def test_an_older_store_goes_through_the_steps_that_it_lacks(written: StoreConfig) -> None:
    steps = (
        *STEPS,
        _step("CREATE TABLE made_by_step_1 (number INTEGER)"),
        _step("INSERT INTO made_by_step_1 VALUES (7)"),
    )

    store = DuckDBStore(written, steps=steps)

    assert store.stats().schema_version == latest_version(steps) == latest_version() + 2
    made = store.sql("SELECT number FROM made_by_step_1", limit=9, timeout_s=TIMEOUT_S)
    assert made.rows == ((7,),)
    assert len(store.reader.get_traces([make_span().trace_id], timeout_s=TIMEOUT_S)) == 1
    store.close()
    DuckDBStore(written, steps=steps).close()  # nothing is left to do


def test_a_step_that_fails_leaves_the_version_before_it(written: StoreConfig) -> None:
    good = _step("CREATE TABLE made (number INTEGER)")
    bad = _step("INSERT INTO made SELECT nonsense")

    with pytest.raises(StoreError, match="nonsense"):
        DuckDBStore(written, steps=(*STEPS, good, bad))

    store = DuckDBStore(written, steps=(*STEPS, good))
    assert store.stats().schema_version == latest_version() + 1
    store.close()


def test_a_new_store_starts_at_the_newest_version(config: StoreConfig) -> None:
    store = DuckDBStore(config, steps=(*STEPS, _step("SELECT must_not_run")))

    assert store.stats().schema_version == latest_version() + 1
    store.close()


@pytest.mark.parametrize("open_it", [DuckDBStore, lambda c: DuckDBStore(c, read_only=True)])
def test_newer_data_is_refused_and_left_alone(
    written: StoreConfig, open_it: Callable[[StoreConfig], DuckDBStore]
) -> None:
    newer = (*STEPS, _step("CREATE TABLE newer (number INTEGER)"))
    DuckDBStore(written, steps=newer).close()

    with pytest.raises(StoreTooNew, match=f"version {FIRST_VERSION + len(newer)}, this Spanloom"):
        open_it(written)

    DuckDBStore(written, steps=newer).close()


def test_a_column_may_not_change_its_type(config: StoreConfig) -> None:
    def with_tenant(type: ColumnType) -> StoreConfig:
        return StoreConfig(config.path, extra_columns=(WellKnownColumn("tenant", type, ("t",)),))

    DuckDBStore(with_tenant(ColumnType.STRING)).close()

    with pytest.raises(StoreError, match="'tenant' is configured as int but is stored as string"):
        DuckDBStore(with_tenant(ColumnType.INT))


_TABLES = """
    SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_name <> 'span_view' ORDER BY ALL
"""


def test_a_store_of_version_1_gets_the_graph_of_what_it_holds(config: StoreConfig) -> None:
    spans = [span for n in range(1, 5) for span in call(n, MIDNIGHT_NS + n * MINUTE_NS)]
    store = DuckDBStore(config)
    new_tables = store.sql(_TABLES, limit=1000, timeout_s=TIMEOUT_S).rows
    for span in spans:
        write(store, span)
    store.close()
    with duckdb.connect(str(config.path)) as connection:
        for table in (*_graph_tables(), Table("link_keys", MetaData())):
            connection.execute(f"DROP TABLE {table.name}")
        connection.execute("ALTER TABLE traces DROP COLUMN root_start_ns")
        connection.execute("UPDATE schema_version SET version = 1")

    store = DuckDBStore(config)

    assert new_tables == store.sql(_TABLES, limit=1000, timeout_s=TIMEOUT_S).rows
    window = (MIDNIGHT_NS, MIDNIGHT_NS + HOUR_NS)
    assert_graph(spans, store, *window)
    assert 4 == store.roll_up(MIDNIGHT_NS + HOUR_NS).minutes
    assert_graph(spans, store, *window)
    store.close()


def test_a_store_of_version_2_finds_its_spans_by_the_attributes_of_their_links(
    config: StoreConfig,
) -> None:
    links = (
        Link("ab" * 16, "cd" * 8, attributes={"why": "retry", "n": 7}),
        Link("ab" * 16, "cd" * 8, attributes={"why": "batch"}),
    )
    store = DuckDBStore(config)
    with_links, without = make_span(1, 1, links=links), make_span(2, 2)
    store.writer.write(batch_from_spans([with_links, without]), [])
    keys = store.sql("SELECT * FROM link_keys ORDER BY key", limit=9, timeout_s=TIMEOUT_S).rows
    store.close()
    with duckdb.connect(str(config.path)) as connection:
        connection.execute("DROP TABLE link_keys")
        connection.execute("UPDATE schema_version SET version = 2")

    store = DuckDBStore(config)

    filled = store.sql("SELECT * FROM link_keys ORDER BY key", limit=9, timeout_s=TIMEOUT_S).rows
    assert keys == filled
    assert ["n", "why"] == [key for key, _ in filled]
    condition = AttributeCondition("why", Comparison.EQUAL, "batch", AttributeScope.LINK)
    query = TraceQuery(START_NS, START_NS + HOUR_NS, attributes=(condition,))
    found = store.reader.find_traces(query, timeout_s=TIMEOUT_S).summaries
    assert [with_links.trace_id] == [summary.trace_id for summary in found]
    store.close()


def _graph_tables() -> list[Table]:
    metadata = MetaData()
    graph_tables(metadata)
    return list(metadata.tables.values())
