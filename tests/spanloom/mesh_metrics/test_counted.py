"""Counted traces are known again; what came late is told apart from what grew."""

import numpy as np

from spanloom.mesh_metrics.counted import CountedTraces, LateTraces, TraceSizes, Window
from tests.graph.columns import columns_of
from tests.storage.spans import make_span


def sizes(**spans_of_trace):
    """By trace: ``t1=3`` is trace 1 with three spans."""
    spans = [
        make_span(int(name[1:]), number + 1)
        for name, count in spans_of_trace.items()
        for number in range(count)
    ]
    return TraceSizes.of(columns_of(spans))


def trace_ids(*numbers):
    return np.array([(0, number) for number in numbers], np.uint64).reshape(-1, 2)


def test_a_trace_is_new_until_its_window_is_counted_and_again_when_that_is_forgotten():
    counted = CountedTraces()
    assert [True, True] == counted.are_new(trace_ids(1, 2)).tolist()
    counted.add(Window(0, 10, sizes(t1=1)))
    counted.add(Window(10, 20, sizes(t3=1)))
    assert [False, True, False] == counted.are_new(trace_ids(1, 2, 3)).tolist()
    counted.forget_oldest()
    assert [True, True, False] == counted.are_new(trace_ids(1, 2, 3)).tolist()


def test_the_oldest_window_is_looked_at_when_it_ended_long_enough_ago():
    counted = CountedTraces()
    window = Window(0, 10, sizes(t1=1))
    counted.add(window)
    assert counted.oldest(9) is None
    assert window is counted.oldest(10)
    counted.forget_oldest()
    assert counted.oldest(10) is None


def test_late_traces_are_those_that_came_and_those_that_grew():
    counted = CountedTraces()
    window = Window(0, 10, sizes(t1=1, t2=2, t3=3, t4=1))
    counted.add(window)
    counted.add(Window(10, 20, sizes(t5=1)))
    # 5 has moved here from another window, 4 has moved away.
    stored = sizes(t1=1, t2=4, t3=3, t5=1, t6=2)
    assert LateTraces(missed=1, incomplete=1) == counted.late(window, stored)


def test_ids_that_differ_in_either_half_are_different():
    ids = np.array([(0, 1), (1, 0), (1, 1)], np.uint64)
    counted = CountedTraces()
    for at, row in enumerate(ids):
        assert [True] == counted.are_new(row[np.newaxis]).tolist()
        spans = [make_span(int(row[0]) << 64 | int(row[1]))]
        counted.add(Window(at, at + 1, TraceSizes.of(columns_of(spans))))
    assert [False] * 3 == counted.are_new(ids).tolist()
