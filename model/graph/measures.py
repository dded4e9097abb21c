"""What is counted of edges and operations: columns that add up over time and over keys."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from model.graph.calls import Calls
from model.graph.edge import EdgeKey, OperationKey
from model.graph.histogram import Histograms
from model.graph.operations import OperationSpans
from model.graph.sums import float_sums, whole_sums

__all__ = [
    "EdgeTable",
    "Measures",
    "OperationTable",
    "aggregate_calls",
    "aggregate_operations",
    "merge_edges",
    "merge_operations",
]

Key = TypeVar("Key", bound=Hashable)

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Float64s = npt.NDArray[np.float64]
TraceIds = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """Counts and latencies, a row a key. Every column adds up, or is a maximum.

    Attributes:
        calls, errors: as stored (rule G35); exact integers.
        estimated, estimated_errors: scaled by sampling, each call counting 1/probability (G36).
        variance: of ``estimated``, the square of rule G38's standard error.
        unscaled: calls whose sampling probability nobody told.
        client: latency as the caller saw it (rule G39); entries only for calls that tell it.
        server: as the callee saw it. Of an operation: the duration of its spans.
        lag: of asynchronous calls, consumer's start less producer's end, at least 0.
        request_bytes, response_bytes: sums of body sizes, where told.
        slowest_ns, slowest_trace: exemplar: the longest shown latency (client, else server, else
            lag; -1 if none) and its trace id as two big-endian halves, shape (rows, 2).
        latest_error_ns, latest_error_trace: exemplar: start of the latest call in error (-1 if
            none), and its trace. Of equals the greater trace id.
    """

    calls: Int64s
    errors: Int64s
    estimated: Float64s
    estimated_errors: Float64s
    variance: Float64s
    unscaled: Int64s
    client: Histograms
    server: Histograms
    lag: Histograms
    request_bytes: Int64s
    response_bytes: Int64s
    slowest_ns: Int64s
    slowest_trace: TraceIds
    latest_error_ns: Int64s
    latest_error_trace: TraceIds

    @classmethod
    def zeros(cls, count: int) -> Measures:
        """Return ``count`` rows of nothing: zeros, -1 for exemplars."""
        nothing = np.zeros(count, np.int64)
        return cls(
            calls=nothing,
            errors=nothing,
            estimated=np.zeros(count),
            estimated_errors=np.zeros(count),
            variance=np.zeros(count),
            unscaled=nothing,
            client=Histograms.empty(count),
            server=Histograms.empty(count),
            lag=Histograms.empty(count),
            request_bytes=nothing,
            response_bytes=nothing,
            slowest_ns=nothing - 1,
            slowest_trace=np.zeros((count, 2), np.uint64),
            latest_error_ns=nothing - 1,
            latest_error_trace=np.zeros((count, 2), np.uint64),
        )

    @classmethod
    def concatenated(cls, parts: Sequence[Measures]) -> Measures:
        """Return the rows of all ``parts``, one after another."""
        if not parts:
            return cls.zeros(0)
        return cls(
            calls=np.concatenate([part.calls for part in parts]),
            errors=np.concatenate([part.errors for part in parts]),
            estimated=np.concatenate([part.estimated for part in parts]),
            estimated_errors=np.concatenate([part.estimated_errors for part in parts]),
            variance=np.concatenate([part.variance for part in parts]),
            unscaled=np.concatenate([part.unscaled for part in parts]),
            client=Histograms.concatenated([part.client for part in parts]),
            server=Histograms.concatenated([part.server for part in parts]),
            lag=Histograms.concatenated([part.lag for part in parts]),
            request_bytes=np.concatenate([part.request_bytes for part in parts]),
            response_bytes=np.concatenate([part.response_bytes for part in parts]),
            slowest_ns=np.concatenate([part.slowest_ns for part in parts]),
            slowest_trace=np.concatenate([part.slowest_trace for part in parts]),
            latest_error_ns=np.concatenate([part.latest_error_ns for part in parts]),
            latest_error_trace=np.concatenate([part.latest_error_trace for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.calls)

    def grouped(self, groups: Int64s, count: int) -> Measures:
        """Return ``count`` rows: row ``g`` adds up the rows whose ``groups`` is ``g``.

        Rows of a negative group are left out; a group without rows is zeros (-1 for exemplars).
        """
        kept = np.flatnonzero(groups >= 0)
        if len(kept) < len(groups):
            return self.take(kept).grouped(groups[kept], count)
        slowest_ns, slowest_trace = _greatest(self.slowest_ns, self.slowest_trace, groups, count)
        latest_ns, latest_trace = _greatest(
            self.latest_error_ns, self.latest_error_trace, groups, count
        )
        return Measures(
            calls=whole_sums(self.calls, groups, count),
            errors=whole_sums(self.errors, groups, count),
            estimated=float_sums(self.estimated, groups, count),
            estimated_errors=float_sums(self.estimated_errors, groups, count),
            variance=float_sums(self.variance, groups, count),
            unscaled=whole_sums(self.unscaled, groups, count),
            client=self.client.grouped(groups, count),
            server=self.server.grouped(groups, count),
            lag=self.lag.grouped(groups, count),
            request_bytes=whole_sums(self.request_bytes, groups, count),
            response_bytes=whole_sums(self.response_bytes, groups, count),
            slowest_ns=slowest_ns,
            slowest_trace=slowest_trace,
            latest_error_ns=latest_ns,
            latest_error_trace=latest_trace,
        )

    def take(self, rows: Int64s) -> Measures:
        """Return these rows, in this order; a row may be taken more than once."""
        return Measures(
            calls=self.calls[rows],
            errors=self.errors[rows],
            estimated=self.estimated[rows],
            estimated_errors=self.estimated_errors[rows],
            variance=self.variance[rows],
            unscaled=self.unscaled[rows],
            client=self.client.take(rows),
            server=self.server.take(rows),
            lag=self.lag.take(rows),
            request_bytes=self.request_bytes[rows],
            response_bytes=self.response_bytes[rows],
            slowest_ns=self.slowest_ns[rows],
            slowest_trace=self.slowest_trace[rows],
            latest_error_ns=self.latest_error_ns[rows],
            latest_error_trace=self.latest_error_trace[rows],
        )


@dataclass(frozen=True, slots=True, eq=False)
class EdgeTable:
    """Edges with their measures; every key once."""

    keys: tuple[EdgeKey, ...]
    measures: Measures

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, rows: Int64s) -> EdgeTable:
        """Return these rows, in this order; no row more than once."""
        return EdgeTable(tuple(self.keys[row] for row in rows.tolist()), self.measures.take(rows))


@dataclass(frozen=True, slots=True, eq=False)
class OperationTable:
    """Operations with their measures; every key once."""

    keys: tuple[OperationKey, ...]
    measures: Measures

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, rows: Int64s) -> OperationTable:
        """Return these rows, in this order; no row more than once."""
        keys = tuple(self.keys[row] for row in rows.tolist())
        return OperationTable(keys, self.measures.take(rows))


def aggregate_calls(calls: Calls) -> EdgeTable:
    """Add up ``calls`` by key. Keys without a call are left out; the order of keys stays.

    Rule G38's variance of a call is ``n * w * (w - 1)``, with ``n`` the calls of its trace between
    the same two places in the same views, so that it adds up over the keys between them.
    """
    keys, groups = _used(calls.keys, calls.key)
    pairs = _numbers([(key.source, key.destination, key.views) for key in keys])
    latency_ns = np.where(calls.client_ns >= 0, calls.client_ns, calls.server_ns)
    measures = _aggregated(
        calls,
        groups,
        len(keys),
        together=pairs[groups],
        shown_ns=np.where(latency_ns >= 0, latency_ns, calls.lag_ns),
    )
    return EdgeTable(
        keys,
        replace(
            measures,
            client=Histograms.of(calls.client_ns, groups, len(keys), calls.weight),
            server=Histograms.of(calls.server_ns, groups, len(keys), calls.weight),
            lag=Histograms.of(calls.lag_ns, groups, len(keys), calls.weight),
            request_bytes=whole_sums(np.maximum(calls.request_bytes, 0), groups, len(keys)),
            response_bytes=whole_sums(np.maximum(calls.response_bytes, 0), groups, len(keys)),
        ),
    )


def aggregate_operations(spans: OperationSpans) -> OperationTable:
    """Add up ``spans`` by key, as :func:`aggregate_calls`.

    For rule G38's variance, spans of a trace count together that have the same place, name and
    kind.
    """
    keys, groups = _used(spans.keys, spans.key)
    named = _numbers([(key.place, key.operation, key.kind) for key in keys])
    measures = _aggregated(
        spans, groups, len(keys), together=named[groups], shown_ns=spans.duration_ns
    )
    server = Histograms.of(spans.duration_ns, groups, len(keys), spans.weight)
    return OperationTable(keys, replace(measures, server=server))


def merge_edges(tables: Sequence[EdgeTable]) -> EdgeTable:
    """Add up tables of different times or traces by key; no table at all is an empty table.

    Keys come in the order of their first occurrence.
    """
    return EdgeTable(*_merged([(table.keys, table.measures) for table in tables]))


def merge_operations(tables: Sequence[OperationTable]) -> OperationTable:
    """As :func:`merge_edges`."""
    return OperationTable(*_merged([(table.keys, table.measures) for table in tables]))


def _merged(
    tables: Sequence[tuple[tuple[Key, ...], Measures]],
) -> tuple[tuple[Key, ...], Measures]:
    if len(tables) == 1:
        return tables[0]
    positions: dict[Key, int] = {}
    # Hashing a key costs microseconds, and tables of one source share their keys.
    known: dict[int, int] = {}
    groups = []
    for keys, _ in tables:
        for key in keys:
            position = known.get(id(key))
            if position is None:
                position = known[id(key)] = positions.setdefault(key, len(positions))
            groups.append(position)
    measures = Measures.concatenated([measures for _, measures in tables])
    return tuple(positions), measures.grouped(np.array(groups, np.int64), len(positions))


def _used(keys: Sequence[Key], key: Int32s) -> tuple[tuple[Key, ...], Int64s]:
    """Return the keys that occur in ``key``, and the position of each row's key among them."""
    used = np.bincount(key, minlength=len(keys)) > 0
    kept = tuple(one for one, is_used in zip(keys, used.tolist(), strict=True) if is_used)
    return kept, (np.cumsum(used) - 1)[key]


