"""Counts the traces that have come of age, window after window of trace time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import structlog

from model.graph.calls import Calls, Sampling
from model.graph.edge import EdgeKey, OperationKey, View
from model.graph.operations import OperationSpans
from model.graph.place import Place
from model.graph.resolve import Known
from model.graph.weave import Woven, weave
from spanloom.mesh_metrics.config import MeshMetricsConfig, MetricSet
from spanloom.mesh_metrics.counted import CountedTraces, TraceSizes, Window
from spanloom.mesh_metrics.istio import observe_istio
from spanloom.mesh_metrics.observations import Observations
from spanloom.mesh_metrics.series import SeriesTable
from spanloom.mesh_metrics.service_graph import observe_service_graph
from spanloom.mesh_metrics.span_metrics import observe_collector_spans, observe_tempo_spans
from spanloom.self_metrics import (
    mesh_metrics_counted_until,
    mesh_metrics_dropped_series,
    mesh_metrics_late_traces,
    mesh_metrics_series,
)
from storage.interface import GraphReader

__all__ = ["MeshMetrics"]

_log = structlog.get_logger(__name__)

Bools: TypeAlias = npt.NDArray[np.bool_]

_SECOND_NS = 1_000_000_000
_MINUTE_NS = 60 * _SECOND_NS
_READ_TIMEOUT_S = 60.0
# After the store was away, its backlog is counted in pieces of this length.
_LONGEST_WINDOW_NS = _MINUTE_NS
# So long after it was counted a window is looked at again, for traces that came late.
_LOOK_BACK_NS = 5 * _MINUTE_NS
# What names and addresses mean is learnt from so much time.
_KNOWN_NS = 10 * _MINUTE_NS

_ObserveCalls = Callable[[Calls, Sequence[EdgeKey], Bools], Iterator[Observations]]
_ObserveSpans = Callable[[OperationSpans, Sequence[OperationKey], Bools], Iterator[Observations]]
_OF_CALLS: dict[MetricSet, _ObserveCalls] = {
    MetricSet.ISTIO: observe_istio,
    MetricSet.SERVICE_GRAPH: observe_service_graph,
}
_OF_SPANS: dict[MetricSet, _ObserveSpans] = {
    MetricSet.TEMPO_SPANS: observe_tempo_spans,
    MetricSet.COLLECTOR_SPANS: observe_collector_spans,
}


class MeshMetrics:
    """Turns stored traces into series; one thread reads.

    Args:
        config: of the metrics.
        series: to add to.
        graph: where traces are read.
        sampling: as the graph itself scales by.
        now_ns: when the service started: older traces are not counted.
    """

    def __init__(
        self,
        config: MeshMetricsConfig,
        series: SeriesTable,
        graph: GraphReader,
        sampling: Sampling,
        now_ns: int,
    ) -> None:
        self._config = config
        self._series = series
        self._graph = graph
        self._sampling = sampling
        self._hold_ns = round(config.hold_s * _SECOND_NS)
        self._expire_ns = round(config.expire_s * _SECOND_NS)
        self._counted_until_ns = now_ns - self._hold_ns
        self._counted = CountedTraces()
        self._edges: tuple[EdgeKey, ...] = ()
        self._places: tuple[Place, ...] = ()
        self._learnt_ns = 0
        self._is_full = False

    def read(self, now_ns: int) -> None:
        """Count every trace that has come of age since the last call, and look for late ones.

        Raises StoreError; a window is counted whole or, by the next call, again.
        """
        until_ns = now_ns - self._hold_ns
        if self._counted_until_ns < until_ns:
            self._learn(now_ns)
        while self._counted_until_ns < until_ns:
            to_ns = min(self._counted_until_ns + _LONGEST_WINDOW_NS, until_ns)
            self._count(self._counted_until_ns, to_ns, now_ns)
            self._counted_until_ns = to_ns
            mesh_metrics_counted_until.set(to_ns / _SECOND_NS)
        self._series.expire(now_ns - self._expire_ns)
        mesh_metrics_series.set(len(self._series))
        self._look_back(until_ns - _LOOK_BACK_NS)

    def _learn(self, now_ns: int) -> None:
        """Read, from time to time, which edges and places there are."""
        if now_ns - self._learnt_ns < _MINUTE_NS:
            return
        to_ns = self._graph.settled_ns()
        window = (to_ns - _KNOWN_NS, to_ns)
        found = self._graph.window(*window, timeout_s=_READ_TIMEOUT_S)
        self._edges, self._places = found.edges.keys, found.places
        self._learnt_ns = now_ns

    def _count(self, from_ns: int, to_ns: int, now_ns: int) -> None:
        parts: list[Woven] = []
        sizes: list[TraceSizes] = []
        with closing(self._graph.spans(from_ns, to_ns, timeout_s=_READ_TIMEOUT_S)) as chunks:
            for chunk in chunks:
                parts.append(weave(chunk, self._sampling))
                sizes.append(TraceSizes.of(chunk))
        if parts:
            known = self._known(parts, to_ns)
            observed = [one for part in parts for one in self._observed(part, known)]
            self._tell_dropped(self._series.add(observed, now_ns))
        self._counted.add(Window(from_ns, to_ns, TraceSizes.joined(sizes)))

    def _tell_dropped(self, dropped: int) -> None:
        mesh_metrics_dropped_series.inc(dropped)
        if dropped and not self._is_full:
            _log.warning(
                "new series of the mesh are dropped: metrics.mesh.max_series is reached",
                max_series=self._config.max_series,
            )
        self._is_full = dropped > 0

    def _known(self, parts: Sequence[Woven], to_ns: int) -> Known:
        edges = dict.fromkeys((*self._edges, *(key for part in parts for key in part.calls.keys)))
        places = {key.place for part in parts for key in part.operations.keys}
        pods = self._graph.pods(to_ns - _KNOWN_NS, to_ns, timeout_s=_READ_TIMEOUT_S)
        return Known(edges, places.union(self._places), [(pod.address, pod.place) for pod in pods])

    def _observed(self, part: Woven, known: Known) -> Iterator[Observations]:
        calls, spans = part.calls, part.operations
        # One of the views: each call exactly once, gateways as services of their own.
        in_view = np.array([bool(key.views & View.GATEWAYS) for key in calls.keys], np.bool_)
        counts = in_view[calls.key] & self._counted.are_new(calls.trace_ids)[calls.trace]
        edges = [known.resolved(key) for key in calls.keys]
        operations = [replace(key, place=known.complete(key.place)) for key in spans.keys]
        span_counts = self._counted.are_new(spans.trace_ids)[spans.trace]
        for wanted in self._config.sets:
            if wanted in _OF_CALLS:
                yield from _OF_CALLS[wanted](calls, edges, counts)
            else:
                yield from _OF_SPANS[wanted](spans, operations, span_counts)

    def _look_back(self, before_ns: int) -> None:
        while (window := self._counted.oldest(before_ns)) is not None:
            from_ns, to_ns = window.from_ns, window.to_ns
            with closing(self._graph.spans(from_ns, to_ns, timeout_s=_READ_TIMEOUT_S)) as chunks:
                stored = TraceSizes.joined([TraceSizes.of(chunk) for chunk in chunks])
            late = self._counted.late(window, stored)
            mesh_metrics_late_traces.labels("missed").inc(late.missed)
            mesh_metrics_late_traces.labels("incomplete").inc(late.incomplete)
            self._counted.forget_oldest()
