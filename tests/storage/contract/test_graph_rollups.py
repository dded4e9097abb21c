"""Rolling the graph up: when, how often, and what is left of it after crashes and deletions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import storage.graph.minutes
import storage.graph.pieces
import storage.graph.rollups
from storage.graph.minutes import ComputedMinutes
from storage.graph.snapshot import GraphSnapshot
from storage.interface import RollupReport, Store
from tests.engines import Engine, OpenStore
from tests.storage.graph_spans import (
    HOUR_NS,
    MIDNIGHT_NS,
    MINUTE_NS,
    assert_graph,
    call,
    calls_of,
    consumer,
    producer,
    write,
)
from tests.storage.spans import TIMEOUT_S, make_span

_DAY_NS = 24 * HOUR_NS
_AFTER_NS = MIDNIGHT_NS + 6 * HOUR_NS
_SETTLE_NS = 15_000_000_000
_NOTHING = RollupReport(minutes=0, corrected=0, spans=0, rows=0)


def _rows(store: Store, table: str) -> int:
    found = store.sql(f"SELECT count(*) FROM {table}", limit=1, timeout_s=TIMEOUT_S)
    (count,) = found.rows[0]
    assert isinstance(count, int)
    return count


def _delete_all_before(store: Store, engine: Engine, time_ns: int) -> None:
    store.apply_retention(time_ns + engine.kept_longer_ns + _DAY_NS, _DAY_NS, None)


def test_a_minute_is_rolled_up_when_it_has_settled_and_no_sooner(store: Store) -> None:
    write(store, *call(1, MIDNIGHT_NS))
    settled_ns = MIDNIGHT_NS + MINUTE_NS + _SETTLE_NS

    assert _NOTHING == store.roll_up(settled_ns - 1)
    assert 1 == store.roll_up(settled_ns).minutes
    assert _NOTHING == store.roll_up(settled_ns)


def test_an_empty_store_has_nothing_to_roll_up(store: Store) -> None:
    assert _NOTHING == store.roll_up(_AFTER_NS)


def test_wide_periods_are_added_up_and_corrected(store: Store) -> None:
    spans = [span for n in range(1, 400) for span in call(n, MIDNIGHT_NS + n * 41_000_000_000)]
    late = spans.pop()
    write(store, *spans)
    store.roll_up(_AFTER_NS)
    widths = [60, 600, 3600]
    counts = [
        _rows(store, f"rolled_periods WHERE width_ns = {width_s * 10**9}") for width_s in widths
    ]
    assert [273, 28, 5] == counts
    for from_ns in (MIDNIGHT_NS, MIDNIGHT_NS + 1, MIDNIGHT_NS + 11 * MINUTE_NS):
        assert_graph(spans, store, from_ns, MIDNIGHT_NS + 4 * HOUR_NS + 25 * MINUTE_NS)

    write(store, late)

    assert_graph([*spans, late], store, MIDNIGHT_NS, _AFTER_NS)
    assert 1 == store.roll_up(_AFTER_NS).corrected
    assert_graph([*spans, late], store, MIDNIGHT_NS, _AFTER_NS)
    assert counts == [
        _rows(store, f"rolled_periods WHERE width_ns = {width_s * 10**9}") for width_s in widths
    ]


@pytest.mark.parametrize(
    ("module", "function"),
    [
        (storage.graph.minutes, "insert_periods"),
        (storage.graph.minutes, "store_pods"),
        (storage.graph.rollups, "widen_period"),
        (storage.graph.rollups, "mark_rolled"),
        (storage.graph.rollups, "set_number"),
    ],
)
def test_a_run_that_dies_anywhere_leaves_right_answers_and_can_be_done_again(
    store: Store, module: object, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = [span for n in range(1, 20) for span in call(n, MIDNIGHT_NS + n * 41_000_000_000)]
    write(store, *first[:-1])
    store.roll_up(_AFTER_NS)
    spans = [*first, *call(99, MIDNIGHT_NS + 5 * MINUTE_NS), *call(98, MIDNIGHT_NS + HOUR_NS)]
    write(store, *spans)

    with monkeypatch.context() as patch:
        patch.setattr(module, function, _die_at_second_call(getattr(module, function)))
        with pytest.raises(RuntimeError, match="injected"):
            store.roll_up(_AFTER_NS)

    assert_graph(spans, store, MIDNIGHT_NS, _AFTER_NS)
    store.roll_up(_AFTER_NS)
    assert_graph(spans, store, MIDNIGHT_NS, _AFTER_NS)
    assert _NOTHING == store.roll_up(_AFTER_NS)


def _die_at_second_call(function: Callable[..., object]) -> Callable[..., object]:
    calls = 0

    def die(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        result = function(*arguments)
        if calls == 2 or function.__name__ in ("set_number", "store_pods"):
            raise RuntimeError("injected")
        return result

    return die


def test_minutes_whose_spans_are_deleted_still_answer(store: Store, engine: Engine) -> None:
    spans = [span for n in range(1, 30) for span in call(n, MIDNIGHT_NS + n * 20_000_000_000)]
    write(store, *spans)
    store.roll_up(_AFTER_NS)

    _delete_all_before(store, engine, MIDNIGHT_NS + HOUR_NS)

    assert 0 == store.stats().spans
    assert_graph(spans, store, MIDNIGHT_NS, _AFTER_NS)
    assert _NOTHING == store.roll_up(_AFTER_NS)
    assert_graph(spans, store, MIDNIGHT_NS, _AFTER_NS)


def test_a_minute_without_spans_counts_whole_where_it_begins(store: Store, engine: Engine) -> None:
    for n in range(1, 9):
        write(store, *call(n, MIDNIGHT_NS + n * 10_000_000_000))
    store.roll_up(_AFTER_NS)
    _delete_all_before(store, engine, MIDNIGHT_NS + HOUR_NS)
    cut_ns = MIDNIGHT_NS + 25_000_000_000

    assert 5 == calls_of(store, MIDNIGHT_NS, cut_ns)
    assert 3 == calls_of(store, cut_ns, _AFTER_NS)
    steps = store.graph.edge_steps(MIDNIGHT_NS, _AFTER_NS, 25_000_000_000, timeout_s=TIMEOUT_S)
    assert [5, 0, 3] == [int(table.measures.calls.sum()) for table in steps[:3]]


def test_a_span_that_comes_after_the_retention_does_not_destroy_its_minute(
    store: Store, engine: Engine
) -> None:
    old = [span for n in range(1, 5) for span in call(n, MIDNIGHT_NS + n)]
    write(store, *old)
    store.roll_up(_AFTER_NS)
    _delete_all_before(store, engine, MIDNIGHT_NS + HOUR_NS)

    write(store, *call(9, MIDNIGHT_NS + 5))

    assert_graph(old, store, MIDNIGHT_NS, _AFTER_NS)
    assert _NOTHING == store.roll_up(_AFTER_NS)
    assert_graph(old, store, MIDNIGHT_NS, _AFTER_NS)


def test_new_spans_after_all_were_deleted_are_rolled_up(open_again: OpenStore) -> None:
    store = open_again()
    write(store, *call(1, MIDNIGHT_NS), *call(2, MIDNIGHT_NS))
    store.roll_up(_AFTER_NS)
    store.apply_retention(MIDNIGHT_NS + 3 * _DAY_NS, _DAY_NS, None)
    new_ns = MIDNIGHT_NS + 3 * _DAY_NS
    write(store, *call(3, new_ns))
    assert 1 == calls_of(store, new_ns, new_ns + HOUR_NS)
    store.apply_retention(new_ns + 3 * _DAY_NS, _DAY_NS, None)
    store.close()

    store = open_again()
    new_ns += 3 * _DAY_NS
    write(store, *call(4, new_ns))

    assert 1 == calls_of(store, new_ns, new_ns + HOUR_NS)
    assert 1 == store.roll_up(new_ns + HOUR_NS).minutes
    assert 1 == calls_of(store, new_ns, new_ns + HOUR_NS)


def test_a_trace_that_goes_on_stays_in_its_minute_when_its_begin_is_deleted(
    store: Store, engine: Engine
) -> None:
    client, server = call(1, MIDNIGHT_NS)
    later_ns = MIDNIGHT_NS + 5 * HOUR_NS + engine.kept_longer_ns
    after_ns = later_ns + HOUR_NS
    later = make_span(1, 77, start_ns=later_ns, parent_span_id=server.span_id)
    for span in (client, server, later):
        write(store, span)
    store.roll_up(after_ns)
    before = calls_of(store, MIDNIGHT_NS, after_ns)

    _delete_all_before(store, engine, MIDNIGHT_NS + 3 * HOUR_NS)
    write(store, make_span(1, 78, start_ns=later_ns, parent_span_id=later.span_id))

    for _ in range(2):
        assert before == calls_of(store, MIDNIGHT_NS, after_ns)
        assert 0 == calls_of(store, MIDNIGHT_NS + MINUTE_NS, after_ns)
        store.roll_up(after_ns)


def test_rollups_are_deleted_at_their_own_age(store: Store) -> None:
    old, new = call(1, MIDNIGHT_NS), call(2, MIDNIGHT_NS + 30 * _DAY_NS)
    write(store, *old, *new)
    store.roll_up(MIDNIGHT_NS + 30 * _DAY_NS + HOUR_NS)

    store.roll_up(MIDNIGHT_NS + 31 * _DAY_NS)

    # While the spans are there they still answer.
    window = (MIDNIGHT_NS - 5, MIDNIGHT_NS + 31 * _DAY_NS)
    assert_graph([*old, *new], store, *window)
    write(store, *call(3, MIDNIGHT_NS + 7))
    assert _NOTHING == store.roll_up(MIDNIGHT_NS + 31 * _DAY_NS)
    assert 3 == calls_of(store, *window)
    store.apply_retention(MIDNIGHT_NS + 31 * _DAY_NS, 7 * _DAY_NS, None)
    assert 1 == calls_of(store, *window)

    store.roll_up(MIDNIGHT_NS + 62 * _DAY_NS)

    tables = ("edge_rollups_1m", "edge_rollups_1h", "operation_rollups_10m", "edge_keys", "pods")
    assert [0] * 5 == [_rows(store, table) for table in tables]


def test_a_trace_that_never_ends_counts_with_what_came_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.graph.pieces, "MOST_TRACE_SPANS", 3)
    client, server = call(1, MIDNIGHT_NS)
    others = [
        make_span(1, 50 + n, start_ns=MIDNIGHT_NS + n, parent_span_id=server.span_id)
        for n in range(5)
    ]
    write(store, client, server)
    write(store, *others[:2])
    store.roll_up(_AFTER_NS)

    write(store, *others[2:])

    assert _NOTHING == store.roll_up(_AFTER_NS)
    (chunk,) = store.graph.spans(MIDNIGHT_NS, _AFTER_NS, timeout_s=TIMEOUT_S)
    assert 4 == len(chunk)


def test_a_link_dirties_only_the_minutes_that_link(store: Store) -> None:
    sent = producer(1, MIDNIGHT_NS)
    spans = [consumer(n, MIDNIGHT_NS + n * MINUTE_NS, sent) for n in (3, 4)]
    write(store, *spans, *call(9, MIDNIGHT_NS + 7 * MINUTE_NS))
    store.roll_up(_AFTER_NS)

    write(store, sent)

    report = store.roll_up(_AFTER_NS)
    assert (3, 2) == (report.minutes, report.corrected)


def test_corrections_wait_when_they_took_too_long_and_reads_are_right_meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = [span for n in range(1, 7) for span in call(n, MIDNIGHT_NS + n * 2 * MINUTE_NS)]
    write(store, *spans[::2])
    store.roll_up(_AFTER_NS)
    new = call(9, MIDNIGHT_NS + HOUR_NS)
    write(store, *spans[1::2], *new)
    assert (5, 4) == _run_with_time_for(store, monkeypatch, corrections=4)
    assert_graph([*spans, *new], store, MIDNIGHT_NS, _AFTER_NS)

    assert (2, 2) == _run_with_time_for(store, monkeypatch, corrections=4)

    assert_graph([*spans, *new], store, MIDNIGHT_NS, _AFTER_NS)


def _run_with_time_for(
    store: Store, monkeypatch: pytest.MonkeyPatch, corrections: int
) -> tuple[int, int]:
    left = iter([True] * corrections + [False])
    with monkeypatch.context() as patch:
        patch.setattr(storage.graph.rollups.Allowance, "is_left", lambda _: next(left))
        report = store.roll_up(_AFTER_NS)
    return report.minutes, report.corrected


def test_minutes_that_late_spans_change_are_computed_together(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = [MIDNIGHT_NS + minute * MINUTE_NS for minute in range(20)]
    write(store, *(span for n, start_ns in enumerate(starts, 1) for span in call(n, start_ns)))
    store.roll_up(_AFTER_NS)
    write(store, *(span for n, start_ns in enumerate(starts, 101) for span in call(n, start_ns)))
    runs: list[int] = []
    compute = storage.graph.minutes.Minutes.compute

    def count(
        self: storage.graph.minutes.Minutes,
        snapshot: GraphSnapshot,
        from_ns: int,
        to_ns: int,
        below_seq: int,
    ) -> ComputedMinutes:
        runs.append((to_ns - from_ns) // MINUTE_NS)
        return compute(self, snapshot, from_ns, to_ns, below_seq)

    monkeypatch.setattr(storage.graph.minutes.Minutes, "compute", count)

    assert 20 == store.roll_up(_AFTER_NS).corrected
    assert [1, 2, 4, 8, 5] == runs
