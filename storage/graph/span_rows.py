"""Rows of the span table by their numbers: few statements over ranges, wherever spans lie.

The spans of a window lie next to each other but for those that came late, so most are read by
ranges that hold little else, and the rest by their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import ARRAY, BigInteger, Select, bindparam

from storage.functions import any_of
from storage.graph.pieces import TracePieces
from storage.graph.snapshot import GraphSnapshot, PerSchema
from storage.schema import Schema

__all__ = ["SpanRows", "number_groups", "rows_by_trace", "rows_to_read"]

Int64s = npt.NDArray[np.int64]

_GAP = 1_000  # rows between two pieces that are still read in one range
_LEAST_RANGE = 1_000
_FEW_RANGES = 4
_LARGEST_WASTE = 4
_WIDE_GAP = 500_000
_RANGES_APART = 10_000
"""Rows between two ranges that take longer to read than a further statement."""


class SpanRows:
    """Reads columns of spans, a row a span; ``columns`` selects them, ``seq`` first."""

    def __init__(self, columns: Callable[[Schema], Select[*tuple[Any, ...]]]) -> None:
        first, last = (bindparam(name, type_=BigInteger) for name in ("first", "last"))
        numbers = bindparam("numbers", type_=ARRAY(BigInteger))
        self._by_range = PerSchema(
            lambda schema: columns(schema).where(schema.spans.c.seq.between(first, last))
        )
        self._by_number = PerSchema(
            lambda schema: columns(schema).where(any_of(schema.spans.c.seq, numbers))
        )

    def read(self, snapshot: GraphSnapshot, pieces: TracePieces) -> pa.Table:
        """Return the spans of ``pieces``, and maybe others, in any order."""
        return pa.concat_tables(self._tables(snapshot, pieces))

    def _tables(self, snapshot: GraphSnapshot, pieces: TracePieces) -> Iterator[pa.Table]:
        ranges, numbers = rows_to_read(pieces)
        for first_seq, end_seq in ranges.tolist():
            statement = self._by_range.of(snapshot.schema)
            yield snapshot.fetch(statement, first=first_seq, last=end_seq - 1)
        for group in numbers:
            yield snapshot.fetch(self._by_number.of(snapshot.schema), numbers=group.tolist())


def rows_to_read(pieces: TracePieces) -> tuple[Int64s, list[Int64s]]:
    """Return how to read the spans of ``pieces``, each of them once.

    By ranges ``[first, end)`` of numbers, which hold other spans too, and by single numbers.
    """
    order = np.argsort(pieces.first_seq)
    first, count = pieces.first_seq[order], pieces.span_count[order]
    end = first + count
    starts = np.flatnonzero(np.concatenate(([True], first[1:] - end[:-1] > _GAP)))
    ranges = np.column_stack((first[starts], end[np.append(starts[1:], len(first)) - 1]))
    wanted = np.add.reduceat(count, starts)
    dense = ranges[:, 1] - ranges[:, 0] <= _LARGEST_WASTE * wanted
    by_range = dense & ((wanted >= _LEAST_RANGE) | (len(starts) <= _FEW_RANGES))
    joined = _joined(ranges[by_range])
    # An odd number of bounds up to a piece: it is in a range.
    rest = np.searchsorted(joined.ravel(), first, side="right") % 2 == 0
    return joined, number_groups(first[rest], count[rest])


def _joined(ranges: Int64s) -> Int64s:
    """Join ranges that lie near each other; rows are ``[first, end)``, rising."""
    begins = np.append(True, ranges[1:, 0] - ranges[:-1, 1] > _RANGES_APART)[: len(ranges)]
    ends = np.append(begins[1:], True)[: len(ranges)]
    return np.column_stack((ranges[begins, 0], ranges[ends, 1]))


def number_groups(first_seq: Int64s, span_count: Int64s) -> list[Int64s]:
    """Return the numbers of the spans of pieces, cut where wide gaps lie between them.

    Why: a statement over a list of numbers reads all between the least and the greatest.
    """
    total = int(span_count.sum())
    offset = np.repeat(np.cumsum(span_count) - span_count, span_count)
    numbers = np.sort(np.repeat(first_seq, span_count) + np.arange(total) - offset)
    return [part for part in np.split(numbers, _wide_gaps(numbers)) if len(part)]


def _wide_gaps(numbers: Int64s) -> npt.NDArray[np.intp]:
    return np.flatnonzero(np.diff(numbers) > _WIDE_GAP) + 1


def rows_by_trace(seq: Int64s, traces: TracePieces) -> tuple[Int64s, Int64s]:
    """Return the trace of each span, rising, and the row that it is in.

    ``seq`` are the numbers of rows as :meth:`SpanRows.read` gives them for ``traces``; rows of
    other traces are left out.
    """
    by_number = np.argsort(seq, kind="stable")  # most often they are in order
    ordered = seq[by_number]
    begins = np.searchsorted(ordered, traces.first_seq)
    counts = np.searchsorted(ordered, traces.first_seq + traces.span_count) - begins
    offsets = np.cumsum(counts) - counts
    rows = np.arange(counts.sum()) + np.repeat(begins - offsets, counts)
    return np.repeat(traces.trace, counts), by_number[rows]
