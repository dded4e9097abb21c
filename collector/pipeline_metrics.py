"""Metrics of the spool, the decoder, the processors and the pipeline."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

__all__ = [
    "batch_spans",
    "duplicate_spans",
    "mended",
    "pipeline_lag_seconds",
    "processor_incoming",
    "processor_outgoing",
    "records_set_aside",
    "spool_backlog_bytes",
    "spool_backlog_spans",
    "spool_commit_seconds",
    "spool_failures",
    "spool_refused",
    "spool_spans",
    "spool_used_bytes",
    "store_failures",
    "write_seconds",
    "written_spans",
]

spool_spans = Counter("spanloom_spool_spans", "Spans made durable in the spool.")
spool_commit_seconds = Histogram(
    "spanloom_spool_commit_seconds",
    "Time of one group commit: compress, insert, fsync.",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5),
)
spool_refused = Counter("spanloom_spool_refused_requests", "Requests refused by a full spool.")
spool_failures = Counter("spanloom_spool_write_failures", "Group commits that failed.")
spool_backlog_spans = Gauge(
    "spanloom_spool_backlog_spans",
    "Spans in the spool that the store does not have yet.",
    multiprocess_mode="mostrecent",
)
spool_backlog_bytes = Gauge(
    "spanloom_spool_backlog_bytes",
    "Their size before compression.",
    multiprocess_mode="mostrecent",
)
spool_used_bytes = Gauge(
    "spanloom_spool_used_bytes",
    "Bytes in use in the spool files.",
    multiprocess_mode="mostrecent",
)
mended = Counter(
    "spanloom_mended_spans", "Faults of exporters that were mended, by reason.", ["reason"]
)
records_set_aside = Counter(
    "spanloom_spool_records_set_aside",
    "Spool records that could not be stored; they are in set-aside/ of the spool.",
)
processor_incoming = Counter(
    "otelcol_processor_incoming_items", "Spans that a processor was given.", ["processor"]
)
processor_outgoing = Counter(
    "otelcol_processor_outgoing_items", "Spans that a processor passed on.", ["processor"]
)
batch_spans = Histogram(
    "spanloom_store_batch_spans",
    "Spans of one transaction of the store.",
    buckets=(1, 10, 100, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000),
)
write_seconds = Histogram(
    "spanloom_store_write_seconds",
    "Time of one transaction of the store.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)
written_spans = Counter("otelcol_exporter_sent_spans", "Spans written to the store.", ["exporter"])
store_failures = Counter(
    "otelcol_exporter_send_failed_requests",
    "Transactions that the store could not take; they are tried again.",
    ["exporter"],
)
duplicate_spans = Counter(
    "spanloom_store_duplicate_spans", "Spans that the store had already (retries of clients)."
)
pipeline_lag_seconds = Gauge(
    "spanloom_pipeline_lag_seconds",
    "Age of the oldest span of the last batch, from its commit in the spool to the store.",
    multiprocess_mode="mostrecent",
)
