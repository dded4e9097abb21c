"""A batch made ready for the span table: trace by trace, each span once, ids as numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = [
    "Identities",
    "Rows",
    "Traces",
    "find_traces",
    "identities",
    "identity_table",
    "time_ranges",
]

Int64s = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]

_GAP_NS = 60_000_000_000
_MOST_RANGES = 8
_NEVER_NS = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Identities:
    """What tells the spans of a batch apart (rule G1), an element a row.

    Attributes:
        trace_high, trace_low: the two halves of the trace id, big-endian.
        span_id: big-endian, as a signed number.
    """

    trace_high: npt.NDArray[np.uint64]
    trace_low: npt.NDArray[np.uint64]
    span_id: Int64s
    kind: Int64s
    start_ns: Int64s

    def ordered(self) -> npt.NDArray[np.intp]:
        """Return the rows trace by trace and by start, each identity once.

        Traces stand in the order of their first start, which keeps the times of neighbouring
        rows close: they compress better, and time ranges prune more.
        """
        order = np.lexsort(
            (self.kind, self.span_id, self.start_ns, self.trace_low, self.trace_high)
        )
        columns = [
            column[order]
            for column in (self.trace_high, self.trace_low, self.start_ns, self.span_id, self.kind)
        ]
        same = [column[1:] == column[:-1] for column in columns]
        first = np.concatenate(([True], ~np.logical_and.reduce(same)))
        kept = order[first]
        new_trace = np.concatenate(([True], ~(same[0] & same[1])))[first]
        trace_of_row = np.cumsum(new_trace) - 1
        trace_start = columns[2][first][new_trace]
        rank = np.empty(len(trace_start), dtype=np.int64)
        rank[np.argsort(trace_start, kind="stable")] = np.arange(len(trace_start))
        return kept[np.argsort(rank[trace_of_row], kind="stable")]


@dataclass(frozen=True, slots=True)
class Traces:
    """The traces of ordered rows: where each begins, how many rows it has, and its time.

    Attributes:
        root_start_ns: earliest start of its spans without a parent id; null if there is none.
    """

    first_row: Int64s
    span_count: Int64s
    start_ns: Int64s
    end_ns: Int64s
    root_start_ns: pa.Array


def identities(spans: pa.Table) -> Identities:
    """Read the identities of the rows of a batch (see :func:`model.batch.span_schema`)."""
    trace_ids = _words(spans.column("trace_id"), 2)
    return Identities(
        trace_high=trace_ids[:, 0].astype(np.uint64),
        trace_low=trace_ids[:, 1].astype(np.uint64),
        span_id=_words(spans.column("span_id"), 1)[:, 0].astype(np.uint64).view(np.int64),
        kind=spans.column("kind").to_numpy().astype(np.int64),
        start_ns=spans.column("start_ns").to_numpy(),
    )


def find_traces(found: Identities, rows: npt.NDArray[np.intp], spans: pa.Table) -> Traces:
    """Return the traces of ``rows``, which must be ordered; ``spans`` are the ``rows`` alone."""
    high, low, start = found.trace_high[rows], found.trace_low[rows], found.start_ns[rows]
    changes = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    first_row = np.concatenate(([0], np.flatnonzero(changes) + 1))
    is_root = spans.column("parent_span_id").is_null().to_numpy()
    root_start = np.minimum.reduceat(np.where(is_root, start, _NEVER_NS), first_row)
    return Traces(
        first_row=first_row,
        span_count=np.diff(np.append(first_row, len(rows))),
        start_ns=np.minimum.reduceat(start, first_row),
        end_ns=np.maximum.reduceat(start + spans.column("duration_ns").to_numpy(), first_row),
        root_start_ns=pa.array(root_start, mask=root_start == _NEVER_NS),
    )


def identity_table(spans: pa.Table, found: Identities, rows: npt.NDArray[np.intp]) -> pa.Table:
    """Return the identities of ``rows`` as an Arrow table, with each row's position in it."""
    return pa.table(
        {
            "position": np.arange(len(rows)),
            "trace_id": uuids(spans.column("trace_id").take(pa.array(rows))),
            "span_id": found.span_id[rows],
            "kind": found.kind[rows],
            "start_ns": found.start_ns[rows],
        }
    )


def uuids(column: pa.ChunkedArray) -> pa.Array:
    """Return 16-byte values as Arrow's UUID type, which DuckDB reads as its own."""
    return pa.ExtensionArray.from_storage(pa.uuid(), _contiguous(column))


def signed_ids(column: pa.ChunkedArray) -> pa.Array:
    """Return 8-byte ids as signed numbers; null stays null."""
    array = _contiguous(column)
    numbers = _words(column, 1)[:, 0].astype(np.uint64).view(np.int64)
    if array.null_count == 0:
        return pa.array(numbers)
    return pa.array(numbers, mask=array.is_null().to_numpy(zero_copy_only=False))


def time_ranges(start_ns: Int64s) -> list[tuple[int, int]]:
    """Return few inclusive ranges that hold all of ``start_ns`` and leave out wide gaps.

    Why: one very late span would otherwise stretch the range in which stored spans are
    compared with the batch over all the time between.
    """
    times = np.sort(start_ns)
    gaps = np.diff(times)
    wide = np.flatnonzero(gaps > _GAP_NS)
    if len(wide) >= _MOST_RANGES:
        wide = np.sort(wide[np.argsort(gaps[wide])[-(_MOST_RANGES - 1) :]])
    firsts = np.concatenate(([0], wide + 1))
    lasts = np.concatenate((wide, [len(times) - 1]))
    return [(int(times[a]), int(times[b])) for a, b in zip(firsts, lasts, strict=True)]


def _contiguous(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _words(column: pa.ChunkedArray, count: int) -> npt.NDArray[np.void]:
    array = _contiguous(column)
    data = array.buffers()[1]
    if data is None:  # no row, or none but nulls
        return np.zeros((len(array), count), dtype=">u8")
    words = np.frombuffer(data, dtype=">u8")[array.offset * count :]
    return words[: len(array) * count].reshape(-1, count)
