"""From columns of measures to the traffic of edges and nodes, many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from model.graph.edge import EdgeKey, Protocol
from model.graph.histogram import Histograms
from model.graph.measures import Measures
from model.graph.sums import float_sums, whole_sums
from model.graph.view import Exemplar, Latency, Outcome, Traffic

__all__ = [
    "OutcomeKey",
    "RowGroups",
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


class RowGroups:
    """Which rows add up to what; groups of the same rows are one.

    A node that is called over one edge receives what goes over it, an operation is called by all
    the calls that go on from it: of the groups that a graph has, many are the same.

    Args:
        keys: of the rows.
        sets: of each group its rows; none twice.

    Attributes:
        number: of each set the number of its group.
        members: rows, those of a group together.
        group: of each of these the number of its group.
    """

    def __init__(self, keys: Sequence[EdgeKey], sets: Sequence[Sequence[int]]) -> None:
        numbers: dict[tuple[int, ...], int] = {}
        self.number = [numbers.setdefault(tuple(rows), len(numbers)) for rows in sets]
        lengths = [len(rows) for rows in numbers]
        self.members = np.fromiter(chain.from_iterable(numbers), np.int64, sum(lengths))
        self.group = np.repeat(np.arange(len(numbers)), lengths)
        self._rows = list(numbers)
        self._count = len(numbers)
        kinds: dict[OutcomeKey, int] = {}
        kind = np.array([kinds.setdefault(outcome_of(key), len(kinds)) for key in keys], np.int64)
        self._kinds, self._kind = list(kinds), kind.tolist()
        self._cells, self._cell = np.unique(
            self.group * len(kinds) + kind[self.members], return_inverse=True
        )

    def outcomes_in(self, number: int) -> set[OutcomeKey]:
        """Return the outcomes that the calls of a group may have, by the group's number."""
        return {self._kinds[self._kind[row]] for row in self._rows[number]}

    def traffics(self, measures: Measures, seconds: float) -> tuple[Measures, list[Traffic | None]]:
        """Return the sums of the rows' measures by group, and the traffic of each group.

        Args:
            measures: of the rows.
            seconds: length of the window.
        """
        of_members = measures.take(self.members)
        sums = of_members.grouped(self.group, self._count)
        return sums, traffics(sums, self._outcomes(of_members), seconds)

    def _outcomes(self, measures: Measures) -> list[tuple[Outcome, ...]]:
        """Return the outcomes of each group, most calls first, of its members' measures."""
        cells = self._cells
        calls = whole_sums(measures.calls, self._cell, len(cells))
        errors = whole_sums(measures.errors, self._cell, len(cells))
        estimated = float_sums(measures.estimated, self._cell, len(cells))
        group, kind = np.divmod(cells, max(len(self._kinds), 1))
        order = np.lexsort((kind, -calls, group))
        outcomes = [
            Outcome._make((*self._kinds[of_kind], some, wrong, scaled))
            for of_kind, some, wrong, scaled in zip(
                kind[order].tolist(),
                calls[order].tolist(),
                errors[order].tolist(),
                estimated[order].tolist(),
                strict=True,
            )
        ]
        # The cells are rising, so a group's stand together.
        bounds = np.searchsorted(group, np.arange(self._count + 1)).tolist()
        return [tuple(outcomes[first:end]) for first, end in pairwise(bounds)]


def traffics(
    measures: Measures, outcomes: Sequence[tuple[Outcome, ...]], seconds: float
) -> list[Traffic | None]:
    """Return the traffic of each row; None for a row without calls.

    Args:
        measures: a row a result.
        outcomes: of each row.
        seconds: length of the window.
    """
    estimated = measures.estimated
    ratios = np.zeros(len(measures))
    np.divide(measures.estimated_errors, estimated, out=ratios, where=estimated > 0)
    rows = zip(
        measures.calls.tolist(),
        measures.errors.tolist(),
        estimated.tolist(),
        measures.estimated_errors.tolist(),
        np.sqrt(np.maximum(measures.variance, 0.0)).tolist(),
        measures.unscaled.tolist(),
        (estimated / seconds).tolist(),
        # Two sums of the same floats in different orders may differ in their last digit.
        np.minimum(ratios, 1.0).tolist(),
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
    return [Traffic._make(row) if row[0] else None for row in rows]


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
        for index, latency in zip(filled.tolist(), map(Latency._make, rows), strict=True):
            found[index] = latency
    return found


def exemplars(values: Int64s, traces: TraceIds) -> list[Exemplar | None]:
    """Return the exemplar of each row; None for a negative value."""
    found: list[Exemplar | None] = [None] * len(values)
    told = np.flatnonzero(values >= 0)
    ids = traces[told].astype(">u8").tobytes().hex()
    for place, (index, value) in enumerate(zip(told.tolist(), values[told].tolist(), strict=True)):
        found[index] = Exemplar(ids[32 * place : 32 * place + 32], value)
    return found
