"""From columns of measures to the traffic of edges and nodes, many at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from model.graph.edge import EdgeKey, Protocol
from model.graph.histogram import Histograms
from model.graph.measures import Measures
from model.graph.sums import whole_sums
from model.graph.view import Exemplar, Latency, Outcome, Traffic

__all__ = [
    "OutcomeGroups",
    "OutcomeKey",
    "OutcomeKinds",
    "exemplars",
    "latencies",
    "outcome_of",
    "traffics",
]

Int64s = npt.NDArray[np.int64]
TraceIds = npt.NDArray[np.uint64]

OutcomeKey = tuple[Protocol, str, str, str, str]
"""What tells outcomes apart: protocol, code, flags, gRPC status, host."""


def outcome_of(key: EdgeKey) -> OutcomeKey:
    """Return how the calls of ``key`` ended: as the caller saw it, else the callee (rule G40)."""
    if key.source_code or key.source_flags:
        return (key.protocol, key.source_code, key.source_flags, key.grpc_status, key.host)
    return (key.protocol, key.destination_code, key.destination_flags, key.grpc_status, key.host)


class OutcomeKinds:
    """The different outcomes of some rows.

    Args:
        keys: of the rows.

    Attributes:
        of_row: number of each row's outcome.
        kinds: outcomes by their number.
    """

    def __init__(self, keys: Sequence[EdgeKey]) -> None:
        numbers: dict[OutcomeKey, int] = {}
        self.of_row = np.array(
            [numbers.setdefault(outcome_of(key), len(numbers)) for key in keys], np.int64
        )
        self.kinds = list(numbers)


class OutcomeGroups:
    """How the outcomes of rows add up to those of groups of rows.

    Args:
        kinds: of the rows.
        groups: of each row its group.
        count: of groups.
    """

    def __init__(self, kinds: OutcomeKinds, groups: Int64s, count: int) -> None:
        self._count = count
        self._kinds = kinds.kinds
        self._cells, self._cell = np.unique(
            groups * len(kinds.kinds) + kinds.of_row, return_inverse=True
        )

    def counted(self, measures: Measures) -> list[tuple[Outcome, ...]]:
        """Return the outcomes of each group, most calls first, of the rows' measures."""
        found: list[list[Outcome]] = [[] for _ in range(self._count)]
        cells, cell = self._cells, self._cell
        calls = whole_sums(measures.calls, cell, len(cells))
        errors = whole_sums(measures.errors, cell, len(cells))
        estimated = np.bincount(cell, measures.estimated, len(cells))
        order = np.lexsort((cells, -calls))
        group, kind = np.divmod(cells[order], max(len(self._kinds), 1))
        for number, of_kind, some, wrong, scaled in zip(
            group.tolist(),
            kind.tolist(),
            calls[order].tolist(),
            errors[order].tolist(),
            estimated[order].tolist(),
            strict=True,
        ):
            found[number].append(_outcome(self._kinds[of_kind], some, wrong, scaled))
        return [tuple(outcomes) for outcomes in found]


def _outcome(kind: OutcomeKey, calls: int, errors: int, estimated: float) -> Outcome:
    protocol, code, flags, grpc_status, host = kind
    return Outcome(protocol, code, flags, grpc_status, host, calls, errors, estimated)


def traffics(
    measures: Measures, outcomes: Sequence[tuple[Outcome, ...]], seconds: float
) -> list[Traffic | None]:
    """Return the traffic of each row; None for a row without calls.

    Args:
        measures: a row a result.
        outcomes: of each row.
        seconds: length of the window.
    """
    columns = zip(
        measures.calls.tolist(),
        measures.errors.tolist(),
        measures.estimated.tolist(),
        measures.estimated_errors.tolist(),
        measures.variance.tolist(),
        measures.unscaled.tolist(),
        measures.request_bytes.tolist(),
        measures.response_bytes.tolist(),
        outcomes,
        latencies(measures.client),
        latencies(measures.server),
        latencies(measures.lag),
        exemplars(measures.slowest_ns, measures.slowest_trace),
        exemplars(measures.latest_error_ns, measures.latest_error_trace),
        strict=True,
    )
    return [_traffic(seconds, *row) if row[0] else None for row in columns]


def _traffic(
    seconds: float,
    calls: int,
    errors: int,
    estimated: float,
    estimated_errors: float,
    variance: float,
    unscaled: int,
    request_bytes: int,
    response_bytes: int,
    outcomes: tuple[Outcome, ...],
    client: Latency | None,
    server: Latency | None,
    lag: Latency | None,
    slowest: Exemplar | None,
    latest_error: Exemplar | None,
) -> Traffic:
    return Traffic(
        calls,
        errors,
        estimated,
        estimated_errors,
        math.sqrt(max(variance, 0.0)),
        unscaled,
        estimated / seconds,
        # Two sums of the same floats in different orders may differ in their last digit.
        min(estimated_errors / estimated, 1.0),
        request_bytes,
        response_bytes,
        outcomes,
        client,
        server,
        lag,
        slowest,
        latest_error,
    )


def latencies(histograms: Histograms) -> list[Latency | None]:
    """Return the latency of each row; None for a row without durations."""
    found: list[Latency | None] = [None] * len(histograms)
    filled = np.flatnonzero(np.diff(histograms.offsets))
    if len(filled):
        columns = (
            histograms.totals(),
            # Whole nanoseconds: more digits would only be noise to carry along.
            np.rint(histograms.means_ns()),
            *(np.rint(histograms.quantiles(q)) for q in (0.5, 0.95, 0.99)),
        )
        rows = zip(*(column[filled].tolist() for column in columns), strict=True)
        for index, row in zip(filled.tolist(), rows, strict=True):
            found[index] = Latency(*row)
    return found


def exemplars(values: Int64s, traces: TraceIds) -> list[Exemplar | None]:
    """Return the exemplar of each row; None for a negative value."""
    return [
        Exemplar(f"{high:016x}{low:016x}", value) if value >= 0 else None
        for value, (high, low) in zip(values.tolist(), traces.tolist(), strict=True)
    ]
