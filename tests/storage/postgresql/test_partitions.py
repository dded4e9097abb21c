"""Days as partitions: made ahead, dropped whole, and one for what lies outside."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from storage.config import RetentionConfig
from storage.interface import Store
from storage.postgresql.store import PostgreSQLStore
from tests.engines import NOW_NS
from tests.storage.batches import batch_from_spans
from tests.storage.graph_spans import HOUR_NS, MIDNIGHT_NS, write
from tests.storage.postgresql.conftest import Ask, Join
from tests.storage.spans import TIMEOUT_S, make_span

_DAY_NS = 24 * HOUR_NS
_DEFAULT = "spans_default"
_YEAR_2200_NS = 7_258_118_400_000_000_000


def _name(time_ns: int) -> str:
    return f"spans_{datetime.fromtimestamp(time_ns // 10**9, UTC):%Y%m%d}"


def _partitions(ask: Ask) -> set[object]:
    named = "SELECT inhrelid::regclass::text FROM pg_inherits"
    found = ask(f"{named} WHERE inhparent = 'spans'::regclass")
    return {name for (name,) in found}


def _places(ask: Ask) -> dict[object, object]:
    """The partition of each span by its number."""
    return {row[0]: row[1] for row in ask("SELECT span_id, tableoid::regclass::text FROM spans")}


def test_the_days_ahead_have_partitions_before_anything_is_written(join: Join, ask: Ask) -> None:
    join()

    assert _partitions(ask) >= {_DEFAULT, *(_name(NOW_NS + day * _DAY_NS) for day in range(4))}


def test_a_process_that_runs_for_days_goes_on_making_them(join: Join, ask: Ask) -> None:
    clock = [NOW_NS]
    store = join(lambda: clock[0])
    for number in range(1, 8):
        clock[0] = NOW_NS + number * _DAY_NS
        write(store, make_span(number, number, start_ns=clock[0]))

    assert _places(ask) == {n: _name(NOW_NS + n * _DAY_NS) for n in range(1, 8)}


def test_the_retention_makes_them_where_nothing_is_written(join: Join, ask: Ask) -> None:
    store = join()
    assert store.lead()

    store.apply_retention(NOW_NS + 5 * _DAY_NS, 7 * _DAY_NS, None)

    assert _name(NOW_NS + 8 * _DAY_NS) in _partitions(ask)


def test_days_within_the_retention_get_a_partition_when_spans_of_them_come(
    join: Join, ask: Ask
) -> None:
    store = join(retention=RetentionConfig(max_age_ns=3 * _DAY_NS))
    days = {1: -3, 2: -1, 3: 3}
    for number, day in days.items():
        write(store, make_span(number, number, start_ns=NOW_NS + day * _DAY_NS))

    assert _places(ask) == {n: _name(NOW_NS + day * _DAY_NS) for n, day in days.items()}


def test_a_day_is_dropped_with_its_partition(join: Join, ask: Ask) -> None:
    store = join()
    assert store.lead()
    write(store, *(make_span(n, n, start_ns=MIDNIGHT_NS + n) for n in range(1, 20)))
    write(store, make_span(99, 99, start_ns=MIDNIGHT_NS + _DAY_NS))

    report = store.apply_retention(MIDNIGHT_NS + 2 * _DAY_NS + 2 * HOUR_NS, _DAY_NS, None)

    assert report.by_age == 19
    assert _name(MIDNIGHT_NS) not in _partitions(ask)
    assert _places(ask) == {99: _name(MIDNIGHT_NS + _DAY_NS)}
    assert store.stats().spans == 1


def test_a_span_of_a_day_that_was_dropped_may_still_come(join: Join, ask: Ask) -> None:
    store = join()
    assert store.lead()
    span = make_span(1, 1, start_ns=MIDNIGHT_NS)
    write(store, span)
    store.apply_retention(MIDNIGHT_NS + 3 * _DAY_NS, _DAY_NS, None)
    assert not store.reader.get_traces([span.trace_id], timeout_s=TIMEOUT_S)

    write(store, span)

    found = store.reader.get_traces([span.trace_id], timeout_s=TIMEOUT_S)
    assert found == {span.trace_id: [span]}
    store.apply_retention(MIDNIGHT_NS + 3 * _DAY_NS, _DAY_NS, None)
    assert _places(ask) == {}


def test_another_writer_goes_on_after_a_day_was_dropped(join: Join, ask: Ask) -> None:
    writer, leader = join(), join()
    assert leader.lead()
    write(writer, make_span(1, 1, start_ns=MIDNIGHT_NS))
    leader.apply_retention(MIDNIGHT_NS + 3 * _DAY_NS, _DAY_NS, None)

    write(writer, make_span(2, 2, start_ns=MIDNIGHT_NS))

    assert writer.stats().spans == 1
    assert set(_places(ask)) == {2}


@pytest.mark.parametrize("start_ns", [0, 1, MIDNIGHT_NS - 300 * _DAY_NS, _YEAR_2200_NS])
def test_a_clock_that_is_far_off_makes_no_partition(join: Join, ask: Ask, start_ns: int) -> None:
    store = join()
    before = _partitions(ask)
    span = make_span(1, 1, start_ns=start_ns)

    write(store, span)

    assert _partitions(ask) == before
    assert _places(ask) == {1: _DEFAULT}
    found = store.reader.get_traces([span.trace_id], timeout_s=TIMEOUT_S)
    assert found == {span.trace_id: [span]}


def test_what_lies_outside_of_all_days_is_deleted_in_time(join: Join, ask: Ask) -> None:
    store = join()
    assert store.lead()
    starts = {1: 5, 2: MIDNIGHT_NS - 300 * _DAY_NS, 3: MIDNIGHT_NS, 4: _YEAR_2200_NS}
    write(store, *(make_span(n, n, start_ns=start) for n, start in starts.items()))

    report = store.apply_retention(NOW_NS, _DAY_NS, None)

    assert report.by_age == 2
    assert set(_places(ask)) == {3, 4}
    assert (store.stats().spans, store.stats().oldest_ns) == (2, MIDNIGHT_NS)


def test_spans_from_the_future_are_in_the_partition_of_their_day_once_it_has_one(
    join: Join, ask: Ask
) -> None:
    clock = [NOW_NS]
    store = join(lambda: clock[0])
    spans = [make_span(n, n, start_ns=NOW_NS + (5 + n) * _DAY_NS) for n in (1, 3)]
    write(store, *spans)
    assert set(_places(ask).values()) == {_DEFAULT}

    clock[0] = NOW_NS + 4 * _DAY_NS
    write(store, make_span(9, 9, start_ns=clock[0]))

    assert _places(ask)[1] == _name(spans[0].start_ns)
    assert _places(ask)[3] == _DEFAULT
    assert _stored(store, 1, 3) == spans


def test_two_processes_may_make_the_same_day(join: Join, ask: Ask) -> None:
    clock = [NOW_NS]
    stores = [join(lambda: clock[0]) for _ in range(2)]
    clock[0] = NOW_NS + 5 * _DAY_NS
    for number, store in enumerate(stores, 1):
        write(store, make_span(number, number, start_ns=clock[0]))

    assert set(_places(ask).values()) == {_name(clock[0])}


def test_a_database_without_a_bound_of_age_keeps_partitions_of_a_year(join: Join, ask: Ask) -> None:
    store: PostgreSQLStore = join(retention=RetentionConfig(max_age_ns=None))
    write(store, make_span(1, 1, start_ns=NOW_NS - 365 * _DAY_NS))

    assert _places(ask) == {1: _name(NOW_NS - 365 * _DAY_NS)}


def test_a_batch_of_many_days_is_written_at_once(join: Join, ask: Ask) -> None:
    store = join()
    spans = [make_span(n, n, start_ns=NOW_NS - n * _DAY_NS // 2) for n in range(1, 40)]

    assert store.writer.write(batch_from_spans(spans), []).written == len(spans)

    assert len(set(_places(ask).values())) >= 8
    assert _stored(store, *range(1, 40)) == spans


def _stored(store: Store, *traces: int) -> list[object]:
    ids = [f"{trace:032x}" for trace in traces]
    found = store.reader.get_traces(ids, timeout_s=TIMEOUT_S)
    return [span for one in ids for span in found[one]]
