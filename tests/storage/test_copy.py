"""A store that is copied answers as the one that it was copied from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from model.columns import ColumnType, WellKnownColumn
from model.query import AttributeCondition, Comparison, TraceQuery
from storage.checks import check_store
from storage.config import PostgreSQLConfig, StoreConfig
from storage.copy import copy_store
from storage.direct import create_store, open_engine
from storage.engines import open_store
from storage.interface import SpoolPosition, Store, StoreError
from tests.storage.batches import batch_from_spans
from tests.storage.graph_spans import HOUR_NS, MIDNIGHT_NS, MINUTE_NS, assert_graph, call, write
from tests.storage.spans import START_NS, TIMEOUT_S, make_span, random_spans

_TENANT = WellKnownColumn("tenant", ColumnType.STRING, ("tenant",))
_CALLS = [span for n in range(1, 30) for span in call(100 + n, MIDNIGHT_NS + n * MINUTE_NS)]
_OTHERS = random_spans(7, 200, 20, 60 * 10**9)
_OF_TENANT = make_span(9000, 9000, attributes={"tenant": "blue", "emoji": "🦊"})
_ALL = len(_OTHERS) + len(_CALLS) + 1
_WINDOW = (MIDNIGHT_NS, MIDNIGHT_NS + HOUR_NS)

PlaceFor = Callable[[str], StoreConfig]


@pytest.fixture(scope="module")
def place_for(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[PlaceFor]:
    """Finds an empty place for a store of an engine."""
    with ExitStack() as databases:

        def find(engine: str) -> StoreConfig:
            directory = tmp_path_factory.mktemp("store")
            if engine == "duckdb":
                return StoreConfig(directory / "spans.duckdb")
            server = request.getfixturevalue("postgresql_databases")
            url = databases.enter_context(server.fresh())
            return StoreConfig(directory, postgresql=PostgreSQLConfig(url))

        yield find


@pytest.fixture(params=["duckdb to postgresql", "postgresql to duckdb"], scope="module")
def engines(request: pytest.FixtureRequest) -> tuple[str, str]:
    source, target = str(request.param).split(" to ")
    return source, target


@pytest.fixture(scope="module")
def source(engines: tuple[str, str], place_for: PlaceFor) -> StoreConfig:
    """A store of several batches, rolled up in part, with a column of its own."""
    config = replace(place_for(engines[0]), extra_columns=(_TENANT,))
    with _opened(config) as store:
        for first in range(0, len(_OTHERS), 50):
            batch = batch_from_spans(_OTHERS[first : first + 50], config.columns)
            store.writer.write(batch, [SpoolPosition("spool", first)])
        store.writer.write(batch_from_spans([_OF_TENANT], config.columns), [])
        store.writer.write(batch_from_spans(_CALLS[:30], config.columns), [])
        assert store.lead()
        store.roll_up(MIDNIGHT_NS + HOUR_NS)
        store.writer.write(batch_from_spans(_CALLS[30:], config.columns), [])
    return config


@pytest.fixture
def target(engines: tuple[str, str], place_for: PlaceFor) -> StoreConfig:
    return place_for(engines[1])


def test_a_copy_answers_as_its_source(source: StoreConfig, target: StoreConfig) -> None:
    progress = list(copy_store(source, target, chunk_spans=100))

    assert _ALL == progress[-1].spans == progress[-1].total
    _assert_same_answers(source, target)


def test_a_copy_is_whole(source: StoreConfig, target: StoreConfig) -> None:
    list(copy_store(source, target, chunk_spans=100))

    with open_engine(target) as engine:
        assert [] == [check for check in check_store(engine, source.columns) if not check.passed]


def test_a_copy_takes_further_spans_and_knows_those_that_it_has(
    source: StoreConfig, target: StoreConfig
) -> None:
    list(copy_store(source, target))

    with _opened(target) as store:
        assert {"spool": 150} == store.writer.positions()
        again = store.writer.write(batch_from_spans([*_OTHERS, make_span(9001, 9001)]), [])
        assert (1, len(_OTHERS)) == (again.written, again.duplicates)
        assert store.lead()
        store.roll_up(MIDNIGHT_NS + HOUR_NS)
        assert_graph(_CALLS, store, *_WINDOW)


def test_a_copy_goes_on_where_it_was_stopped(source: StoreConfig, target: StoreConfig) -> None:
    begun_with = set()
    doing = "spans"
    while doing == "spans":
        copying = copy_store(source, target, chunk_spans=100)
        begun_with.add(next(copying).spans)
        doing = next(copying).doing
        copying.close()

    progress = list(copy_store(source, target))

    assert {0, _ALL} < begun_with
    assert _ALL == progress[-1].spans
    _assert_same_answers(source, target)


def test_a_target_with_other_data_is_refused_and_left_alone(
    source: StoreConfig, target: StoreConfig
) -> None:
    with _opened(target) as store:
        write(store, make_span())

    with pytest.raises(StoreError, match="the target holds other data, in its table spans"):
        list(copy_store(source, target))

    with _opened(target) as store:
        assert 1 == store.stats().spans


def test_a_target_with_a_part_of_another_store_is_refused(
    source: StoreConfig, target: StoreConfig, place_for: PlaceFor
) -> None:
    copying = copy_store(source, target)
    next(copying)
    copying.close()
    other = place_for("duckdb")
    create_store(other)

    with pytest.raises(StoreError, match="the target holds a part of another store"):
        list(copy_store(other, target))


@pytest.mark.parametrize("engine_name", ["duckdb", "postgresql"])
def test_a_target_that_a_service_wrote_to_between_two_runs_is_refused(
    place_for: PlaceFor, engine_name: str
) -> None:
    source, target = place_for("duckdb"), place_for(engine_name)
    with _opened(source) as store:
        for number in range(1, 4):
            write(store, make_span(number, number))
    copying = copy_store(source, target, chunk_spans=1)
    assert [0, 1] == [next(copying).spans, next(copying).spans]
    copying.close()
    with _opened(target) as store:
        write(store, make_span(9, 9))

    with pytest.raises(StoreError, match="something else has written to the target"):
        list(copy_store(source, target))


def test_a_service_that_writes_to_a_target_while_it_is_copied_to_is_noticed(
    place_for: PlaceFor,
) -> None:
    source, target = place_for("duckdb"), place_for("postgresql")
    with _opened(source) as store:
        write(store, make_span())
    copying = copy_store(source, target)
    next(copying)
    with _opened(target) as store:
        write(store, make_span(2, 2))

    with pytest.raises(StoreError, match="something else has written to the target"):
        list(copying)


def test_a_store_is_not_copied_into_itself(place_for: PlaceFor) -> None:
    config = place_for("duckdb")
    create_store(config)

    with pytest.raises(StoreError, match="not copied into itself"):
        list(copy_store(config, config))


def test_a_column_of_another_type_in_the_target_is_refused(place_for: PlaceFor) -> None:
    source, target = (
        replace(place_for("duckdb"), extra_columns=(WellKnownColumn("tenant", kind, ("tenant",)),))
        for kind in (ColumnType.STRING, ColumnType.INT)
    )
    for config in (source, target):
        create_store(config)

    with pytest.raises(StoreError, match="column 'tenant'"):
        list(copy_store(source, target))


@contextmanager
def _opened(config: StoreConfig) -> Iterator[Store]:
    store = open_store(config)
    try:
        yield store
    finally:
        store.close()


def _assert_same_answers(first: StoreConfig, second: StoreConfig) -> None:
    second = replace(second, extra_columns=first.extra_columns)
    with _opened(first) as source, _opened(second) as copy:
        assert source.stats().spans == copy.stats().spans == _ALL
        assert source.stats().oldest_ns == copy.stats().oldest_ns
        assert source.stats().newest_ns == copy.stats().newest_ns
        ids = sorted({span.trace_id for span in (*_OTHERS, *_CALLS, _OF_TENANT)})
        assert source.reader.get_traces(ids, timeout_s=TIMEOUT_S) == copy.reader.get_traces(
            ids, timeout_s=TIMEOUT_S
        )
        blue = AttributeCondition("tenant", Comparison.EQUAL, "blue")
        for query in (
            TraceQuery(0, 2 * START_NS, limit=1000),
            TraceQuery(0, 2 * START_NS, attributes=(blue,)),
            TraceQuery(0, 2 * START_NS, error=True, limit=1000),
        ):
            found = source.reader.find_traces(query, timeout_s=TIMEOUT_S).summaries
            assert found
            assert found == copy.reader.find_traces(query, timeout_s=TIMEOUT_S).summaries
        assert source.reader.services(timeout_s=TIMEOUT_S) == copy.reader.services(
            timeout_s=TIMEOUT_S
        )
        assert_graph(_CALLS, source, *_WINDOW)
        assert_graph(_CALLS, copy, *_WINDOW)
