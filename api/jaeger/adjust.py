"""What Jaeger changes in a trace when it is read, in Jaeger's order.

Follows ``cmd/jaeger/internal/extension/jaegerquery/internal/adjuster/standard.go``.
"""

from __future__ import annotations

from collections.abc import Sequence

from api.jaeger.adjusters.adjusted_span import AdjustedSpan
from api.jaeger.adjusters.canonical_order import deduplicated, ordered, sorted_collections
from api.jaeger.adjusters.clock_skew import clock_skew
from api.jaeger.adjusters.empty_links import without_empty_links
from api.jaeger.adjusters.ip_attributes import ip_attributes
from api.jaeger.adjusters.library_attributes import library_attributes
from api.jaeger.adjusters.unique_span_ids import unique_span_ids
from api.jaeger.stored_warnings import stored_warnings
from model.span import Span

__all__ = ["AdjustedSpan", "adjust", "readjust", "unadjusted"]


def adjust(spans: Sequence[Span], *, max_clock_skew_ns: int) -> list[AdjustedSpan]:
    """Return the spans of one trace, adjusted, in order of start.

    The result does not depend on the order of ``spans``.
    """
    return readjust(unadjusted(spans), max_clock_skew_ns=max_clock_skew_ns)


def readjust(spans: Sequence[AdjustedSpan], *, max_clock_skew_ns: int) -> list[AdjustedSpan]:
    """Return spans adjusted (again): what is adjusted already comes back as it is."""
    spans = unique_span_ids(spans)
    spans = sorted_collections(spans)
    spans = deduplicated(spans)
    spans = clock_skew(spans, max_clock_skew_ns)
    spans = ip_attributes(spans)
    spans = library_attributes(spans)
    spans = without_empty_links(spans)
    return ordered(spans)


def unadjusted(spans: Sequence[Span]) -> list[AdjustedSpan]:
    """Return the spans as stored, with the warnings that they came with."""
    return [AdjustedSpan(span, stored_warnings(span)) for span in spans]
