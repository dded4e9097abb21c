"""The JSON document of two traces, or sets, side by side, as ``openapi.yaml`` declares it."""

from __future__ import annotations

import msgspec

from api.documents import kind_word
from api.times import format_duration
from api.trace_sample import Chosen
from model.trace_comparison import AlignedSpan, Change, SideFigures, TraceComparison

__all__ = ["TraceComparisonDocument", "trace_comparison_document"]


class OutcomeDocument(msgspec.Struct, frozen=True):
    """How most spans of a side ended."""

    error: bool
    code: str
    response_flags: str


class SideFiguresDocument(msgspec.Struct, frozen=True):
    """What one side has at a place."""

    traces: int
    duration: str
    duration_nano: str
    self_time: str
    self_time_nano: str
    critical_time: str
    critical_time_nano: str
    offset: str
    offset_nano: str
    error_count: int
    outcome: OutcomeDocument
    trace_id: str
    span_id: str


class AlignedSpanDocument(msgspec.Struct, frozen=True):
    """A place in the merged tree."""

    service: str
    operation: str
    kind: str
    ordinal: int
    parent_index: int | None
    depth: int
    change: str
    difference_nano: str
    status_changed: bool
    a: SideFiguresDocument | None
    b: SideFiguresDocument | None


class ComparedTracesDocument(msgspec.Struct, frozen=True):
    """One side."""

    trace_ids: list[str]
    is_complete: bool
    too_large_traces: int
    duration: str
    duration_nano: str


class TraceComparisonDocument(msgspec.Struct, frozen=True):
    """Answer of ``/traces/compare``."""

    a: ComparedTracesDocument
    b: ComparedTracesDocument
    difference_nano: str
    new: list[int]
    missing: list[int]
    slower: list[int]
    faster: list[int]
    status_changed: list[int]
    spans: list[AlignedSpanDocument]


def trace_comparison_document(
    comparison: TraceComparison, a: Chosen, b: Chosen
) -> TraceComparisonDocument:
    """Encode a comparison."""
    return TraceComparisonDocument(
        a=_compared(a, comparison.a_duration_ns),
        b=_compared(b, comparison.b_duration_ns),
        difference_nano=str(comparison.b_duration_ns - comparison.a_duration_ns),
        new=comparison.tops(Change.NEW),
        missing=comparison.tops(Change.MISSING),
        slower=comparison.tops(Change.SLOWER),
        faster=comparison.tops(Change.FASTER),
        status_changed=comparison.status_changes(),
        spans=[_aligned(span) for span in comparison.spans],
    )


def _compared(chosen: Chosen, duration_ns: int) -> ComparedTracesDocument:
    return ComparedTracesDocument(
        [summary.trace_id for summary in chosen.summaries],
        chosen.is_complete,
        chosen.too_large,
        format_duration(duration_ns),
        str(duration_ns),
    )


def _aligned(span: AlignedSpan) -> AlignedSpanDocument:
    return AlignedSpanDocument(
        service=span.key.service,
        operation=span.key.operation,
        kind=kind_word(span.key.kind),
        ordinal=span.ordinal,
        parent_index=span.parent,
        depth=span.depth,
        change=span.change.value,
        difference_nano=str(span.difference_ns),
        status_changed=span.status_changed,
        a=_figures(span.a),
        b=_figures(span.b),
    )


def _figures(side: SideFigures | None) -> SideFiguresDocument | None:
    if side is None:
        return None
    return SideFiguresDocument(
        traces=side.traces,
        duration=format_duration(side.duration_ns),
        duration_nano=str(side.duration_ns),
        self_time=format_duration(side.self_time_ns),
        self_time_nano=str(side.self_time_ns),
        critical_time=format_duration(side.critical_time_ns),
        critical_time_nano=str(side.critical_time_ns),
        offset=format_duration(side.offset_ns),
        offset_nano=str(side.offset_ns),
        error_count=side.errors,
        outcome=OutcomeDocument(side.outcome.error, side.outcome.code, side.outcome.flags),
        trace_id=side.trace_id,
        span_id=side.span_id,
    )
