"""Finds the traces in which a request goes on where an application lost its trace headers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from api.queries import Deadline
from model.hops import text_of
from model.propagation.stitch import Stitched, find_links, is_served_request, stitch
from model.query import AttributeCondition, AttributeScope, Comparison, TraceQuery
from model.span import Span, SpanKind
from storage.interface import SpanReader

__all__ = ["Stitching"]

_SECOND_NS = 1_000_000_000

# Requests that take longer are rare, and finding them would read far into the past.
_LONGEST_REQUEST_NS = 60 * _SECOND_NS

_RECENT_NS = 100_000_000

_MOST_REQUESTS = 20
_MOST_NEAR_BY = 50

Traces = dict[str, list[Span]]


class Stitching:
    """Looks around the traces of a request for those that it goes on in.

    Args:
        reader: the store.
        max_spans: that may be looked at, the request's own included.
    """

    def __init__(self, reader: SpanReader, max_spans: int) -> None:
        self._reader = reader
        self._max_spans = max_spans

    def stitched(self, traces: Traces, deadline: Deadline, *, adjust_clock_skew: bool) -> Stitched:
        """Return ``traces``, of which there is at least one, read as one trace.

        Follows a request from pod to pod: at most 20 requests that a pod served, and for each the
        traces around it only if they are few enough to be sure that it was the only one.
        """
        wanted = list(traces)
        known: Traces = dict(traces)
        looked_at: set[tuple[str, str]] = set()
        reached = set(wanted)
        while len(looked_at) < _MOST_REQUESTS:
            request = self._next(known, reached, looked_at)
            if request is None:
                break
            looked_at.add((request.trace_id, request.span_id))
            known |= self._around(request, known, deadline)
            reached = _reached(known, wanted)
        return stitch(known, wanted, adjust_clock_skew=adjust_clock_skew)

    def _next(
        self, known: Traces, reached: Iterable[str], looked_at: set[tuple[str, str]]
    ) -> Span | None:
        """Return the earliest request that ends at its pod, as far as its own trace tells."""
        ends = [
            span
            for trace_id in reached
            for span in _without_calls(known[trace_id])
            if (span.trace_id, span.span_id) not in looked_at
        ]
        return min(ends, key=lambda span: (span.start_ns, span.span_id), default=None)

    def _around(self, request: Span, known: Traces, deadline: Deadline) -> Traces:
        """Return the traces that begin at the request's pod, and all that it was serving.

        Nothing if there are too many to be sure that these are all.
        """
        node = AttributeCondition(
            "node_id",
            Comparison.EQUAL,
            text_of(request.attributes, "node_id"),
            AttributeScope.SPAN,
        )
        end_ns = request.end_ns + 1
        # What began long before and is still being served has taken at least as long.
        recent_ns = max(0, request.start_ns - max(2 * request.duration_ns, _RECENT_NS))
        earliest_ns = max(0, request.start_ns - _LONGEST_REQUEST_NS)
        served = TraceQuery(
            recent_ns, end_ns, kind=SpanKind.SERVER, attributes=(node,), limit=_MOST_NEAR_BY
        )
        queries = [replace(served, from_ns=request.start_ns, kind=SpanKind.CLIENT), served]
        if earliest_ns < recent_ns:
            long_ns = request.start_ns - recent_ns
            queries.append(
                replace(served, from_ns=earliest_ns, to_ns=recent_ns, min_duration_ns=long_ns)
            )
        left = self._max_spans - sum(map(len, known.values()))
        wanted: list[str] = []
        for query in queries:
            page = self._reader.find_traces(query, timeout_s=deadline.remaining())
            if page.next is not None:
                return {}
            for summary in page.summaries:
                if summary.trace_id not in known and summary.trace_id not in wanted:
                    left -= summary.span_count
                    wanted.append(summary.trace_id)
        if left < 0 or not wanted:
            return {}
        return self._reader.get_traces(wanted, timeout_s=deadline.remaining())


def _without_calls(spans: Sequence[Span]) -> list[Span]:
    parents = {span.parent_span_id for span in spans}
    return [span for span in spans if is_served_request(span) and span.span_id not in parents]


def _reached(known: Traces, wanted: Sequence[str]) -> set[str]:
    reached = set(wanted)
    links = find_links(known)
    while further := {
        link.child_trace_id
        for link in links
        if link.parent_trace_id in reached and link.child_trace_id not in reached
    }:
        reached |= further
    return reached
