"""Measures of edges and operations add up, whatever the order they come in."""

from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.graph.edge import EdgeKey, OperationKey, Protocol, View
from model.graph.histogram import Histograms
from model.graph.measures import Measures, merge_edges, merge_operations
from model.graph.place import Place, PlaceKind
from model.span import SpanKind, StatusCode
from tests.graph.tables import edge_table, operation_table

A, B, C = (
    Place(PlaceKind.WORKLOAD, namespace="shop", service=name, workload=name, name=name)
    for name in "abc"
)
AB, AC = EdgeKey(A, B, "GET /"), EdgeKey(A, C, protocol=Protocol.GRPC)
GET, PUT = (OperationKey(A, name, SpanKind.SERVER, StatusCode.UNSET) for name in ("GET /", "PUT /"))

GROUPS = st.lists(
    st.tuples(
        st.sampled_from([AB, AC, EdgeKey(B, C), EdgeKey(A, B, "GET /", source_code="500")]),
        st.fixed_dictionaries(
            {
                "calls": st.integers(1, 3),
                "errors": st.integers(0, 3),
                "start_ns": st.integers(0, 9),
                "trace": st.integers(1, 2**64 - 1),
            },
            optional={
                "client_ms": st.integers(0, 20),
                "server_ms": st.integers(0, 20),
                "lag_ms": st.integers(0, 20),
                "request_bytes": st.integers(0, 2**40),
                "response_bytes": st.integers(0, 2**40),
                "probability": st.sampled_from([1.0, 0.5, 0.125]),
            },
        ),
    ),
    max_size=6,
)


def rows(measures):
    """Every row in plain values."""
    columns = []
    for field in fields(Measures):
        column = getattr(measures, field.name)
        if isinstance(column, Histograms):
            starts, ends = column.offsets[:-1], column.offsets[1:]
            columns.append(
                [
                    (
                        tuple(
                            zip(
                                column.buckets[a:b].tolist(),
                                column.counts[a:b].tolist(),
                                strict=True,
                            )
                        ),
                        total,
                    )
                    for a, b, total in zip(starts, ends, column.sums_ns.tolist(), strict=True)
                ]
            )
        else:
            columns.append(
                [tuple(one) if isinstance(one, list) else one for one in column.tolist()]
            )
    return list(zip(*columns, strict=True))


def contents(table):
    return dict(zip(table.keys, rows(table.measures), strict=True))


@given(GROUPS, GROUPS)
def test_tables_merge_in_either_order(one, two):
    a, b = edge_table(one), edge_table(two)
    assert contents(merge_edges([a, b])) == contents(merge_edges([b, a]))


@given(GROUPS, GROUPS, GROUPS)
def test_tables_merge_in_any_grouping(one, two, three):
    a, b, c = edge_table(one), edge_table(two), edge_table(three)
    left = merge_edges([merge_edges([a, b]), c])
    right = merge_edges([a, merge_edges([b, c])])
    assert contents(left) == contents(right)
    assert contents(left) == contents(merge_edges([c, a, b]))


@given(GROUPS, GROUPS)
def test_tables_of_different_traces_merge_to_the_table_of_all(one, two):
    # Traces are whole (rule G41): those of the second are others.
    low = [(key, {**group, "trace": group["trace"] % 1_000}) for key, group in one]
    high = [(key, {**group, "trace": 1_000 + group["trace"] % 1_000}) for key, group in two]
    merged = merge_edges([edge_table(low), edge_table(high)])
    assert contents(edge_table(low + high)) == contents(merged)


@given(GROUPS, GROUPS)
def test_grouping_what_was_concatenated_is_merging(one, two):
    a, b = edge_table(one), edge_table(two)
    keys = list(dict.fromkeys([*a.keys, *b.keys]))
    groups = np.array([keys.index(key) for key in [*a.keys, *b.keys]], np.int64)
    grouped = Measures.concatenated([a.measures, b.measures]).grouped(groups, len(keys))
    assert contents(merge_edges([a, b])) == dict(zip(keys, rows(grouped), strict=True))


