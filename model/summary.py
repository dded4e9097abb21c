"""A trace in one line: what a search shows."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ServiceCount", "SpanOutline", "TraceSummary"]


@dataclass(frozen=True, slots=True)
class SpanOutline:
    """The few fields of a span that a summary needs (see :class:`model.span.Span`)."""

    span_id: str
    parent_span_id: str
    service_name: str
    name: str
    kind: int
    start_ns: int
    duration_ns: int
    is_error: bool


@dataclass(frozen=True, slots=True)
class ServiceCount:
    """How many spans of a trace one service made, and how many of them are errors."""

    service_name: str
    span_count: int
    error_count: int


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """A trace in one line.

    Attributes:
        start_ns: earliest start of its stored spans.
        duration_ns: latest end minus ``start_ns``.
        root_service, root_operation: of the earliest root; of the earliest span when
            no root is stored (then ``root_missing`` is true).
        services: by span count, then name.
        missing_span_count: distinct parents that spans name but that are not stored.
    """

    trace_id: str
    start_ns: int
    duration_ns: int
    root_service: str
    root_operation: str
    root_missing: bool
    span_count: int
    error_count: int
    services: tuple[ServiceCount, ...]
    missing_span_count: int
