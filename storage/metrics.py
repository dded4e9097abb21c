"""Metrics of what the store does by itself; the pipeline counts and times the writes."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

__all__ = [
    "CHECKPOINTS_PUT_OFF",
    "DATABASE_RESETS",
    "REDUCED_KEYS",
    "RETENTION_DELETED_SPANS",
    "ROLLED_MINUTES",
    "ROLLUP_LATE_TRACES",
    "ROLLUP_PENDING_MINUTES",
    "ROLLUP_SECONDS",
]

RETENTION_DELETED_SPANS = Counter(
    "spanloom_store_spans_deleted", "Spans deleted by the retention.", ["reason"]
)
DATABASE_RESETS = Counter(
    "spanloom_store_resets", "Times that the database was closed to be opened anew after a failure."
)
CHECKPOINTS_PUT_OFF = Counter(
    "spanloom_store_checkpoints_put_off",
    "Checkpoints after a retention run that could not run because of open transactions.",
)
ROLLUP_SECONDS = Histogram(
    "spanloom_rollup_seconds",
    "Time of one run of the rollups that had something to do.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
ROLLED_MINUTES = Counter(
    "spanloom_rollup_minutes",
    "Minutes of the graph that were rolled up: new, or corrected by late spans.",
    ["reason"],
)
ROLLUP_PENDING_MINUTES = Gauge(
    "spanloom_rollup_pending_minutes",
    "Settled minutes that are still to be rolled up or corrected.",
    multiprocess_mode="mostrecent",
)
ROLLUP_LATE_TRACES = Counter(
    "spanloom_rollup_late_traces",
    "Traces with spans that came too late for the graph: the retention had been at their minute.",
)
REDUCED_KEYS = Counter(
    "spanloom_rollup_reduced_keys",
    "Edges and operations that lost detail because a period had too many of them.",
)
