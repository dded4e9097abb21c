"""The JSON documents of the API, as ``openapi.yaml`` declares them, and how to fill them.

Every moment comes twice, for people (``start_time``) and exact for programs
(``start_time_unix_nano``, a string because JSON numbers lose 64-bit integers); durations alike.
"""

from __future__ import annotations

import msgspec

from api.times import format_duration, format_time
from model.span import SpanKind, StatusCode
from model.summary import TraceSummary
from storage.interface import AttributeKey, HistogramBucket, Operation, Service

__all__ = [
    "KINDS",
    "STATUSES",
    "AttributeKeyDocument",
    "AttributeKeysDocument",
    "AttributeValuesDocument",
    "BucketDocument",
    "HistogramDocument",
    "OperationDocument",
    "OperationsDocument",
    "SearchDocument",
    "ServiceCountDocument",
    "ServiceDocument",
    "ServicesDocument",
    "SummaryDocument",
    "attribute_key_document",
    "bucket_document",
    "kind_word",
    "operation_document",
    "service_document",
    "summary_document",
]

KINDS = {kind.name.lower(): kind for kind in SpanKind}
"""The words for span kinds in requests and answers."""

STATUSES = {status.name.lower(): status for status in StatusCode}
"""The words for span status in requests and answers."""

_KIND_WORDS = {kind: word for word, kind in KINDS.items()}


def kind_word(kind: int) -> str:
    """Return the word of a span kind."""
    return _KIND_WORDS[SpanKind(kind)]


class ServiceDocument(msgspec.Struct, frozen=True):
    """A service that has sent spans."""

    name: str
    service: str
    namespace: str
    cluster: str
    last_seen: str
    last_seen_unix_nano: str


class ServicesDocument(msgspec.Struct, frozen=True):
    """Answer of ``/services``."""

    services: list[ServiceDocument]


class OperationDocument(msgspec.Struct, frozen=True):
    """A span name and the kind of its spans."""

    name: str
    kind: str


class OperationsDocument(msgspec.Struct, frozen=True):
    """Answer of ``/services/{service}/operations``."""

    operations: list[OperationDocument]


class ServiceCountDocument(msgspec.Struct, frozen=True):
    """A service's share in a trace."""

    name: str
    span_count: int
    error_count: int


class SummaryDocument(msgspec.Struct, frozen=True):
    """A trace in one line; see :class:`model.summary.TraceSummary`."""

    trace_id: str
    start_time: str
    start_time_unix_nano: str
    duration: str
    duration_nano: str
    root_service: str
    root_operation: str
    root_missing: bool
    span_count: int
    error_count: int
    missing_span_count: int
    services: list[ServiceCountDocument]


class SearchDocument(msgspec.Struct, frozen=True):
    """Answer of ``/traces``.

    Attributes:
        next_cursor: asks for the next page; None on the last one.
        missing_trace_ids: ids that were asked for and are not stored.
    """

    traces: list[SummaryDocument]
    next_cursor: str | None
    missing_trace_ids: list[str]


class AttributeKeyDocument(msgspec.Struct, frozen=True):
    """An attribute key, where it occurs, and whether a search by it reads a column."""

    key: str
    scope: str
    indexed: bool


class AttributeKeysDocument(msgspec.Struct, frozen=True):
    """Answer of ``/attributes``."""

    attributes: list[AttributeKeyDocument]


class AttributeValuesDocument(msgspec.Struct, frozen=True):
    """Answer of ``/attributes/{key}/values``."""

    key: str
    values: list[str]


class BucketDocument(msgspec.Struct, frozen=True):
    """Matching spans of one stretch of time."""

    start_time: str
    start_time_unix_nano: str
    span_count: int
    error_count: int


class HistogramDocument(msgspec.Struct, frozen=True):
    """Answer of ``/search/histogram``."""

    from_time: str
    from_time_unix_nano: str
    to_time: str
    to_time_unix_nano: str
    width: str
    width_nano: str
    buckets: list[BucketDocument]


def service_document(service: Service) -> ServiceDocument:
    """Encode a service."""
    return ServiceDocument(
        name=service.name,
        service=service.service,
        namespace=service.namespace,
        cluster=service.cluster,
        last_seen=format_time(service.last_seen_ns),
        last_seen_unix_nano=str(service.last_seen_ns),
    )


def operation_document(operation: Operation) -> OperationDocument:
    """Encode an operation."""
    return OperationDocument(operation.name, kind_word(operation.kind))


def attribute_key_document(key: AttributeKey) -> AttributeKeyDocument:
    """Encode an attribute key."""
    return AttributeKeyDocument(key.key, key.scope.value, key.indexed)


def summary_document(summary: TraceSummary) -> SummaryDocument:
    """Encode a summary."""
    return SummaryDocument(
        trace_id=summary.trace_id,
        start_time=format_time(summary.start_ns),
        start_time_unix_nano=str(summary.start_ns),
        duration=format_duration(summary.duration_ns),
        duration_nano=str(summary.duration_ns),
        root_service=summary.root_service,
        root_operation=summary.root_operation,
        root_missing=summary.root_missing,
        span_count=summary.span_count,
        error_count=summary.error_count,
        missing_span_count=summary.missing_span_count,
        services=[
            ServiceCountDocument(each.service_name, each.span_count, each.error_count)
            for each in summary.services
        ],
    )


def bucket_document(bucket: HistogramBucket) -> BucketDocument:
    """Encode a bucket."""
    return BucketDocument(
        format_time(bucket.start_ns),
        str(bucket.start_ns),
        bucket.span_count,
        bucket.error_count,
    )