@given(GROUPS)
def test_a_table_without_rows_changes_nothing(groups):
    table = edge_table(groups)
    assert contents(table) == contents(merge_edges([merge_edges([]), table, edge_table([])]))


@given(GROUPS)
def test_calls_add_up_by_key(groups):
    expected = Counter()
    for key, group in groups:
        expected[key] += group["calls"]
    table = edge_table(groups)
    assert expected == Counter(dict(zip(table.keys, table.measures.calls.tolist(), strict=True)))


def test_keys_that_are_equal_but_not_the_same_object_are_one():
    twin = replace(AB, source=replace(A))
    merged = merge_edges([edge_table([(AB, {"calls": 2})]), edge_table([(twin, {"calls": 3})])])
    assert (AB,) == merged.keys
    assert [5] == merged.measures.calls.tolist()


def test_keys_keep_the_order_in_which_they_first_came():
    merged = merge_edges([edge_table([(AC, {})]), edge_table([(AB, {}), (AC, {})])])
    assert (AC, AB) == merged.keys
    assert [2, 1] == merged.measures.calls.tolist()


def test_a_call_of_a_sampled_trace_counts_as_often_as_it_stands_for():
    table = edge_table(
        [(AB, {"calls": 10, "errors": 2, "probability": 0.25, "client_ms": 8}), (AB, {"errors": 1})]
    )
    measures = table.measures
    assert [11] == measures.calls.tolist()
    assert [3] == measures.errors.tolist()
    assert [41.0] == measures.estimated.tolist()
    assert [9.0] == measures.estimated_errors.tolist()
    assert [1] == measures.unscaled.tolist()
    assert [40.0] == measures.client.totals().tolist()
    assert [40 * 8e6] == measures.client.sums_ns.tolist()


def test_the_standard_error_of_calls_in_traces_of_their_own_is_root_of_n_w_w_less_1():
    table = edge_table([(AB, {"calls": 10, "probability": 0.25})])
    assert [10 * 4 * 3] == table.measures.variance.tolist()


def test_calls_of_one_trace_between_two_places_are_not_independent():
    table = edge_table(
        [
            (AB, {"calls": 3, "probability": 0.25, "trace": 7}),
            (EdgeKey(A, B, "PUT /"), {"calls": 2, "probability": 0.25, "trace": 7}),
            (AC, {"calls": 1, "probability": 0.25, "trace": 7}),
            (EdgeKey(A, B, views=int(View.NEITHER)), {"probability": 0.25, "trace": 7}),
        ]
    )
    # Together (3 + 2)^2 * 4 * 3 between a and b; other places and views for themselves.
    assert [5 * 3 * 12, 5 * 2 * 12, 12, 12] == table.measures.variance.tolist()


def test_nothing_is_uncertain_about_calls_that_were_all_kept():
    table = edge_table([(AB, {"calls": 3, "trace": 7}), (AB, {"probability": 1.0})])
    assert [0.0] == table.measures.variance.tolist()


def test_latencies_that_nobody_told_are_in_no_histogram():
    measures = edge_table([(AB, {"calls": 2, "client_ms": 4}), (AB, {"server_ms": 3})]).measures
    assert [2.0] == measures.client.totals().tolist()
    assert [1.0] == measures.server.totals().tolist()
    assert [0.0] == measures.lag.totals().tolist()


def test_sizes_that_nobody_told_add_nothing():
    measures = edge_table([(AB, {"calls": 2, "request_bytes": 40}), (AB, {})]).measures
    assert [80] == measures.request_bytes.tolist()
    assert [0] == measures.response_bytes.tolist()


def test_sums_of_sizes_are_exact_beyond_what_a_float_holds():
    measures = edge_table([(AB, {"request_bytes": 2**60}), (AB, {"request_bytes": 1})]).measures
    assert [2**60 + 1] == measures.request_bytes.tolist()


def test_the_slowest_call_is_kept_by_the_latency_that_is_shown():
    measures = edge_table(
        [
            (AB, {"client_ms": 5, "server_ms": 90, "trace": 1}),
            (AB, {"server_ms": 6, "lag_ms": 90, "trace": 2}),
            (AB, {"lag_ms": 4, "trace": 3}),
        ]
    ).measures
    assert [6_000_000] == measures.slowest_ns.tolist()
    assert [[0, 2]] == measures.slowest_trace.tolist()


