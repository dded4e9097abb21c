"""The store's Prometheus metrics."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

__all__ = [
    "CHECKPOINTS_PUT_OFF",
    "DATABASE_RESETS",
    "DUPLICATE_SPANS",
    "RETENTION_DELETED_SPANS",
    "WRITE_SECONDS",
    "WRITTEN_SPANS",
]

WRITTEN_SPANS = Counter("spanloom_store_spans_written", "Spans stored.")
DUPLICATE_SPANS = Counter(
    "spanloom_store_spans_duplicate", "Spans not stored because they were stored already."
)
WRITE_SECONDS = Histogram(
    "spanloom_store_write_seconds",
    "Time of one write transaction, up to and including its commit.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
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
