"""Tables of edges and operations made by hand, a group of equal calls or spans at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

import numpy as np

from model.graph.calls import Calls
from model.graph.edge import EdgeKey, OperationKey
from model.graph.measures import EdgeTable, OperationTable, aggregate_calls, aggregate_operations
from model.graph.operations import OperationSpans

__all__ = ["CallGroup", "SpanGroup", "calls_of", "edge_table", "operation_spans", "operation_table"]


class CallGroup(TypedDict, total=False):
    """Calls of one edge that are alike; each is in a trace of its own unless ``trace`` is given.

    ``calls`` (1) of which the first ``errors`` (0) are in error; latencies in milliseconds (not
    told), body bytes of each call (not told), ``probability`` of sampling (not told), the
    start (0) of all of them, and the number of the one trace that holds all of them.
    """

    calls: int
    errors: int
    client_ms: float
    server_ms: float
    lag_ms: float
    request_bytes: int
    response_bytes: int
    probability: float
    start_ns: int
    trace: int


class SpanGroup(TypedDict, total=False):
    """Spans of one operation that are alike, as :class:`CallGroup`; ``spans`` (1) of them."""

    spans: int
    errors: int
    duration_ms: float
    probability: float
    start_ns: int
    trace: int


def edge_table(groups: Iterable[tuple[EdgeKey, CallGroup]]) -> EdgeTable:
    """Return the table of these calls; groups of equal keys add up."""
    return aggregate_calls(calls_of(groups))


def operation_table(groups: Iterable[tuple[OperationKey, SpanGroup]]) -> OperationTable:
    """Return the table of these spans; groups of equal keys add up."""
    return aggregate_operations(operation_spans(groups))


def calls_of(groups: Iterable[tuple[EdgeKey, CallGroup]]) -> Calls:
    """Return these calls; the trace ids are 1, 2 and so on, or as given."""
    rows = [
        (key, group, number, group.get("trace"))
        for key, group in groups
        for number in range(group.get("calls", 1))
    ]
    keys = tuple(dict.fromkeys(key for key, *_ in rows))
    positions = {key: position for position, key in enumerate(keys)}
    trace, trace_ids = _traces([trace for *_, trace in rows])
    every = [group for _, group, *_ in rows]
    return Calls(
        keys=keys,
        key=np.array([positions[key] for key, *_ in rows], np.int32),
        trace=trace,
        trace_ids=trace_ids,
        start_ns=np.array([group.get("start_ns", 0) for group in every], np.int64),
        error=np.array([n < group.get("errors", 0) for _, group, n, _ in rows], np.bool_),
        client_ns=_nanoseconds([group.get("client_ms") for group in every]),
        server_ns=_nanoseconds([group.get("server_ms") for group in every]),
        lag_ns=_nanoseconds([group.get("lag_ms") for group in every]),
        request_bytes=np.array([group.get("request_bytes", -1) for group in every], np.int64),
        response_bytes=np.array([group.get("response_bytes", -1) for group in every], np.int64),
        weight=np.array([1 / group.get("probability", 1.0) for group in every], np.float64),
        scaled=np.array(["probability" in group for group in every], np.bool_),
    )


def operation_spans(groups: Iterable[tuple[OperationKey, SpanGroup]]) -> OperationSpans:
    """Return these spans; trace ids as in :func:`calls_of`."""
    rows = [
        (key, group, number, group.get("trace"))
        for key, group in groups
        for number in range(group.get("spans", 1))
    ]
    keys = tuple(dict.fromkeys(key for key, *_ in rows))
    positions = {key: position for position, key in enumerate(keys)}
    trace, trace_ids = _traces([trace for *_, trace in rows])
    every = [group for _, group, *_ in rows]
    return OperationSpans(
        keys=keys,
        key=np.array([positions[key] for key, *_ in rows], np.int32),
        trace=trace,
        trace_ids=trace_ids,
        start_ns=np.array([group.get("start_ns", 0) for group in every], np.int64),
        error=np.array([n < group.get("errors", 0) for _, group, n, _ in rows], np.bool_),
        duration_ns=_nanoseconds([group.get("duration_ms", 0.0) for group in every]),
        weight=np.array([1 / group.get("probability", 1.0) for group in every], np.float64),
        scaled=np.array(["probability" in group for group in every], np.bool_),
    )


def _traces(given: list[int | None]) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's trace index, and the ids: given ones, else the row's number from 1."""
    ids = [row + 1 if trace is None else trace for row, trace in enumerate(given)]
    distinct = list(dict.fromkeys(ids))
    positions = {trace: position for position, trace in enumerate(distinct)}
    trace_ids = np.zeros((len(distinct), 2), np.uint64)
    trace_ids[:, 1] = distinct
    return np.array([positions[trace] for trace in ids], np.int64), trace_ids


def _nanoseconds(milliseconds: list[float | None]) -> np.ndarray:
    return np.array([-1 if ms is None else round(ms * 1e6) for ms in milliseconds], np.int64)
