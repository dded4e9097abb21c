"""Metrics of spans by service, name, kind and outcome: Tempo's and the Collector's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from model.graph.edge import OperationKey
from model.graph.operations import OperationSpans
from model.span import StatusCode
from spanloom.mesh_metrics.observations import Definition, Labels, Observations, observe

__all__ = [
    "COLLECTOR_SPAN_METRICS",
    "TEMPO_SPAN_METRICS",
    "observe_collector_spans",
    "observe_tempo_spans",
]

Bools: TypeAlias = npt.NDArray[np.bool_]
Float64s: TypeAlias = npt.NDArray[np.float64]

_TEMPO_LABELS = ("service", "span_name", "span_kind", "status_code")
_TEMPO_CALLS = Definition("traces_spanmetrics_calls", "Spans.", _TEMPO_LABELS)
_TEMPO_LATENCY = Definition(
    "traces_spanmetrics_latency",
    "Duration of spans in seconds.",
    _TEMPO_LABELS,
    tuple(0.002 * 2**power for power in range(14)),
)
TEMPO_SPAN_METRICS = (_TEMPO_CALLS, _TEMPO_LATENCY)

_COLLECTOR_LABELS = ("service_name", "span_name", "span_kind", "status_code")
_COLLECTOR_CALLS = Definition("traces_span_metrics_calls", "Spans.", _COLLECTOR_LABELS)
_COLLECTOR_DURATION = Definition(
    "traces_span_metrics_duration_milliseconds",
    "Duration of spans.",
    _COLLECTOR_LABELS,
    (
        *(2.0, 4.0, 6.0, 8.0, 10.0, 50.0, 100.0, 200.0, 400.0, 800.0, 1_000.0, 1_400.0),
        *(2_000.0, 5_000.0, 10_000.0, 15_000.0),
    ),
)
COLLECTOR_SPAN_METRICS = (_COLLECTOR_CALLS, _COLLECTOR_DURATION)


def observe_tempo_spans(
    spans: OperationSpans, keys: Sequence[OperationKey], counts: Bools
) -> Iterator[Observations]:
    """Observe those ``spans`` that ``counts`` marks; ``keys`` stand in for ``spans.keys``."""
    seconds = spans.duration_ns / 1e9
    return _observed(spans, keys, counts, (_TEMPO_CALLS, _TEMPO_LATENCY), seconds)


def observe_collector_spans(
    spans: OperationSpans, keys: Sequence[OperationKey], counts: Bools
) -> Iterator[Observations]:
    """Observe those ``spans`` that ``counts`` marks; ``keys`` stand in for ``spans.keys``."""
    milliseconds = spans.duration_ns / 1e6
    return _observed(spans, keys, counts, (_COLLECTOR_CALLS, _COLLECTOR_DURATION), milliseconds)


def _observed(
    spans: OperationSpans,
    keys: Sequence[OperationKey],
    counts: Bools,
    definitions: tuple[Definition, Definition],
    durations: Float64s,
) -> Iterator[Observations]:
    labels = [_labels(key, is_error) for key in keys for is_error in (False, True)]
    # Envoy marks some failures by a tag and leaves the status unset (rule G34).
    label = 2 * spans.key + spans.error
    calls, latency = definitions
    yield observe(calls, labels, label, spans, counts)
    yield observe(latency, labels, label, spans, counts, durations)


def _labels(key: OperationKey, is_error: bool) -> Labels:
    status = StatusCode.ERROR if is_error else key.status
    return (
        key.place.name,
        key.operation,
        f"SPAN_KIND_{key.kind.name}",
        f"STATUS_CODE_{status.name}",
    )
