"""The counters and histograms that are exposed: bounded in number, only ever rising (rule G44)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from model.graph.sums import float_sums
from spanloom.mesh_metrics.exposition import Exemplar, Series, family_lines, label_text
from spanloom.mesh_metrics.observations import Definition, Labels, Observations

__all__ = ["SeriesTable"]

Float64s: TypeAlias = npt.NDArray[np.float64]
Int64s: TypeAlias = npt.NDArray[np.int64]


class SeriesTable:
    """The series of all metrics, for several threads.

    Args:
        prefix: put before the names of metrics.
        max_series: lines that are exposed at most; what would be more is not counted.
    """

    def __init__(self, prefix: str, max_series: int) -> None:
        self._prefix = prefix
        self._max_series = max_series
        self._tables: dict[Definition, dict[Labels, Series]] = {}
        self._lines = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return the number of exposed lines."""
        return self._lines

    def add(self, observed: Iterable[Observations], now_ns: int) -> int:
        """Add observations; return how many new series there was no room for."""
        with self._lock:
            return sum(self._add(one, now_ns) for one in observed)

    def expire(self, before_ns: int) -> None:
        """Forget the series to which nothing was added since ``before_ns``."""
        with self._lock:
            for definition, table in self._tables.items():
                stale = [labels for labels, one in table.items() if one.added_ns < before_ns]
                for labels in stale:
                    del table[labels]
                self._lines -= len(stale) * _lines_of(definition)

    def lines(self, *, openmetrics: bool) -> Iterator[str]:
        """Yield the lines of all metrics, in OpenMetrics' format or in the older one."""
        with self._lock:
            for definition, table in self._tables.items():
                yield from family_lines(
                    self._prefix, definition, table.values(), openmetrics=openmetrics
                )

    def _add(self, observed: Observations, now_ns: int) -> int:
        definition = observed.definition
        if not len(observed.position):
            return 0
        table = self._tables.setdefault(definition, {})
        lines = _lines_of(definition)
        cells = _Cells(observed)
        refused = 0
        for position, labels in enumerate(observed.series):
            series = table.get(labels)
            if series is None:
                if self._lines + lines > self._max_series:
                    refused += 1
                    continue
                self._lines += lines
                series = table[labels] = Series(
                    label_text(definition.labels, labels), [0.0] * cells.width
                )
            cells.add_to(series, position)
            series.added_ns = now_ns
        return refused


class _Cells:
    """Observations added up by series and bucket."""

    def __init__(self, observed: Observations) -> None:
        bounds = np.array(observed.definition.bounds)
        self.width = len(bounds) + 1 if len(bounds) else 1
        count = len(observed.series)
        # A bound belongs to the bucket below it; of a counter there is one bucket.
        cell = observed.position * self.width + np.searchsorted(bounds, observed.values)
        counts = float_sums(observed.weights, cell, count * self.width)
        self._counts = counts.reshape(count, self.width)
        self._sums = float_sums(observed.values * observed.weights, observed.position, count)
        newest = np.full(count * self.width, -1, np.int64)
        order = np.argsort(observed.times_ns, kind="stable")
        np.maximum.at(newest, cell[order], np.arange(len(order)))
        self._newest = np.where(newest >= 0, order[newest], -1).reshape(count, self.width)
        self._observed = observed

    def add_to(self, series: Series, position: int) -> None:
        added = self._counts[position].tolist()
        series.counts = [count + more for count, more in zip(series.counts, added, strict=True)]
        series.sum += float(self._sums[position])
        newest = self._newest[position]
        for bucket in np.flatnonzero(newest >= 0).tolist():
            series.exemplars[bucket] = self._exemplar(int(newest[bucket]))

    def _exemplar(self, row: int) -> Exemplar:
        observed = self._observed
        high, low = observed.trace_ids[row].tolist()
        is_counter = not observed.definition.bounds
        return Exemplar(
            f"{high:016x}{low:016x}",
            float(observed.weights[row] if is_counter else observed.values[row]),
            int(observed.times_ns[row]) / 1e9,
        )


def _lines_of(definition: Definition) -> int:
    """Return the lines of one series: a histogram's buckets, +Inf, sum and count."""
    return len(definition.bounds) + 3 if definition.bounds else 1
