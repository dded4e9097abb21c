"""Older data is brought forward, newer data is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import Engine, MetaData, Table, create_engine, inspect, text
from sqlalchemy.exc import ProgrammingError

from model.columns import WELL_KNOWN, ColumnType, WellKnownColumn
from model.query import AttributeCondition, AttributeScope, Comparison, TraceQuery
from model.span import Link
from storage.config import StoreConfig
from storage.duckdb.dialect import SCHEME
from storage.duckdb.store import DuckDBStore
from storage.interface import StoreError, StoreTooNew
from storage.migrations import (
    HISTORY,
    History,
    latest_version,
    open_schema,
    stored_schema,
    stored_version,
)
from storage.rollup_schema import graph_tables
from tests.storage.batches import batch_from_spans
from tests.storage.graph_spans import HOUR_NS, MIDNIGHT_NS, MINUTE_NS, assert_graph, call, write
from tests.storage.spans import START_NS, TIMEOUT_S, make_span

_REVISION = """
revision = "{number:04}"
down_revision = "{before:04}"

def upgrade(op):
    op.execute({statement!r})
"""


@pytest.fixture
def history(tmp_path: Path) -> Callable[..., History]:
    """Makes the history with a further step for each of some statements."""
    made = iter(range(100))

    def make(*statements: str) -> History:
        directory = tmp_path / f"versions-{next(made)}"
        directory.mkdir()
        for number, statement in enumerate(statements, latest_version() + 1):
            revision = _REVISION.format(number=number, before=number - 1, statement=statement)
            (directory / f"v{number:04}.py").write_text(revision)
        return (*HISTORY, directory)

    return make


@pytest.fixture(params=["duckdb", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database."""
    if request.param == "duckdb":
        url = f"{SCHEME}:///{tmp_path}/empty.duckdb"
    else:
        url = str(request.getfixturevalue("postgresql_url"))
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url)
    yield engine
    engine.dispose()


def test_a_new_store_starts_at_the_newest_version(
    engine: Engine, history: Callable[..., History]
) -> None:
    newer = history("SELECT must_not_run")

    open_schema(engine, WELL_KNOWN, newer)

    assert latest_version(newer) == latest_version() + 1 == _version(engine)


def test_an_older_store_goes_through_the_steps_that_it_lacks(
    engine: Engine, history: Callable[..., History]
) -> None:
    open_schema(engine, WELL_KNOWN)
    newer = history("CREATE TABLE made (number INTEGER)", "INSERT INTO made VALUES (7)")

    open_schema(engine, WELL_KNOWN, newer)
    open_schema(engine, WELL_KNOWN, newer)  # nothing is left to do

    assert latest_version() + 2 == _version(engine)
    with engine.connect() as connection:
        assert [7] == list(connection.execute(text("SELECT number FROM made")).scalars())


def test_a_step_that_fails_leaves_the_version_before_it(
    engine: Engine, history: Callable[..., History]
) -> None:
    open_schema(engine, WELL_KNOWN)
    good = "CREATE TABLE made (number INTEGER)"
    bad = "CREATE TABLE half (number INTEGER); INSERT INTO made SELECT nonsense"

    with pytest.raises(ProgrammingError, match="nonsense"):
        open_schema(engine, WELL_KNOWN, history(good, bad))

    assert latest_version() + 1 == _version(engine)
    assert inspect(engine).has_table("made")
    assert not inspect(engine).has_table("half")
    open_schema(engine, WELL_KNOWN, history(good, "INSERT INTO made VALUES (7)"))
    assert latest_version() + 2 == _version(engine)


def test_newer_data_is_refused_and_left_alone(
    engine: Engine, history: Callable[..., History]
) -> None:
    newer = history("CREATE TABLE newer (number INTEGER)")
    open_schema(engine, WELL_KNOWN, newer)
    tenant = WellKnownColumn("tenant", ColumnType.STRING, ("tenant",))
    message = (
        f"the data has version {latest_version(newer)}, this Spanloom knows versions up to "
        f"{latest_version()}: run the newer Spanloom that wrote it"
    )

    for open_it in (open_schema, stored_schema):
        with pytest.raises(StoreTooNew, match=message):
            open_it(engine, (*WELL_KNOWN, tenant))

    assert latest_version(newer) == _version(engine)
    assert "tenant" not in _columns_of_spans(engine)


