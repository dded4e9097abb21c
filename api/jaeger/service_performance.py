"""Service performance metrics: the numbers of Jaeger UI's page Monitor, from the rollups.

Values are those of whole minutes: a point shows the window that ends with the last minute that
was over by then, so steps of less than a minute repeat values.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import numpy as np
import numpy.typing as npt
from aiohttp import hdrs, web

from api.jaeger.backend import JaegerBackend, Route
from api.jaeger.errors import enveloped
from api.jaeger.milliseconds import NS_PER_MS
from api.jaeger.pretty import answer_pretty
from api.jaeger.service_performance_query import (
    MINUTE_NS,
    PerformanceQuery,
    read_performance_query,
    read_quantile,
)
from api.jaeger.service_performance_series import Label, Windows, windows
from api.jaeger.trace_json import envelope
from api.queries import Deadline
from api.times import format_time

__all__ = ["routes"]

_SECOND_NS = 1_000_000_000
_MIN_STEP_MS = MINUTE_NS // NS_PER_MS


def routes(backend: JaegerBackend) -> list[Route]:
    """Return the routes of metrics, below any base path."""
    metrics = _Metrics(backend)
    return [
        (hdrs.METH_GET, path, enveloped(handler))
        for path, handler in (
            ("/api/metrics/latencies", metrics.latencies),
            ("/api/metrics/calls", metrics.calls),
            ("/api/metrics/errors", metrics.errors),
            ("/api/metrics/minstep", metrics.min_step),
        )
    ]


class _Label(msgspec.Struct, frozen=True):
    name: str
    value: str


class _Gauge(msgspec.Struct, frozen=True, rename="camel"):
    """A number; ``NaN`` as text, which JSON has no number for."""

    double_value: float | str


class _Point(msgspec.Struct, frozen=True, rename="camel"):
    gauge_value: _Gauge
    timestamp: str


class _Metric(msgspec.Struct, frozen=True, rename="camel"):
    labels: list[_Label]
    metric_points: list[_Point]


class _MetricFamily(msgspec.Struct, frozen=True):
    """OpenMetrics as JSON; without an envelope, unlike other answers. Metrics come encoded."""

    name: str
    help: str
    metrics: list[msgspec.Raw]
    type: str = "GAUGE"


class _Metrics:
    """Handlers (jaeger-api §8)."""

    def __init__(self, backend: JaegerBackend) -> None:
        self._backend = backend

    async def latencies(self, request: web.Request) -> web.Response:
        """``GET /api/metrics/latencies``, in milliseconds."""
        quantile = read_quantile(request.query)
        return await self._family(
            request,
            "latencies",
            f"{quantile:.2f}th quantile latency",
            lambda found: found.latencies_ms(quantile),
        )

    async def calls(self, request: web.Request) -> web.Response:
        """``GET /api/metrics/calls``, a second."""
        return await self._family(request, "call_rate", "calls/sec", Windows.call_rates)

    async def errors(self, request: web.Request) -> web.Response:
        """``GET /api/metrics/errors``, from 0 to 1."""
        text = "error rate, computed as a fraction of errors/sec over calls/sec"
        return await self._family(request, "error_rate", text, Windows.error_rates)

    async def min_step(self, request: web.Request) -> web.Response:
        """``GET /api/metrics/minstep``: milliseconds below which values repeat."""
        return await answer_pretty(request, lambda deadline: [envelope(_MIN_STEP_MS, 0)])

    async def _family(
        self,
        request: web.Request,
        name: str,
        text: str,
        values: Callable[[Windows], npt.NDArray[np.float64]],
    ) -> web.Response:
        query = read_performance_query(request.query, self._backend.now_ns())
        prefix, suffix = (
            ("service_operation", "service & operation")
            if query.by_operation
            else ("service", "service")
        )

        def work(deadline: Deadline) -> list[bytes]:
            metrics: list[msgspec.Raw] = []
            if query.points_ns:
                tables = self._backend.graph.operation_steps(
                    query.from_ns,
                    query.to_ns,
                    query.interval_ns,
                    timeout_s=deadline.remaining(),
                )
                found = windows(tables, query)
                metrics = _metrics(query, found.labels, values(found))
            family = _MetricFamily(f"{prefix}_{name}", f"{text}, grouped by {suffix}", metrics)
            return [msgspec.json.encode(family)]

        return await answer_pretty(request, work)


def _metrics(
    query: PerformanceQuery, labels: tuple[Label, ...], values: npt.NDArray[np.float64]
) -> list[msgspec.Raw]:
    """Return the series, each encoded on its own: that holds the interpreter for less long."""
    timestamps = [_timestamp(point_ns) for point_ns in query.points_ns]
    metrics = []
    for label, row in zip(labels, values, strict=True):
        points = [
            _Point(_Gauge("NaN" if math.isnan(value) else value), timestamp)
            for value, timestamp in zip(row.tolist(), timestamps, strict=True)
        ]
        metrics.append(msgspec.Raw(msgspec.json.encode(_Metric(_labels(query, label), points))))
    return metrics


def _labels(query: PerformanceQuery, label: Label) -> list[_Label]:
    service = _Label("service_name", label.service)
    return [_Label("operation", label.operation), service] if query.by_operation else [service]


def _timestamp(ns: int) -> str:
    """Return RFC 3339 with milliseconds, or without a fraction if there is none."""
    text = format_time(ns)
    return text[: -len(".000000000Z" if ns % _SECOND_NS == 0 else "000000Z")] + "Z"
