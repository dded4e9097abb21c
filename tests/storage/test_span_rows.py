"""Which traces a window has, which rows are read for their pieces, and whose these are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from storage.graph.pieces import TracePieces
from storage.graph.span_rows import rows_by_trace, rows_to_read

_GAPS = st.sampled_from([0, 1, 500, 5_000, 50_000])
_COUNTS = st.sampled_from([1, 7, 400, 1_500])


def _pieces(layout: list[tuple[int, int, int]]) -> TracePieces:
    """Pieces after one another, each with the gap before it, its spans, and its trace."""
    gap, count, trace = np.array(layout, np.int64).T
    first_seq = np.cumsum(gap + count) - count
    names, trace = np.unique(trace, return_inverse=True)
    order = np.lexsort((first_seq, trace))
    times = np.zeros(len(names), np.int64)
    ids = np.zeros((len(names), 2), np.uint64)
    start_ns = np.zeros(len(order), np.int64)
    return TracePieces(ids, times, trace[order], first_seq[order], count[order], start_ns, start_ns)


def _numbers(pieces: TracePieces) -> npt.NDArray[np.int64]:
    return np.concatenate(
        [
            np.arange(first, first + count)
            for first, count in zip(pieces.first_seq, pieces.span_count, strict=True)
        ]
    )


_LAYOUTS = st.lists(st.tuples(_GAPS, _COUNTS, st.integers(0, 5)), min_size=1, max_size=12).map(
    _pieces
)


@given(_LAYOUTS)
def test_each_span_of_the_pieces_is_read_exactly_once(pieces: TracePieces) -> None:
    ranges, groups = rows_to_read(pieces)

    read = np.concatenate([*(np.arange(first, end) for first, end in ranges), *groups])

    assert len(np.unique(read)) == len(read)
    assert np.isin(_numbers(pieces), read).all()


@given(_LAYOUTS, st.integers(0, 2**32))
def test_rows_are_told_by_trace_in_whatever_order_they_came(pieces: TracePieces, seed: int) -> None:
    wanted = _numbers(pieces)
    others = np.setdiff1d(np.arange(0, int(wanted.max()) + 3, 97), wanted)
    seq = np.random.default_rng(seed).permutation(np.concatenate((wanted, others)))

    trace, rows = rows_by_trace(seq, pieces)

    found = sorted(zip(trace.tolist(), seq[rows].tolist(), strict=True))
    expected = np.repeat(pieces.trace, pieces.span_count).tolist()
    assert (np.diff(trace) >= 0).all()
    assert found == sorted(zip(expected, wanted.tolist(), strict=True))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2), st.integers(0, 2)), unique=True))
def test_traces_of_a_window_stand_by_time_then_id(traces: list[tuple[int, int, int]]) -> None:
    table = np.array(traces, np.int64).reshape(-1, 3)
    each = np.arange(len(table))
    ids, times = table[:, 1:].astype(np.uint64), table[:, 0]

    found = TracePieces(ids, times, each, each, np.ones_like(each), times, times).within(2, 8)

    assert [
        (int(time), *one)
        for time, one in zip(found.times_ns, found.trace_ids.tolist(), strict=True)
    ] == sorted(trace for trace in traces if 2 <= trace[0] < 8)


def test_rows_that_are_gone_are_left_out() -> None:
    pieces = _pieces([(0, 3, 0), (2, 2, 1)])

    trace, rows = rows_by_trace(np.array([6, 0, 2]), pieces)

    assert (trace.tolist(), rows.tolist()) == ([0, 0, 1], [1, 2, 0])


def test_ranges_that_lie_near_each_other_are_read_by_one_statement() -> None:
    ranges, groups = rows_to_read(_pieces([(0, 80_000, 0), (8_000, 1_500, 1), (20_000, 2_000, 2)]))

    assert ranges.tolist() == [[0, 89_500], [109_500, 111_500]]
    assert groups == []


def test_a_stray_piece_within_joined_ranges_is_not_read_twice() -> None:
    many_strays = [(3_000_000, 5, 9)] * 5

    ranges, groups = rows_to_read(
        _pieces([(0, 80_000, 0), (3_000, 5, 1), (3_000, 1_500, 2), *many_strays])
    )

    assert ranges.tolist() == [[0, 87_505]]
    assert 83_000 not in np.concatenate(groups)
