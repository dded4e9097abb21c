"""The JSON document of traffic: rates, errors, latencies, outcomes.

Latencies are milliseconds and shares percent, as numbers: they come from histograms.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import msgspec

from api.times import format_time
from model.graph.view import Exemplar, Latency, Traffic
from model.response_flags import parse_response_flags

__all__ = [
    "ExemplarsDocument",
    "LatencyDocument",
    "OutcomeDocument",
    "TrafficDocument",
    "TrafficDocuments",
    "exemplars_document",
    "latency_document",
]

_MILLISECOND_NS = 1e6


class LatencyDocument(msgspec.Struct, frozen=True, gc=False):
    """Milliseconds."""

    count: float
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


class OutcomeDocument(msgspec.Struct, frozen=True, gc=False):
    """Calls that ended alike."""

    protocol: str
    code: str
    flags: str
    grpc_status: str
    host: str
    calls: int
    errors: int
    percent: float
    flags_meaning: str


class SlowestDocument(msgspec.Struct, frozen=True, gc=False):
    """The trace with the longest call."""

    trace_id: str
    duration_ms: float


class LatestErrorDocument(msgspec.Struct, frozen=True, gc=False):
    """The trace with the latest call in error."""

    trace_id: str
    time: str
    time_unix_nano: str


class ExemplarsDocument(msgspec.Struct, frozen=True, gc=False):
    """Traces that show it."""

    slowest: SlowestDocument | None
    latest_error: LatestErrorDocument | None


class TrafficDocument(msgspec.Struct, frozen=True, gc=False):
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


TrafficValues: TypeAlias = tuple[
    int,
    int,
    float,
    float,
    float,
    int,
    float,
    float,
    int,
    int,
    float,
    float,
    LatencyDocument | None,
    LatencyDocument | None,
    LatencyDocument | None,
    float | None,
    list[OutcomeDocument],
    ExemplarsDocument,
]
"""The fields of a :class:`TrafficDocument`, in their order."""


class TrafficDocuments:
    """Encodes traffic, each once: nodes and edges of a graph share much of it.

    Args:
        seconds: length of the graph's window.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        # By identity: the graph that is encoded holds its traffic as long as this is used.
        self._values: dict[int, TrafficValues] = {}

    def values(self, traffic: Traffic) -> TrafficValues:
        """Return what a :class:`TrafficDocument` and what is derived from it begin with."""
        found = self._values.get(id(traffic))
        if found is None:
            found = self._values[id(traffic)] = _values(traffic, self._seconds)
        return found

    def document(self, traffic: Traffic | None) -> TrafficDocument | None:
        """Return the document of traffic, if there is any."""
        return None if traffic is None else TrafficDocument(*self.values(traffic))


def _values(traffic: Traffic, seconds: float) -> TrafficValues:
    # Unpacked, for fields of named tuples take longer to ask for one by one.
    (
        calls,
        errors,
        estimated,
        estimated_errors,
        standard_error,
        unscaled,
        rate,
        error_ratio,
        request_bytes,
        response_bytes,
        outcomes,
        client,
        server,
        lag,
        slowest,
        latest_error,
    ) = traffic
    # Sizes are stored of sampled calls only.
    scale = estimated / calls / seconds
    between_ns = None if client is None or server is None else client.mean_ns - server.mean_ns
    return (
        calls,
        errors,
        estimated,
        estimated_errors,
        standard_error,
        unscaled,
        rate,
        100 * error_ratio,
        request_bytes,
        response_bytes,
        request_bytes * scale,
        response_bytes * scale,
        latency_document(client),
        latency_document(server),
        latency_document(lag),
        None if between_ns is None else max(0.0, between_ns) / _MILLISECOND_NS,
        [OutcomeDocument(*one[:7], 100 * one[5] / calls, _meaning(one[2])) for one in outcomes],
        exemplars_document(slowest, latest_error),
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
    total, mean_ns, p50_ns, p95_ns, p99_ns = latency
    return LatencyDocument(
        total,
        mean_ns / _MILLISECOND_NS,
        p50_ns / _MILLISECOND_NS,
        p95_ns / _MILLISECOND_NS,
        p99_ns / _MILLISECOND_NS,
    )


@lru_cache(maxsize=256)  # there are few combinations
def _meaning(flags: str) -> str:
    return "; ".join(flag.meaning for flag in parse_response_flags(flags) if flag.meaning)


def _slowest(exemplar: Exemplar | None) -> SlowestDocument | None:
    if exemplar is None:
        return None
    return SlowestDocument(exemplar.trace_id, exemplar.value_ns / _MILLISECOND_NS)


def _latest_error(exemplar: Exemplar | None) -> LatestErrorDocument | None:
    if exemplar is None:
        return None
    return LatestErrorDocument(
        exemplar.trace_id, format_time(exemplar.value_ns), str(exemplar.value_ns)
    )