def test_the_latest_error_is_kept_with_its_trace():
    measures = edge_table(
        [
            (AB, {"errors": 1, "start_ns": 10, "trace": 1}),
            (AB, {"errors": 1, "start_ns": 20, "trace": 2}),
            (AB, {"start_ns": 30, "trace": 3}),
        ]
    ).measures
    assert [20] == measures.latest_error_ns.tolist()
    assert [[0, 2]] == measures.latest_error_trace.tolist()


def test_of_equal_exemplars_the_greater_trace_id_stays():
    ids = [(1, 9), (2, 1), (2, 3), (0, 2**64 - 1)]
    parts = [
        replace(
            edge_table([(AB, {"client_ms": 5, "errors": 1})]).measures,
            slowest_trace=np.array([one], np.uint64),
            latest_error_trace=np.array([one], np.uint64),
        )
        for one in ids
    ]
    merged = Measures.concatenated(parts).grouped(np.zeros(4, np.int64), 1)
    assert [[2, 3]] == merged.slowest_trace.tolist()
    assert [[2, 3]] == merged.latest_error_trace.tolist()


def test_edges_without_latency_or_error_have_no_exemplar():
    measures = edge_table([(AB, {})]).measures
    assert [-1] == measures.slowest_ns.tolist()
    assert [-1] == measures.latest_error_ns.tolist()
    assert [[0, 0]] == measures.slowest_trace.tolist()


def test_rows_of_a_negative_group_are_left_out_and_groups_without_rows_are_nothing():
    table = edge_table([(AB, {"calls": 2, "client_ms": 4}), (AC, {"calls": 3, "errors": 1})])
    grouped = table.measures.grouped(np.array([2, -1]), 3)
    nothing = rows(Measures.zeros(1))[0]
    assert [nothing, nothing, rows(table.measures)[0]] == rows(grouped)


@given(GROUPS, st.data())
def test_taken_rows_are_the_rows_in_the_order_asked_for(groups, data):
    table = edge_table(groups)
    order = data.draw(st.permutations(range(len(table))))[: data.draw(st.integers(0, 4))]
    taken = table.take(np.array(order, np.int64))
    assert [table.keys[row] for row in order] == list(taken.keys)
    assert [rows(table.measures)[row] for row in order] == rows(taken.measures)


def test_operations_count_their_spans_and_hold_their_durations():
    table = operation_table(
        [(GET, {"spans": 3, "errors": 1, "duration_ms": 10.0, "start_ns": 5}), (PUT, {})]
    )
    assert (GET, PUT) == table.keys
    assert [3, 1] == table.measures.calls.tolist()
    assert [1, 0] == table.measures.errors.tolist()
    assert [pytest.approx(10e6, rel=0.05), pytest.approx(957, rel=0.01)] == (
        table.measures.server.quantiles(0.5).tolist()
    )
    assert [10_000_000, 0] == table.measures.slowest_ns.tolist()
    assert [5, -1] == table.measures.latest_error_ns.tolist()
    assert [0.0, 0.0] == table.measures.client.totals().tolist()


def test_spans_of_one_trace_and_operation_are_not_independent():
    failed = replace(GET, status=StatusCode.ERROR)
    table = operation_table(
        [
            (GET, {"spans": 2, "probability": 0.5, "trace": 7}),
            (failed, {"spans": 1, "probability": 0.5, "trace": 7}),
            (PUT, {"spans": 1, "probability": 0.5, "trace": 7}),
        ]
    )
    assert [3 * 2 * 2, 3 * 2, 2] == table.measures.variance.tolist()


def test_operations_merge_by_key():
    one = operation_table([(GET, {"spans": 2}), (PUT, {})])
    two = operation_table([(PUT, {"spans": 4})])
    merged = merge_operations([one, two])
    assert {GET: 2, PUT: 5} == dict(zip(merged.keys, merged.measures.calls.tolist(), strict=True))
    assert [GET] == list(merged.take(np.array([0])).keys)
