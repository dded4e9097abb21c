"""The JSON document of traffic: rates, errors, latencies, outcomes.

Latencies are milliseconds and shares percent, as numbers: they come from histograms.
"""

from __future__ import annotations

import msgspec

from api.times import format_time
from model.graph.view import Exemplar, Latency, Outcome, Traffic

__all__ = [
    "ExemplarsDocument",
    "LatencyDocument",
    "OutcomeDocument",
    "TrafficDocument",
    "exemplars_document",
    "latency_document",
    "traffic_document",
]

_MILLISECOND_NS = 1e6


class LatencyDocument(msgspec.Struct, frozen=True):
    """Milliseconds."""

    count: float
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


class OutcomeDocument(msgspec.Struct, frozen=True):
    """Calls that ended alike."""

    protocol: str
    code: str
    flags: str
    grpc_status: str
    host: str
    calls: int
    errors: int
    percent: float


class SlowestDocument(msgspec.Struct, frozen=True):
    """The trace with the longest call."""

    trace_id: str
    duration_ms: float


class LatestErrorDocument(msgspec.Struct, frozen=True):
    """The trace with the latest call in error."""

    trace_id: str
    time: str
    time_unix_nano: str


class ExemplarsDocument(msgspec.Struct, frozen=True):
    """Traces that show it."""

    slowest: SlowestDocument | None
    latest_error: LatestErrorDocument | None


class TrafficDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What went over an edge, or into or out of a node."""

    calls: int
    errors: int
    estimated_calls: float
    estimated_errors: float
    standard_error: float
    unscaled_calls: int
    rate: float
    error_percent: float
    request_bytes: int
    response_bytes: int
    request_bytes_per_second: float
    response_bytes_per_second: float
    client: LatencyDocument | None
    server: LatencyDocument | None
    lag: LatencyDocument | None
    network_and_proxy_ms: float | None
    outcomes: list[OutcomeDocument]
    exemplars: ExemplarsDocument


def traffic_document(traffic: Traffic, seconds: float) -> TrafficDocument:
    """Encode traffic over so many seconds."""
    # Sizes are stored of sampled calls only.
    scale = traffic.estimated / traffic.calls / seconds
    client, server = traffic.client, traffic.server
    between_ns = None if client is None or server is None else client.mean_ns - server.mean_ns
    return TrafficDocument(
        calls=traffic.calls,
        errors=traffic.errors,
        estimated_calls=traffic.estimated,
        estimated_errors=traffic.estimated_errors,
        standard_error=traffic.standard_error,
        unscaled_calls=traffic.unscaled,
        rate=traffic.rate,
        error_percent=100 * traffic.error_ratio,
        request_bytes=traffic.request_bytes,
        response_bytes=traffic.response_bytes,
        request_bytes_per_second=traffic.request_bytes * scale,
        response_bytes_per_second=traffic.response_bytes * scale,
        client=latency_document(client),
        server=latency_document(server),
        lag=latency_document(traffic.lag),
        network_and_proxy_ms=None if between_ns is None else _milliseconds(max(0.0, between_ns)),
        outcomes=[_outcome(outcome, traffic.calls) for outcome in traffic.outcomes],
        exemplars=exemplars_document(traffic.slowest, traffic.latest_error),
    )


def exemplars_document(
    slowest: Exemplar | None, latest_error: Exemplar | None
) -> ExemplarsDocument:
    """Encode exemplars."""
    return ExemplarsDocument(_slowest(slowest), _latest_error(latest_error))


def latency_document(latency: Latency | None) -> LatencyDocument | None:
    """Encode a latency."""
    if latency is None:
        return None
    return LatencyDocument(
        latency.count,
        _milliseconds(latency.mean_ns),
        _milliseconds(latency.p50_ns),
        _milliseconds(latency.p95_ns),
        _milliseconds(latency.p99_ns),
    )


def _outcome(outcome: Outcome, calls: int) -> OutcomeDocument:
    return OutcomeDocument(
        outcome.protocol.value,
        outcome.code,
        outcome.flags,
        outcome.grpc_status,
        outcome.host,
        outcome.calls,
        outcome.errors,
        100 * outcome.calls / calls,
    )


def _slowest(exemplar: Exemplar | None) -> SlowestDocument | None:
    if exemplar is None:
        return None
    return SlowestDocument(exemplar.trace_id, _milliseconds(exemplar.value_ns))


def _latest_error(exemplar: Exemplar | None) -> LatestErrorDocument | None:
    if exemplar is None:
        return None
    return LatestErrorDocument(
        exemplar.trace_id, format_time(exemplar.value_ns), str(exemplar.value_ns)
    )


def _milliseconds(ns: float) -> float:
    return round(ns / _MILLISECOND_NS, 6)
