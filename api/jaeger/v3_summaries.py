"""Summaries of traces as the v3 API writes them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from model.summary import TraceSummary

__all__ = ["SummariesDocument", "summaries_document"]


class _ServiceSummary(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    name: str
    span_count: int = 0
    error_span_count: int = 0


class _Summary(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A trace; times are decimal nanoseconds since the epoch, what is zero or empty is absent."""

    trace_id: str
    min_start_time_unix_nano: str
    max_end_time_unix_nano: str
    services: list[_ServiceSummary]
    root_service_name: str = ""
    root_operation_name: str = ""
    span_count: int = 0
    error_span_count: int = 0
    orphan_span_count: int = 0


class SummariesDocument(msgspec.Struct, frozen=True):
    """What ``/api/v3/trace-summaries`` answers."""

    summaries: list[_Summary]


def summaries_document(summaries: Iterable[TraceSummary]) -> SummariesDocument:
    """Return the answer with these traces, in their order.

    Error spans are those of rule G34: status ERROR, or Envoy's tag ``error``, which it sets
    without the status when there was no response. A trace without its root names none.
    """
    return SummariesDocument([_summary(summary) for summary in summaries])


def _summary(summary: TraceSummary) -> _Summary:
    return _Summary(
        trace_id=summary.trace_id,
        min_start_time_unix_nano=str(summary.start_ns),
        max_end_time_unix_nano=str(summary.start_ns + summary.duration_ns),
        services=sorted(
            (
                _ServiceSummary(service.service_name, service.span_count, service.error_count)
                for service in summary.services
            ),
            key=lambda service: service.name,
        ),
        root_service_name="" if summary.root_missing else summary.root_service,
        root_operation_name="" if summary.root_missing else summary.root_operation,
        span_count=summary.span_count,
        error_span_count=summary.error_count,
        orphan_span_count=summary.orphan_span_count,
    )
