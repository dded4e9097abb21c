"""Where traces lie and when they were: the table ``traces`` in columns.

A trace is stored in pieces, one a batch that held spans of it. Its time (rule G41) is the
earliest start of a span without parent id over all pieces, else the earliest start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, or_, select

from storage.functions import Among, uuid_high, uuid_low
from storage.graph.snapshot import GraphSnapshot, PerSchema
from storage.schema import Schema

__all__ = [
    "MOST_TRACE_SPANS",
    "NO_BOUND",
    "TracePieces",
    "group_pieces",
    "pieces_of",
    "trace_times",
    "unsigned",
    "window",
]

Int64s = npt.NDArray[np.int64]
UInt64s = npt.NDArray[np.uint64]
TraceIds = UInt64s

NO_BOUND = (1 << 63) - 1

MOST_TRACE_SPANS = 100_000
"""A trace takes no further piece into account once those before it have so many spans.

Why: a broken client that uses one trace id for ever must not make everybody wait for one trace
that grows with every batch. Such a trace counts with its first pieces, and never changes again.
"""

_NEVER_NS = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class TracePieces:
    """Traces and their pieces.

    Attributes:
        trace_ids: of each trace, as two big-endian halves; shape (traces, 2).
        times_ns: of each trace.
        trace: of each piece, the index of its trace; rising.
        first_seq, span_count: of each piece; in the order of ``first_seq`` within a trace.
        start_ns, root_ns: of each piece, the earliest start and that of a root (else a number
            that is greater than any time).
    """

    trace_ids: TraceIds
    times_ns: Int64s
    trace: Int64s
    first_seq: Int64s
    span_count: Int64s
    start_ns: Int64s
    root_ns: Int64s

    def __len__(self) -> int:
        return len(self.times_ns)

    def chosen(self, traces: Int64s) -> TracePieces:
        """Return the traces with these indexes, in this order."""
        place = np.full(len(self), -1, np.int64)
        place[traces] = np.arange(len(traces))
        renumbered = place[self.trace]
        pieces = np.argsort(renumbered, kind="stable")[np.count_nonzero(renumbered < 0) :]
        return TracePieces(
            self.trace_ids[traces],
            self.times_ns[traces],
            renumbered[pieces],
            self.first_seq[pieces],
            self.span_count[pieces],
            self.start_ns[pieces],
            self.root_ns[pieces],
        )

    def within(self, from_ns: int, to_ns: int) -> TracePieces:
        """Return the traces whose time is in ``[from_ns, to_ns)``, by time, then id."""
        inside = np.flatnonzero((self.times_ns >= from_ns) & (self.times_ns < to_ns))
        times_ns, ids = self.times_ns[inside], self.trace_ids[inside]
        by_time = np.argsort(times_ns)
        if (np.diff(times_ns[by_time]) == 0).any():
            by_time = np.lexsort((ids[:, 1], ids[:, 0], times_ns))
        return self.chosen(inside[by_time])


def window(snapshot: GraphSnapshot, from_ns: int, to_ns: int, below_seq: int) -> TracePieces:
    """Return the traces of ``[from_ns, to_ns)``, as far as the pieces below ``below_seq`` say."""
    found = snapshot.fetch(
        _WINDOW.of(snapshot.schema), from_ns=from_ns, last_ns=to_ns - 1, below_seq=below_seq
    )
    return group_pieces(found).within(from_ns, to_ns)


def pieces_of(
    schema: Schema, trace_ids: Select[*tuple[Any, ...]], below_seq: ColumnElement[int] | int
) -> Select[*tuple[Any, ...]]:
    """The pieces of traces as far as they lie below a ``seq``, for :func:`group_pieces`."""
    traces = schema.traces.c
    return select(
        uuid_high(traces.trace_id).label("high"),
        uuid_low(traces.trace_id).label("low"),
        traces.first_seq,
        traces.span_count,
        traces.start_ns,
        traces.root_start_ns,
    ).where(Among(traces.trace_id, trace_ids), traces.first_seq < below_seq)


def group_pieces(rows: pa.Table) -> TracePieces:
    """Put pieces together to traces; rows as :func:`pieces_of` selects them."""
    high, low = unsigned(rows.column("high")), unsigned(rows.column("low"))
    first_seq = rows.column("first_seq").to_numpy()
    order = np.lexsort((first_seq, low, high))
    high, low, first_seq = high[order], low[order], first_seq[order]
    counts = rows.column("span_count").to_numpy()[order].astype(np.int64)
    changes = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    is_first = np.concatenate((np.ones(min(len(order), 1), bool), changes))
    trace = np.cumsum(is_first) - 1
    before = np.cumsum(counts) - counts
    kept = before - before[is_first][trace] < MOST_TRACE_SPANS
    order, trace = order[kept], trace[kept]
    start_ns = rows.column("start_ns").to_numpy()[order]
    root_ns = pc.fill_null(rows.column("root_start_ns"), _NEVER_NS).to_numpy()[order]
    return TracePieces(
        trace_ids=np.column_stack((high[is_first], low[is_first])),
        times_ns=trace_times(trace, start_ns, root_ns),
        trace=trace,
        first_seq=first_seq[kept],
        span_count=counts[kept],
        start_ns=start_ns,
        root_ns=root_ns,
    )


def trace_times(trace: Int64s, start_ns: Int64s, root_ns: Int64s) -> Int64s:
    """Return the time of each trace; the pieces of a trace stand together."""
    if not len(trace):
        return np.empty(0, np.int64)
    begins = np.flatnonzero(np.concatenate(([True], trace[1:] != trace[:-1])))
    root = np.minimum.reduceat(root_ns, begins)
    return np.where(root == _NEVER_NS, np.minimum.reduceat(start_ns, begins), root)


def unsigned(numbers: pa.ChunkedArray) -> UInt64s:
    """Return 64-bit numbers, signed or not as the engine likes, as unsigned ones; null is 0."""
    found: UInt64s = pc.fill_null(numbers, 0).to_numpy().view(np.uint64)
    return found


def traces_within(schema: Schema) -> Select[*tuple[Any, ...]]:
    """The ids of traces that may have a time from ``from_ns`` to ``last_ns``, both parameters."""
    traces = schema.traces.c
    from_ns, last_ns = (bindparam(name, type_=BigInteger) for name in ("from_ns", "last_ns"))
    # The time of a trace is the start, or the root's start, of one of its pieces.
    return select(traces.trace_id).where(
        or_(
            traces.start_ns.between(from_ns, last_ns),
            traces.root_start_ns.between(from_ns, last_ns),
        )
    )


def _window(schema: Schema) -> Select[*tuple[Any, ...]]:
    return pieces_of(schema, traces_within(schema), bindparam("below_seq", type_=BigInteger))


_WINDOW = PerSchema(_window)
