"""Several stores on one database: writing, opening, and one that leads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

import storage.graph.rollups
from storage.interface import SpoolPosition, Store, StoreError, StoreState, StoreUnavailable
from storage.postgresql.store import PostgreSQLStore
from tests.engines import open_postgresql, postgresql_config
from tests.storage.batches import batch_from_spans
from tests.storage.graph_spans import (
    HOUR_NS,
    MIDNIGHT_NS,
    MINUTE_NS,
    assert_graph,
    call,
    calls_of,
    write,
)
from tests.storage.postgresql.conftest import Ask, Join
from tests.storage.spans import TIMEOUT_S, make_span, random_spans

_AFTER_NS = MIDNIGHT_NS + 6 * HOUR_NS
_THIS_DATABASE = "(SELECT oid FROM pg_database WHERE datname = current_database())"
_HOLDERS = f"pg_locks WHERE locktype = 'advisory' AND database = {_THIS_DATABASE}"


def _at_once(*actions: Callable[[], object]) -> list[object]:
    """Run actions in threads that start together; what one raises is raised."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], object]) -> object:
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def _cut_off_the_lead(ask: Ask) -> None:
    """End the connection that holds the lead, as a firewall or a restarted server does."""
    ended = ask(f"SELECT pg_terminate_backend(pid, 10000) FROM {_HOLDERS}")
    assert ended == [(True,)]


def test_two_writers_lose_and_double_nothing(join: Join, ask: Ask) -> None:
    spans = random_spans(seed=7, count=400, traces=40, covers_ns=10**12)
    stores = [join(), join()]

    def send(number: int) -> int:
        # Each sends most of what the other one sends too.
        written = 0
        for first in range(number * 20, 360 + number * 20, 20):
            batch = batch_from_spans(spans[first : first + 40])
            position = SpoolPosition(f"spool {number}", first)
            written += stores[number].writer.write(batch, [position]).written
        return written

    written = _at_once(lambda: send(0), lambda: send(1))

    assert sum(map(int, map(str, written))) == len(spans)
    assert [(len(spans),)] == ask("SELECT count(*) FROM spans")
    for store in stores:
        assert store.stats().spans == len(spans)
        assert store.writer.positions() == {"spool 0": 340, "spool 1": 360}
        traces = store.reader.get_traces([span.trace_id for span in spans], timeout_s=TIMEOUT_S)
        stored = {span.span_id: span for trace in traces.values() for span in trace}
        assert stored == {span.span_id: span for span in spans}


def test_what_many_spans_share_is_stored_once_by_all_writers(join: Join, ask: Ask) -> None:
    stores = [join() for _ in range(3)]
    spans = random_spans(seed=8, count=90, traces=9, covers_ns=10**12)

    _at_once(
        *(
            lambda n=n, store=store: store.writer.write(batch_from_spans(spans[n::3]), [])
            for n, store in enumerate(stores)
        )
    )

    resources = {repr(span.resource) for span in spans}
    scopes = {repr(span.scope) for span in spans}
    assert [(len(resources), len(scopes))] == ask(
        "SELECT (SELECT count(*) FROM resources), (SELECT count(*) FROM scopes)"
    )


def test_numbers_rise_in_the_order_of_commits(join: Join, ask: Ask) -> None:
    stores, reader = [join(), join()], join()
    done = Event()

    def send(number: int) -> None:
        for n in range(60):
            trace = 1 + n + 100 * number
            stores[number].writer.write(
                batch_from_spans([make_span(trace, trace), make_span(trace, 1000 + trace)]), []
            )

    def look() -> list[list[int]]:
        seen = []
        while not done.is_set():
            found = reader.sql("SELECT seq FROM spans", limit=1000, timeout_s=TIMEOUT_S)
            seen.append(sorted(int(str(seq)) for (seq,) in found.rows))
        return seen

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        try:
            _at_once(lambda: send(0), lambda: send(1))
        finally:
            done.set()
        seen = looking.result()

    every = [int(str(seq)) for (seq,) in ask("SELECT seq FROM spans ORDER BY seq")]
    assert len(every) == len(set(every)) == 240
    for numbers in seen:
        assert numbers == every[: len(numbers)]  # none came below one that was there


def test_rollups_of_the_leader_hold_what_all_writers_wrote(join: Join) -> None:
    stores, leader = [join(), join()], join()
    assert leader.lead()
    spans = [span for n in range(1, 41) for span in call(n, MIDNIGHT_NS + n * 7 * 10**9)]
    done = Event()

    def send(number: int) -> None:
        for first in range(number, len(spans), 2):
            write(stores[number], spans[first])

    def roll_up() -> None:
        while not done.is_set():
            leader.roll_up(_AFTER_NS)

    with ThreadPoolExecutor(1) as pool:
        rolling = pool.submit(roll_up)
        try:
            _at_once(lambda: send(0), lambda: send(1))
        finally:
            done.set()
        rolling.result()

    leader.roll_up(_AFTER_NS)
    for store in (*stores, leader):
        assert_graph(spans, store, MIDNIGHT_NS, _AFTER_NS)
    assert 0 == leader.roll_up(_AFTER_NS).minutes


