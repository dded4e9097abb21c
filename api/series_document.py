"""The JSON documents of ``/metrics/…``, as ``openapi.yaml`` declares them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from api.series_query import SeriesWindow
from api.times import format_duration, format_time
from api.traffic_document import ExemplarsDocument, exemplars_document
from model.graph.nodes import NodeFacts, digest, node_label
from model.graph.series import SeriesTable, heat_map, shown_latency
from model.graph.traffic import exemplars
from model.graph.view import GraphType

__all__ = [
    "EndDocument",
    "LabelsDocument",
    "MetricsDocument",
    "end_document",
    "metrics_document",
]

_MILLISECOND_NS = 1e6

Label = TypeVar("Label", bound=Hashable)
Numbers = list[float | None]


class EndDocument(msgspec.Struct, frozen=True):
    """What a series is about: a node of the graph of that type."""

    id: str
    label: str
    name: str
    kind: str
    cluster: str
    namespace: str
    service: str
    version: str
    workload: str


class LabelsDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What tells a series from the others of an answer."""

    node: EndDocument | None = None
    source: EndDocument | None = None
    target: EndDocument | None = None
    operation: str | None = None
    kind: str | None = None
    protocol: str | None = None


class SeriesDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers by step."""

    labels: LabelsDocument
    total_calls: int
    total_errors: int
    calls: list[int]
    errors: list[int]
    rate: list[float]
    error_percent: Numbers
    latency: str
    p50_ms: Numbers
    p95_ms: Numbers
    p99_ms: Numbers
    exemplars: ExemplarsDocument


class HeatMapDocument(msgspec.Struct, frozen=True):
    """Durations by bucket and step, of all series together."""

    latency: str
    upper_bounds_ms: list[float]
    counts: list[list[float]]


class MetricsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of ``/metrics/operations``, ``/metrics/edges`` and ``/metrics/services``."""

    from_time: str
    from_time_unix_nano: str
    to_time: str
    to_time_unix_nano: str
    step: str
    step_nano: str
    step_starts_unix_nano: list[str]
    provisional_from: str | None
    provisional_from_unix_nano: str | None
    is_estimate: bool
    truncated: bool
    series: list[SeriesDocument]
    heat_map: HeatMapDocument | None


def end_document(facts: NodeFacts, type: GraphType) -> EndDocument:
    """Encode a node of a graph of this type."""
    return EndDocument(
        digest(facts.key),
        node_label(facts, type),
        facts.name,
        facts.kind.value,
        facts.common("cluster"),
        facts.common("namespace"),
        facts.common("service"),
        facts.common("version"),
        facts.common("workload"),
    )


def metrics_document(
    window: SeriesWindow,
    table: SeriesTable[Label],
    labels: Sequence[LabelsDocument],
    settled_ns: int,
    *,
    with_heat_map: bool,
) -> MetricsDocument:
    """Encode series.

    Args:
        window: that they cover.
        table: the series.
        labels: of each.
        settled_ns: the time before which nothing changes any more.
        with_heat_map: whether to add the heat map of all of them.
    """
    provisional_ns = max(window.from_ns, settled_ns) if settled_ns < window.to_ns else None
    return MetricsDocument(
        from_time=format_time(window.from_ns),
        from_time_unix_nano=str(window.from_ns),
        to_time=format_time(window.to_ns),
        to_time_unix_nano=str(window.to_ns),
        step=format_duration(window.step_ns),
        step_nano=str(window.step_ns),
        step_starts_unix_nano=[str(start) for start in window.starts_ns],
        provisional_from=None if provisional_ns is None else format_time(provisional_ns),
        provisional_from_unix_nano=None if provisional_ns is None else str(provisional_ns),
        is_estimate=bool((table.totals.estimated != table.totals.calls).any()),
        truncated=table.truncated,
        series=_series(table, labels, np.array(window.seconds())),
        heat_map=_heat_map(table) if with_heat_map else None,
    )


def _series(
    table: SeriesTable[Label], labels: Sequence[LabelsDocument], seconds: npt.NDArray[np.float64]
) -> list[SeriesDocument]:
    measures, steps = table.measures, table.steps
    shape = (len(labels), steps)
    latency, histograms = shown_latency(measures)
    percent = np.divide(
        100 * measures.estimated_errors,
        measures.estimated,
        out=np.full(len(measures), np.nan),
        where=measures.estimated > 0,
    ).reshape(shape)
    quantiles = [
        (histograms.quantiles(q) / _MILLISECOND_NS).reshape(shape) for q in (0.5, 0.95, 0.99)
    ]
    rates = measures.estimated.reshape(shape) / seconds
    calls, errors = measures.calls.reshape(shape), measures.errors.reshape(shape)
    slowest = exemplars(table.totals.slowest_ns, table.totals.slowest_trace)
    latest = exemplars(table.totals.latest_error_ns, table.totals.latest_error_trace)
    return [
        SeriesDocument(
            labels=label,
            total_calls=int(table.totals.calls[row]),
            total_errors=int(table.totals.errors[row]),
            calls=calls[row].tolist(),
            errors=errors[row].tolist(),
            rate=rates[row].tolist(),
            error_percent=_numbers(percent[row]),
            latency=latency,
            p50_ms=_numbers(quantiles[0][row]),
            p95_ms=_numbers(quantiles[1][row]),
            p99_ms=_numbers(quantiles[2][row]),
            exemplars=exemplars_document(slowest[row], latest[row]),
        )
        for row, label in enumerate(labels)
    ]


def _heat_map(table: SeriesTable[Label]) -> HeatMapDocument:
    latency, histograms = shown_latency(table.all_steps)
    found = heat_map(histograms)
    return HeatMapDocument(
        latency,
        [bound / _MILLISECOND_NS for bound in found.upper_bounds_ns],
        [list(row) for row in found.counts],
    )


def _numbers(values: npt.NDArray[np.float64]) -> Numbers:
    return [None if np.isnan(value) else round(value, 6) for value in values.tolist()]