def test_a_column_that_is_new_is_added(engine: Engine) -> None:
    tenant = WellKnownColumn("tenant", ColumnType.STRING, ("tenant",))
    open_schema(engine, WELL_KNOWN)

    schema = open_schema(engine, (*WELL_KNOWN, tenant))

    assert (*WELL_KNOWN, tenant) == schema.columns == stored_schema(engine, WELL_KNOWN).columns
    assert "tenant" in _columns_of_spans(engine)


def test_a_column_may_not_change_its_type(engine: Engine) -> None:
    open_schema(engine, (WellKnownColumn("tenant", ColumnType.STRING, ("tenant",)),))

    with pytest.raises(StoreError, match="'tenant' is configured as int but is stored as string"):
        open_schema(engine, (WellKnownColumn("tenant", ColumnType.INT, ("tenant",)),))


def test_a_database_that_is_only_read_must_hold_a_store_of_this_version(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, history: Callable[..., History]
) -> None:
    with pytest.raises(StoreError, match="no Spanloom store, it has no tables"):
        stored_schema(engine, WELL_KNOWN)
    open_schema(engine, WELL_KNOWN)
    newer = latest_version() + 1
    monkeypatch.setattr("storage.migrations.latest_version", lambda *_: newer)

    with pytest.raises(StoreError, match=f"older than {newer}: upgrade it by `spanloom store"):
        stored_schema(engine, WELL_KNOWN)


def _columns_of_spans(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        statement = "SELECT column_name FROM information_schema.columns WHERE table_name = 'spans'"
        return set(connection.execute(text(statement)).scalars())


def _version(engine: Engine) -> int | None:
    with engine.connect() as connection:
        return stored_version(connection)


@pytest.fixture
def config(tmp_path: Path) -> StoreConfig:
    return StoreConfig(tmp_path / "spans.duckdb")


@pytest.mark.parametrize("open_it", [DuckDBStore, lambda c: DuckDBStore(c, read_only=True)])
def test_data_from_before_alembic_keeps_its_version(
    config: StoreConfig, open_it: Callable[[StoreConfig], DuckDBStore]
) -> None:
    store = DuckDBStore(config)
    store.writer.write(batch_from_spans([make_span()]), [])
    store.close()
    _make_old(config, 3)

    store = open_it(config)

    assert latest_version() == store.stats().schema_version
    assert 1 == len(store.reader.get_traces([make_span().trace_id], timeout_s=TIMEOUT_S))
    store.close()


def test_data_from_before_alembic_that_is_too_new_is_left_alone(config: StoreConfig) -> None:
    DuckDBStore(config).close()
    _make_old(config, 99)

    with pytest.raises(StoreTooNew, match="the data has version 99"):
        DuckDBStore(config)

    with duckdb.connect(str(config.path)) as connection:
        assert [(99,)] == connection.execute("SELECT version FROM schema_version").fetchall()


def test_data_newer_than_the_service_keeps_it_from_starting(
    config: StoreConfig, history: Callable[..., History]
) -> None:
    newer = history("CREATE TABLE newer (number INTEGER)")
    DuckDBStore(config, history=newer).close()

    with pytest.raises(StoreTooNew):
        DuckDBStore(config)

    store = DuckDBStore(config, history=newer)
    assert latest_version(newer) == store.stats().schema_version
    store.close()


def _make_old(config: StoreConfig, version: int) -> None:
    """Let the data have the version where it was before Alembic held it."""
    with duckdb.connect(str(config.path)) as connection:
        connection.execute("DROP TABLE spanloom_version")
        connection.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        connection.execute(f"INSERT INTO schema_version VALUES ({version})")


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
    _make_old(config, 1)

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
    _make_old(config, 2)

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
