"""Metrics of the receivers. Names that Collector users know are kept as they are."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

__all__ = ["ReceiverMetrics", "in_flight_bytes", "in_flight_limit_bytes"]

_LABELS = ["receiver", "transport"]

_accepted_spans = Counter(
    "otelcol_receiver_accepted_spans", "Spans made durable and acknowledged.", _LABELS
)
_refused_spans = Counter(
    "otelcol_receiver_refused_spans",
    "Spans that the spool could not take; the client was asked to try again.",
    _LABELS,
)
_failed_spans = Counter(
    "otelcol_receiver_failed_spans",
    "Spans lost to an unexpected failure of the receiver; the client was asked to try again.",
    _LABELS,
)
_requests = Counter(
    "otelcol_receiver_requests",
    "Export requests by outcome: success, refused (the client may retry), failure.",
    [*_LABELS, "outcome"],
)
_rejected_spans = Counter(
    "spanloom_receiver_rejected_spans",
    "Spans that can never be taken, by reason; their neighbours were taken.",
    [*_LABELS, "reason"],
)
_errors = Counter(
    "spanloom_receiver_errors",
    "Requests answered with an error, by the condition of the receivers' error table.",
    [*_LABELS, "condition"],
)
_empty_requests = Counter(
    "spanloom_receiver_empty_requests", "Accepted export requests without a span in them.", _LABELS
)
_aborted_requests = Counter(
    "spanloom_receiver_aborted_requests",
    "Requests that ended before their body had arrived, or whose client had gone.",
    _LABELS,
)
_received_bytes = Counter(
    "spanloom_receiver_received_bytes", "Bytes of request bodies after decompression.", _LABELS
)
in_flight_bytes = Gauge(
    "spanloom_receiver_in_flight_bytes",
    "Bytes of request bodies in memory, from their first byte until they are on disk.",
    multiprocess_mode="livesum",
)
in_flight_limit_bytes = Gauge(
    "spanloom_receiver_in_flight_limit_bytes",
    "What the bytes of request bodies in memory may reach before requests are refused.",
    multiprocess_mode="livesum",
)

_RECEIVER = "otlp"


class ReceiverMetrics:
    """The receivers' metrics of one transport, with their labels bound once.

    Attributes:
        accepted_spans, refused_spans, failed_spans: see the metrics of these names.
        succeeded, refused, failed: ``otelcol_receiver_requests`` by outcome.
        empty, aborted, received_bytes: see the metrics of these names.
    """

    def __init__(self, transport: str) -> None:
        labels = (_RECEIVER, transport)
        self._labels = labels
        self.accepted_spans = _accepted_spans.labels(*labels)
        self.refused_spans = _refused_spans.labels(*labels)
        self.failed_spans = _failed_spans.labels(*labels)
        self.succeeded = _requests.labels(*labels, "success")
        self.refused = _requests.labels(*labels, "refused")
        self.failed = _requests.labels(*labels, "failure")
        self.empty = _empty_requests.labels(*labels)
        self.aborted = _aborted_requests.labels(*labels)
        self.received_bytes = _received_bytes.labels(*labels)

    def rejected_spans(self, reason: str) -> Counter:
        """Return the counter of spans rejected for ``reason``."""
        return _rejected_spans.labels(*self._labels, reason)

    def errors(self, condition: str) -> Counter:
        """Return the counter of requests answered with the error ``condition``."""
        return _errors.labels(*self._labels, condition)
