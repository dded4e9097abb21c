"""Metrics of what the store does by itself; the pipeline counts and times the writes."""

from __future__ import annotations

from prometheus_client import Counter

__all__ = [
    "CHECKPOINTS_PUT_OFF",
    "DATABASE_RESETS",
    "RETENTION_DELETED_SPANS",
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
