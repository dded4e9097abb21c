"""Numbers over time: the rows of many windows by what a chart has a line for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from model.graph.histogram import Histograms, bucket_bounds_ns
from model.graph.measures import Measures

__all__ = ["HeatMap", "SeriesTable", "heat_map", "series_table", "shown_latency"]

Key = TypeVar("Key")
Label = TypeVar("Label", bound=Hashable)


@dataclass(frozen=True, slots=True)
class SeriesTable(Generic[Label]):
    """Series of equally many steps.

    Attributes:
        labels: one a series, most calls first.
        totals: a row a series.
        measures: ``steps`` rows a series, one series after another.
        truncated: whether series with fewer calls are left out.
        steps: how many.
        all_steps: a row a step, over all series, also those left out.
    """

    labels: tuple[Label, ...]
    totals: Measures
    measures: Measures
    truncated: bool
    steps: int
    all_steps: Measures


@dataclass(frozen=True, slots=True)
class HeatMap:
    """How many durations fell into which bucket in which step.

    Attributes:
        upper_bounds_ns: of the buckets, rising; empty if there are no durations.
        counts: of each step, of each bucket; weighted by 1/probability.
    """

    upper_bounds_ns: tuple[float, ...]
    counts: tuple[tuple[float, ...], ...]


def series_table(
    tables: Sequence[tuple[Sequence[Key], Measures]],
    label: Callable[[Key], Label | None],
    limit: int,
) -> SeriesTable[Label]:
    """Return the series of these tables, one a step.

    Args:
        tables: keys and their measures, by step.
        label: of a key the series that it counts for; None for none.
        limit: of series; those with most calls stay.
    """
    numbers: dict[Label, int] = {}
    of_key: dict[int, int] = {}  # by identity: keys are slow to hash and shared between steps
    of_row, of_step = [], []
    for step, (keys, _) in enumerate(tables):
        for key in keys:
            number = of_key.get(id(key))
            if number is None:
                found = label(key)
                number = -1 if found is None else numbers.setdefault(found, len(numbers))
                of_key[id(key)] = number
            of_row.append(number)
            of_step.append(step)
    series, step_of_row = np.array(of_row, np.int64), np.array(of_step, np.int64)
    measures = Measures.concatenated([measures for _, measures in tables])
    steps = len(tables)
    all_steps = measures.grouped(np.where(series >= 0, step_of_row, -1), steps)
    calls = measures.grouped(series, len(numbers)).calls
    order = np.argsort(-calls, kind="stable")[:limit]
    position = np.full(len(numbers) + 1, -1, np.int64)  # the last is that of no series
    position[order] = np.arange(len(order))
    kept = position[series]
    cells = np.where(kept >= 0, kept * steps + step_of_row, -1)
    labels = list(numbers)
    return SeriesTable(
        tuple(labels[number] for number in order.tolist()),
        measures.grouped(kept, len(order)),
        measures.grouped(cells, len(order) * steps),
        len(order) < len(labels),
        steps,
        all_steps,
    )


def shown_latency(measures: Measures) -> tuple[str, Histograms]:
    """Return the latency to show (rule G39) and its name: client, server or lag."""
    for name, histograms in (("client", measures.client), ("server", measures.server)):
        if len(histograms.buckets):
            return name, histograms
    return ("lag", measures.lag) if len(measures.lag.buckets) else ("server", measures.server)


def heat_map(histograms: Histograms) -> HeatMap:
    """Return the histograms, a row a step, as a matrix from the least bucket to the greatest."""
    if not len(histograms.buckets):
        return HeatMap((), tuple(() for _ in range(len(histograms))))
    low, high = int(histograms.buckets.min()), int(histograms.buckets.max())
    counts = np.zeros((len(histograms), high - low + 1))
    counts[histograms.rows, histograms.buckets - low] = histograms.counts
    bounds = bucket_bounds_ns(np.arange(low, high + 1, dtype=np.int32))
    return HeatMap(tuple(bounds.tolist()), tuple(tuple(row) for row in counts.tolist()))
