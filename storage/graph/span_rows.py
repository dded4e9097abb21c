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

__all__ = ["SpanRows", "number_groups", "rows_by_trace"]

Int64s = npt.NDArray[np.int64]

_GAP = 1_000  # rows between two pieces that are still read in one range
_LEAST_RANGE = 1_000
_FEW_RANGES = 4
_LARGEST_WASTE = 4
_WIDE_GAP = 500_000


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
        order = np.argsort(pieces.first_seq)
        first, count = pieces.first_seq[order], pieces.span_count[order]
        end = first + count
        starts = np.flatnonzero(np.concatenate(([True], first[1:] - end[:-1] > _GAP)))
        ranges = np.column_stack((first[starts], end[np.append(starts[1:], len(first)) - 1]))
        wanted = np.add.reduceat(count, starts)
        width = ranges[:, 1] - ranges[:, 0]
        dense = width <= _LARGEST_WASTE * wanted
        by_range = dense & ((wanted >= _LEAST_RANGE) | (len(starts) <= _FEW_RANGES))
        statement = self._by_range.of(snapshot.schema)
        for first_seq, end_seq in ranges[by_range]:
            yield snapshot.fetch(statement, first=int(first_seq), last=int(end_seq) - 1)
        rest = ~np.repeat(by_range, np.diff(np.append(starts, len(first))))
        for numbers in number_groups(first[rest], count[rest]):
            yield snapshot.fetch(self._by_number.of(snapshot.schema), numbers=numbers.tolist())


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
    by_number = np.argsort(traces.first_seq)
    first_seq = traces.first_seq[by_number]
    piece = by_number[np.searchsorted(first_seq, seq, side="right") - 1]
    offset = seq - traces.first_seq[piece]
    rows = np.flatnonzero((offset >= 0) & (offset < traces.span_count[piece]))
    trace = traces.trace[piece[rows]]
    # Numbers of 16 bits are counted, not compared: few chunks have more traces.
    order = np.argsort(trace.astype(np.min_scalar_type(len(traces))), kind="stable")
    return trace[order], rows[order]