def _numbers(values: Sequence[Hashable]) -> Int64s:
    positions: dict[Hashable, int] = {}
    return np.array([positions.setdefault(value, len(positions)) for value in values], np.int64)


def _aggregated(
    of: Calls | OperationSpans, groups: Int64s, count: int, *, together: Int64s, shown_ns: Int64s
) -> Measures:
    """Add up what calls and spans have in common; ``together`` is for the variance."""
    wrong = np.flatnonzero(of.error)
    traces = of.trace_ids[of.trace]
    variance = of.weight * (of.weight - 1)
    if variance.any():
        variance *= _in_trace(of.trace, together)
    slowest_ns, slowest_trace = _greatest(shown_ns, traces, groups, count)
    latest_ns, latest_trace = _greatest(of.start_ns[wrong], traces[wrong], groups[wrong], count)
    return replace(
        Measures.zeros(count),
        calls=np.bincount(groups, minlength=count),
        errors=np.bincount(groups[wrong], minlength=count),
        estimated=float_sums(of.weight, groups, count),
        estimated_errors=float_sums(of.weight[wrong], groups[wrong], count),
        variance=float_sums(variance, groups, count),
        unscaled=np.bincount(groups[~of.scaled], minlength=count),
        slowest_ns=slowest_ns,
        slowest_trace=slowest_trace,
        latest_error_ns=latest_ns,
        latest_error_trace=latest_trace,
    )


def _in_trace(trace: Int64s, together: Int64s) -> Int64s:
    """Return for each row how many rows of its trace have the same number in ``together``."""
    cells = trace * (together.max(initial=0) + 1) + together
    _, position, lengths = np.unique(cells, return_inverse=True, return_counts=True)
    return lengths[position]


def _greatest(
    values: Int64s, traces: TraceIds, groups: Int64s, count: int
) -> tuple[Int64s, TraceIds]:
    """Return each group's greatest value and, of the rows that have it, the greatest trace id."""
    greatest = np.full(count, -1, np.int64)
    trace = np.zeros((count, 2), np.uint64)
    np.maximum.at(greatest, groups, values)
    rows = np.flatnonzero((values >= 0) & (values == greatest[groups]))
    np.maximum.at(trace[:, 0], groups[rows], traces[rows, 0])
    rows = rows[traces[rows, 0] == trace[groups[rows], 0]]
    np.maximum.at(trace[:, 1], groups[rows], traces[rows, 1])
    return greatest, trace
