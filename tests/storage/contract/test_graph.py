"""Reading the graph: the same answer whenever rollups ran, for any window and step."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from model.graph.pods import Pod
from storage.interface import QueryTimeout, Store
from tests.engines import OpenStore
from tests.graph.comparison import plain_table
from tests.graph.memory import MemoryGraph
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
from tests.storage.spans import TIMEOUT_S

_AFTER_NS = MIDNIGHT_NS + 6 * HOUR_NS


def test_a_call_is_read_before_and_after_its_minute_is_rolled_up(store: Store) -> None:
    spans = call(1, MIDNIGHT_NS + 5)
    write(store, *spans)
    assert_graph(spans, store, MIDNIGHT_NS, MIDNIGHT_NS + MINUTE_NS)

    report = store.roll_up(_AFTER_NS)

    assert (1, 0, 2) == (report.minutes, report.corrected, report.spans)
    assert report.rows > 0
    assert_graph(spans, store, MIDNIGHT_NS, MIDNIGHT_NS + MINUTE_NS)
    assert 1 == calls_of(store, MIDNIGHT_NS, MIDNIGHT_NS + MINUTE_NS)


def test_windows_that_follow_one_another_add_up_wherever_they_are_cut(store: Store) -> None:
    spans = [span for n in range(1, 60) for span in call(n, MIDNIGHT_NS + n * 7_000_000_000)]
    write(store, *spans)
    cuts = [0, 7_000_000_000, 7_000_000_001, MINUTE_NS, 3 * MINUTE_NS, 200_000_000_123, HOUR_NS]

    for rolled_up in (False, True):
        if rolled_up:
            store.roll_up(_AFTER_NS)
        counts = [
            calls_of(store, MIDNIGHT_NS + first, MIDNIGHT_NS + last)
            for first, last in pairwise(cuts)
        ]
        assert [0, 1, 7, 17, 3, 31] == counts
        assert 59 == calls_of(store, MIDNIGHT_NS, MIDNIGHT_NS + HOUR_NS)


@pytest.mark.parametrize("step_ns", [MINUTE_NS, 10 * MINUTE_NS, 7_500_000_000, 45_000_000_007])
def test_steps_are_the_windows_that_they_cut(store: Store, step_ns: int) -> None:
    spans = [span for n in range(1, 30) for span in call(n, MIDNIGHT_NS + n * 31_000_000_000)]
    write(store, *spans[:40])
    store.roll_up(_AFTER_NS)
    write(store, *spans[40:])
    from_ns, to_ns = MIDNIGHT_NS + 2 * MINUTE_NS, MIDNIGHT_NS + 13 * MINUTE_NS
    expected = MemoryGraph(spans)

    edges = store.graph.edge_steps(from_ns, to_ns, step_ns, timeout_s=TIMEOUT_S)
    operations = store.graph.operation_steps(from_ns, to_ns, step_ns, timeout_s=TIMEOUT_S)

    assert [plain_table(table) for table in expected.edge_steps(from_ns, to_ns, step_ns)] == [
        plain_table(table) for table in edges
    ]
    assert [plain_table(table) for table in expected.operation_steps(from_ns, to_ns, step_ns)] == [
        plain_table(table) for table in operations
    ]


def test_a_server_span_that_comes_late_replaces_the_call_to_an_unseen_peer(store: Store) -> None:
    client, server = call(1, MIDNIGHT_NS)
    write(store, client)
    store.roll_up(_AFTER_NS)
    assert_graph([client], store, MIDNIGHT_NS, MIDNIGHT_NS + HOUR_NS)

    write(store, server)

    assert_graph([client, server], store, MIDNIGHT_NS, MIDNIGHT_NS + HOUR_NS)
    report = store.roll_up(_AFTER_NS)
    assert (1, 1) == (report.minutes, report.corrected)
    assert_graph([client, server], store, MIDNIGHT_NS, MIDNIGHT_NS + HOUR_NS)


def test_a_root_that_comes_late_takes_its_trace_to_another_minute(store: Store) -> None:
    client, server = call(1, MIDNIGHT_NS + MINUTE_NS - 500)
    write(store, server)
    store.roll_up(_AFTER_NS)
    assert 1 == calls_of(store, MIDNIGHT_NS + MINUTE_NS, MIDNIGHT_NS + 2 * MINUTE_NS)

    write(store, client)

    for _ in range(2):
        assert 1 == calls_of(store, MIDNIGHT_NS, MIDNIGHT_NS + MINUTE_NS)
        assert 0 == calls_of(store, MIDNIGHT_NS + MINUTE_NS, MIDNIGHT_NS + 2 * MINUTE_NS)
        store.roll_up(_AFTER_NS)


def test_spans_that_come_again_change_nothing(store: Store) -> None:
    spans = call(1, MIDNIGHT_NS)
    write(store, *spans)
    store.roll_up(_AFTER_NS)

    write(store, *spans)

    assert 0 == store.roll_up(_AFTER_NS).minutes
    assert_graph(spans, store, MIDNIGHT_NS, MIDNIGHT_NS + HOUR_NS)


def test_a_linked_span_that_comes_late_is_a_producer_then(store: Store) -> None:
    sent = producer(1, MIDNIGHT_NS)
    taken = consumer(2, MIDNIGHT_NS + 5 * MINUTE_NS, sent)
    minute = (MIDNIGHT_NS + 5 * MINUTE_NS, MIDNIGHT_NS + 6 * MINUTE_NS)
    write(store, taken)
    store.roll_up(_AFTER_NS)
    assert_graph([taken], store, *minute)

    write(store, sent)

    assert_graph([sent, taken], store, *minute)
    assert 2 == store.roll_up(_AFTER_NS).minutes
    assert_graph([sent, taken], store, *minute)
    edges = store.graph.edges(*minute, timeout_s=TIMEOUT_S)
    assert [("cart", "stock", True)] == [
        (key.source.service, key.destination.service, key.asynchronous) for key in edges.keys
    ]


def test_a_window_beside_all_data_is_empty(store: Store) -> None:
    windows = [(0, MIDNIGHT_NS), (MIDNIGHT_NS + HOUR_NS, 1 << 62), (MIDNIGHT_NS, MIDNIGHT_NS)]
    for spans in ((), call(1, MIDNIGHT_NS)):
        write(store, *spans)
        store.roll_up(_AFTER_NS)
        for from_ns, to_ns in windows:
            assert 0 == calls_of(store, from_ns, to_ns)
            assert [] == list(store.graph.spans(from_ns, to_ns, timeout_s=TIMEOUT_S))
            assert [] == store.graph.pods(from_ns, to_ns, timeout_s=TIMEOUT_S)


def test_windows_and_steps_that_make_no_sense_are_refused(store: Store) -> None:
    graph = store.graph
    with pytest.raises(ValueError, match="before it begins"):
        graph.edges(2, 1, timeout_s=TIMEOUT_S)
    with pytest.raises(ValueError, match="before it begins"):
        next(graph.spans(2, 1, timeout_s=TIMEOUT_S))
    with pytest.raises(ValueError, match="longer than 0"):
        graph.edge_steps(1, 2, 0, timeout_s=TIMEOUT_S)
    with pytest.raises(ValueError, match="at most 10000 steps"):
        graph.operation_steps(0, MINUTE_NS, 1_000_000, timeout_s=TIMEOUT_S)


def test_a_read_that_takes_too_long_is_cancelled(store: Store) -> None:
    for read in (store.graph.edges, store.graph.operations, store.graph.pods):
        with pytest.raises(QueryTimeout):
            read(0, 1, timeout_s=0)


def test_all_is_there_after_a_restart(open_again: OpenStore) -> None:
    first, second = call(1, MIDNIGHT_NS), call(2, MIDNIGHT_NS + 5 * MINUTE_NS)
    store = open_again()
    write(store, *first)
    store.roll_up(_AFTER_NS)
    write(store, *second)
    store.close()

    store = open_again()

    assert_graph([*first, *second], store, MIDNIGHT_NS, MIDNIGHT_NS + HOUR_NS)
    assert 1 == store.roll_up(_AFTER_NS).minutes
    assert_graph([*first, *second], store, MIDNIGHT_NS, MIDNIGHT_NS + HOUR_NS)


def test_spans_come_in_whole_traces_by_time_as_one_snapshot_has_them(store: Store) -> None:
    spans = [span for n in range(1, 11) for span in call(n, MIDNIGHT_NS + (11 - n) * 1_000)]
    write(store, *spans[::2])
    write(store, *spans[1::2])

    chunks = store.graph.spans(MIDNIGHT_NS, _AFTER_NS, timeout_s=TIMEOUT_S, chunk_spans=6)
    found = [next(chunks)]
    write(store, *call(99, MIDNIGHT_NS + 20_000))
    found += chunks

    traces = [
        (chunk.trace_id(trace), int(chunk.times_ns[trace]), int((chunk.trace == trace).sum()))
        for chunk in found
        for trace in range(len(chunk.trace_ids))
    ]
    assert [(f"{11 - n:032x}", MIDNIGHT_NS + n * 1_000, 2) for n in range(1, 11)] == traces
    assert len(found) == 4


def test_pods_are_known_by_address_and_minute(store: Store) -> None:
    write(store, *call(1, MIDNIGHT_NS + 7), *call(2, MIDNIGHT_NS + 3 * MINUTE_NS + 7))
    store.roll_up(MIDNIGHT_NS + 2 * MINUTE_NS)
    live = store.graph.pods(MIDNIGHT_NS, _AFTER_NS, timeout_s=TIMEOUT_S)
    store.roll_up(_AFTER_NS)

    pods = store.graph.pods(MIDNIGHT_NS + MINUTE_NS, MIDNIGHT_NS + HOUR_NS, timeout_s=TIMEOUT_S)

    assert live == pods
    seen = (MIDNIGHT_NS, MIDNIGHT_NS + 3 * MINUTE_NS)
    cart, stock = pods
    assert cart == Pod("10.0.0.1", cart.place, "cart-v1-7d4b9c5d6f-x2x4z", *seen)
    assert ("cart", "shop", "cart-v1") == (
        cart.place.service,
        cart.place.namespace,
        cart.place.workload,
    )
    assert ("10.0.0.2", "stock", *seen) == (
        stock.address,
        stock.place.service,
        stock.first_seen_ns,
        stock.last_seen_ns,
    )


def test_a_minute_counts_as_settled_once_the_settle_time_has_passed(store: Store) -> None:
    settled_ns = store.graph.settled_ns()

    assert 0 == settled_ns % MINUTE_NS
    assert 15_000_000_000 <= time.time_ns() - settled_ns < 15_000_000_000 + 2 * MINUTE_NS
