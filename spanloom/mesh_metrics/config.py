"""Settings of the mesh's metrics."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

__all__ = ["MeshMetricsConfig", "MetricSet"]


class MetricSet(StrEnum):
    """Metrics that belong together."""

    ISTIO = "istio"
    SERVICE_GRAPH = "service_graph"
    TEMPO_SPANS = "tempo_spans"
    COLLECTOR_SPANS = "collector_spans"


class MeshMetricsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Metrics of the mesh, made from spans.

    Attributes:
        enabled: serve `/metrics/mesh`. Read docs/mesh-metrics.md first if Istio's own metrics
            are scraped as well: their names are the same.
        sets: which metrics: `istio` (`istio_requests_total` …), `service_graph`
            (`traces_service_graph_*`), `tempo_spans` (`traces_spanmetrics_*`),
            `collector_spans` (`traces_span_metrics_*`).
        prefix: put before every name, such as `spanloom_`.
        interval_s: how often new traces are counted.
        hold_s: age at which a trace is counted, so that its spans have come. What comes later
            is not counted.
        max_series: lines that are served at most; new series beyond are dropped and counted.
        expire_s: series to which nothing was added for so long are no longer served.
    """

    enabled: bool = False
    sets: tuple[MetricSet, ...] = tuple(MetricSet)
    prefix: Annotated[str, Meta(pattern="^([a-zA-Z_:][a-zA-Z0-9_:]*)?$", max_length=64)] = ""
    interval_s: Annotated[float, Meta(ge=1, le=300)] = 10.0
    hold_s: Annotated[float, Meta(ge=1, le=3600)] = 30.0
    max_series: Annotated[int, Meta(ge=1, le=1_000_000)] = 50_000
    expire_s: Annotated[float, Meta(ge=60)] = 900.0
