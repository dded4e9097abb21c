"""Settings of the query API; the defaults are the ones that docs/api.md states."""

from __future__ import annotations

from typing import Annotated

import msgspec

from api.health_config import HealthConfig
from api.jaeger.config import JaegerConfig

__all__ = ["MAX_PAGE_SIZE", "ApiConfig"]

MAX_PAGE_SIZE = 1000
"""The contract's ceiling for ``limit``; an installation may set a lower one."""

_Positive = Annotated[int, msgspec.Meta(ge=1)]
_PageSize = Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE_SIZE)]
_Seconds = Annotated[float, msgspec.Meta(gt=0, le=3600)]


class ApiConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Limits and switches of the query API.

    Attributes:
        query_timeout_s: seconds that one request may take from its arrival, waiting included.
        max_concurrent_queries: threads that work on requests. Each may hold one connection
            of the store, and ingest has its own, so queries cannot starve it.
        max_queued_queries: requests that may wait for a thread; one more is answered 503.
        default_page_size, max_page_size: traces per page of a search.
        max_histogram_buckets: buckets of one histogram.
        max_attribute_conditions: ``attribute`` parameters in one search.
        max_trace_ids: ``trace_id`` parameters in one request.
        max_request_spans: spans that ``/requests/{id}`` assembles into one answer; what is
            beyond comes as summaries.
        default_window_s: seconds that a search looks back when it names no time.
        default_graph_window_s: seconds that a graph covers when it names no time.
        idle_lookback_s: a graph's idle nodes are those seen in so many seconds before it.
        max_graph_nodes, max_graph_edges: of one graph; of a larger one the edges with most calls
            are answered.
        max_metric_steps: points of one series over time.
        max_metric_series: series of one answer; of more, those with most calls are answered.
        max_analysed_spans: spans that one answer of ``/critical-path`` or ``/traces/compare``
            assembles; of more, a sample is taken.
        max_propagation_spans: spans that one answer of ``/propagation`` examines, the newest.
        propagation_settle_s: seconds after which a span that has not arrived counts as missing.
        health: when nodes and edges of the graph count as degraded or failing, in the shape of
            Kiali's `health_config.rate`; Kiali's defaults hold for nodes that no item fits. Each
            item has `tolerance`, a list of `code`, `degraded`, `failure` (percent), `protocol` and
            `direction`, and regular expressions `namespace`, `kind`, `name`.
        jaeger: Jaeger's query APIs, over HTTP on the same port.
        cors_allowed_origins: origins such as ``https://ui.example.com`` whose pages may read
            answers; ``*`` allows all. Empty switches CORS off.
    """

    query_timeout_s: _Seconds = 30.0
    max_concurrent_queries: _Positive = 4
    max_queued_queries: Annotated[int, msgspec.Meta(ge=0)] = 64
    default_page_size: _PageSize = 20
    max_page_size: _PageSize = MAX_PAGE_SIZE
    max_histogram_buckets: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1000
    max_attribute_conditions: Annotated[int, msgspec.Meta(ge=0, le=100)] = 16
    max_trace_ids: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    max_request_spans: _Positive = 50_000
    default_window_s: _Positive = 3600
    default_graph_window_s: _Positive = 600
    idle_lookback_s: _Positive = 86_400
    max_graph_nodes: _Positive = 2000
    max_graph_edges: _Positive = 10_000
    max_metric_steps: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1000
    max_metric_series: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 100
    max_analysed_spans: _Positive = 50_000
    max_propagation_spans: _Positive = 500_000
    propagation_settle_s: _Positive = 15
    health: tuple[HealthConfig, ...] = ()
    jaeger: JaegerConfig = msgspec.field(default_factory=JaegerConfig)
    cors_allowed_origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError on settings that contradict each other."""
        if self.default_page_size > self.max_page_size:
            raise ValueError(
                f"default_page_size ({self.default_page_size}) is larger than "
                f"max_page_size ({self.max_page_size})"
            )
        for origin in self.cors_allowed_origins:
            if origin != "*" and ("://" not in origin or origin.endswith("/")):
                raise ValueError(
                    f"cors_allowed_origins: {origin!r} is not an origin; write it as "
                    "scheme://host[:port] without a path or a final slash"
                )
