"""Rates, error rates and latencies over sliding windows, from the counts of short intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from api.jaeger.service_performance_query import PerformanceQuery
from model.graph.edge import OperationKey
from model.graph.histogram import Histograms
from model.graph.measures import OperationTable
from model.graph.place import Place
from model.graph.series import series_table
from model.mesh import parse_service_name
from model.span import MeshIdentity

__all__ = ["Label", "Windows", "windows"]

_MAX_VALUES = 200_000
_NS_PER_MS = 1e6

# Sums of weights round; a count, which weighs 1 or more, never comes out as little as this.
_NO_COUNT = 1e-3

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Label:
    """Whose numbers a series shows: the service as asked for, and perhaps one operation."""

    service: str
    operation: str


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Series of the same points; every method returns a row a series, a column a point.

    Attributes:
        labels: of the series, most spans first.
    """

    labels: tuple[Label, ...]
    _query: PerformanceQuery
    _calls: Int64s
    _errors: Int64s
    _durations: Histograms

    def call_rates(self) -> Float64s:
        """Return spans a second."""
        rates: Float64s = self._sums(self._calls) / self._query.window_s
        return rates

    def error_rates(self) -> Float64s:
        """Return the share of spans in error, from 0 to 1; NaN where there are no spans."""
        calls, errors = self._sums(self._calls), self._sums(self._errors)
        rates = np.full(calls.shape, np.nan)
        np.divide(errors, calls, out=rates, where=calls > 0)
        return rates

    def latencies_ms(self, quantile: float) -> Float64s:
        """Return a quantile of the spans' durations, milliseconds; NaN where there are none."""
        ends, of_point = np.unique(self._ends(), return_inverse=True)
        steps = self._calls.shape[1]
        rows = np.arange(steps, dtype=np.int64)
        found = [
            self._summed(self._durations.take(number * steps + rows), ends).quantiles(quantile)
            for number in range(len(self.labels))
        ]
        if not found:
            return np.empty((0, len(of_point)))
        latencies: Float64s = np.stack(found)[:, of_point] / _NS_PER_MS
        return latencies

    def _sums(self, counts: Int64s) -> Int64s:
        cumulated = np.pad(np.cumsum(counts, axis=1), ((0, 0), (1, 0)))
        ends = self._ends()
        sums: Int64s = cumulated[:, ends] - cumulated[:, ends - self._query.intervals]
        return sums

    def _summed(self, durations: Histograms, ends: Int64s) -> Histograms:
        """Return a histogram of each window, by the number of the interval after its end."""
        dense = np.zeros((len(durations) + 1, int(durations.buckets.max(initial=0)) + 1))
        dense[durations.rows + 1, durations.buckets] = durations.counts
        cumulated = np.cumsum(dense, axis=0)
        sums = cumulated[ends] - cumulated[ends - self._query.intervals]
        row, bucket = np.nonzero(sums > _NO_COUNT)
        lengths = np.bincount(row, minlength=len(ends))
        return Histograms(
            np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
            bucket.astype(np.int32),
            sums[row, bucket],
            np.zeros(len(ends)),  # nobody asks for means
        )

    def _ends(self) -> Int64s:
        """Return how many intervals are over at each point."""
        points = np.array(self._query.points_ns, np.int64)
        ends: Int64s = (points - self._query.from_ns) // self._query.interval_ns
        return ends


def windows(tables: list[OperationTable], query: PerformanceQuery) -> Windows:
    """Return the series of ``query``, which has points.

    Of more series than an answer may have values for, those with most spans are in it.

    Args:
        tables: operations of each interval from ``query.from_ns`` to ``query.to_ns``.
        query: what is asked for.
    """
    meant = _services(query)

    def label(key: OperationKey) -> Label | None:
        if key.kind not in query.kinds:
            return None
        service = meant(key.place)
        if service is None:
            return None
        return Label(service, key.operation if query.by_operation else "")

    limit = max(1, _MAX_VALUES // len(query.points_ns))
    found = series_table([(table.keys, table.measures) for table in tables], label, limit)
    shape = (len(found.labels), found.steps)
    return Windows(
        found.labels,
        query,
        found.measures.calls.reshape(shape),
        found.measures.errors.reshape(shape),
        found.measures.server,
    )


def _services(query: PerformanceQuery) -> Callable[[Place], str | None]:
    """Return what tells which of the services, as asked for, a place is; the first that fits."""
    selectors = [(name, parse_service_name(name)) for name in query.services]
    known: dict[Place, str | None] = {}

    def service(place: Place) -> str | None:
        if place not in known:
            identity = MeshIdentity(place.cluster, place.namespace, place.service)
            fitting = (name for name, each in selectors if each.matches(place.name, identity))
            known[place] = next(fitting, None)
        return known[place]

    return service
