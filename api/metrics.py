"""What the query API counts about itself."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

__all__ = [
    "GRPC_CALLS",
    "GRPC_CALL_DURATION",
    "GRPC_RESPONSE_BYTES",
    "QUERIES_REFUSED",
    "QUERIES_RUNNING",
    "QUERIES_WAITING",
    "REQUESTS",
    "REQUEST_DURATION",
    "RESPONSE_BYTES",
]

_DURATION_BUCKETS = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1, 2.5, 5, 10, 30, 60),
)

REQUESTS = Counter(
    "spanloom_api_requests",
    "Requests answered, by route template, method and status.",
    ["route", "method", "status"],
)
REQUEST_DURATION = Histogram(
    "spanloom_api_request_duration_seconds",
    "Time from a request's arrival to its answer being ready, by route template.",
    ["route"],
    buckets=_DURATION_BUCKETS,
)
RESPONSE_BYTES = Counter(
    "spanloom_api_response_body_bytes", "Bytes of answers as sent (compressed).", ["route"]
)
GRPC_CALLS = Counter(
    "spanloom_api_grpc_calls", "gRPC calls answered, by method and status.", ["method", "code"]
)
GRPC_CALL_DURATION = Histogram(
    "spanloom_api_grpc_call_duration_seconds",
    "Time from a gRPC call's arrival to the end of its answer, by method.",
    ["method"],
    buckets=_DURATION_BUCKETS,
)
GRPC_RESPONSE_BYTES = Counter(
    "spanloom_api_grpc_response_bytes", "Bytes of messages sent, by method.", ["method"]
)
QUERIES_RUNNING = Gauge(
    "spanloom_api_queries_running",
    "Requests that a thread works on now.",
    multiprocess_mode="livesum",
)
QUERIES_WAITING = Gauge(
    "spanloom_api_queries_waiting",
    "Requests that wait for a thread now.",
    multiprocess_mode="livesum",
)
QUERIES_REFUSED = Counter(
    "spanloom_api_queries_refused", "Requests answered 503 because too many waited."
)