def test_a_writer_goes_on_when_another_process_has_deleted_what_it_knew(join: Join) -> None:
    writer, leader = join(), join()
    assert leader.lead()
    old = random_spans(seed=9, count=30, traces=5, covers_ns=10**9)
    writer.writer.write(batch_from_spans(old), [])
    leader.apply_retention(MIDNIGHT_NS + 5 * 24 * HOUR_NS, 24 * HOUR_NS, None)
    assert writer.stats().spans == 0

    writer.writer.write(batch_from_spans(old), [])

    found = leader.reader.get_traces([span.trace_id for span in old], timeout_s=TIMEOUT_S)
    assert {span.span_id: span for trace in found.values() for span in trace} == {
        span.span_id: span for span in old
    }


def test_stores_that_are_opened_at_once_on_an_empty_database_do_not_race(
    postgresql_url: str,
) -> None:
    config = postgresql_config(postgresql_url)
    stores = [
        store
        for store in _at_once(*(lambda: open_postgresql(config) for _ in range(5)))
        if isinstance(store, PostgreSQLStore)
    ]
    try:
        for number, store in enumerate(stores, 1):
            assert store.state() is StoreState.OK
            write(store, make_span(number, number))
        assert [store.stats().spans for store in stores] == [5] * 5
        assert 1 == sum(store.lead() for store in stores)
    finally:
        for store in stores:
            store.close()


def test_one_leads_until_it_is_closed(join: Join) -> None:
    first, second = join(), join()

    assert (True, False) == (first.lead(), second.lead())
    assert (True, False) == (first.lead(), second.lead())
    first.close()
    assert second.lead()


def test_who_does_not_lead_may_not_roll_up_or_delete(join: Join) -> None:
    leader, other = join(), join()
    write(leader, *call(1, MIDNIGHT_NS))
    assert leader.lead()

    for _ in range(2):
        _assert_powerless(other)
        assert not other.lead()
    assert 2 == leader.stats().spans


def test_who_was_cut_off_loses_the_lead_and_does_no_more_harm(join: Join, ask: Ask) -> None:
    first, second = join(), join()
    assert first.lead()
    write(first, *call(1, MIDNIGHT_NS))
    _cut_off_the_lead(ask)

    assert second.lead()

    _assert_powerless(first)
    assert not first.lead()
    assert 2 == second.stats().spans
    assert 1 == second.roll_up(_AFTER_NS).minutes
    second.close()
    assert first.lead()
    assert 2 == first.apply_retention(MIDNIGHT_NS + 9 * 24 * HOUR_NS, HOUR_NS, None).by_age


def test_a_run_that_is_under_way_stops_when_another_takes_the_lead(
    join: Join, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = join(), join()
    assert first.lead()
    early, late = (
        [span for n in range(1, 20) for span in call(100 * time + n, MIDNIGHT_NS + n * MINUTE_NS)]
        for time in range(2)
    )
    write(first, *early)
    first.roll_up(_AFTER_NS)
    write(first, *late)

    def lose_it(_: object) -> bool:
        if not second.lead():
            _cut_off_the_lead(ask)
            assert second.lead()
        return True

    with monkeypatch.context() as patch:
        patch.setattr(storage.graph.rollups.Allowance, "is_left", lose_it)
        with pytest.raises(StoreUnavailable, match="leads"):
            first.roll_up(_AFTER_NS)

    assert_graph([*early, *late], second, MIDNIGHT_NS, _AFTER_NS)
    second.roll_up(_AFTER_NS)
    assert_graph([*early, *late], second, MIDNIGHT_NS, _AFTER_NS)


def test_who_took_the_lead_back_may_go_on(join: Join, ask: Ask) -> None:
    store = join()
    assert store.lead()
    _cut_off_the_lead(ask)

    assert store.lead()

    write(store, *call(1, MIDNIGHT_NS))
    assert 1 == store.roll_up(_AFTER_NS).minutes
    assert 1 == calls_of(store, MIDNIGHT_NS, _AFTER_NS)


def _assert_powerless(store: Store) -> None:
    before = store.stats()
    with pytest.raises(StoreUnavailable, match="leads"):
        store.roll_up(_AFTER_NS)
    with pytest.raises(StoreError, match="leads"):
        store.apply_retention(MIDNIGHT_NS + 9 * 24 * HOUR_NS, HOUR_NS, 1)
    found = store.sql("SELECT count(*) FROM rolled_periods", limit=1, timeout_s=TIMEOUT_S)
    assert found.rows == ((0,),)
    assert store.stats() == before
