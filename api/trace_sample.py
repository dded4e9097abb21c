"""A bounded number of traces to look into, taken from all over a window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from api.queries import Deadline
from model.query import TraceQuery
from model.summary import TraceSummary
from model.trace import Trace, assemble
from storage.interface import SpanReader

__all__ = ["Chosen", "TraceSampler"]

_SLICES = 10
_SPANS_AT_A_TIME = 5_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """The traces that an answer is made of.

    Attributes:
        summaries: of the traces.
        too_large: further traces, left out because of their number of spans.
        is_complete: whether nothing that matches was left out.
    """

    summaries: tuple[TraceSummary, ...]
    too_large: int
    is_complete: bool


class TraceSampler:
    """Chooses traces and assembles them.

    Args:
        reader: the store.
        max_spans: that one answer assembles.
    """

    def __init__(self, reader: SpanReader, max_spans: int) -> None:
        self._reader = reader
        self._max_spans = max_spans

    def choose(self, query: TraceQuery, limit: int, deadline: Deadline) -> Chosen:
        """Return up to ``limit`` traces that match, spread over the window if there are more."""
        page = self._reader.find_traces(replace(query, limit=limit), timeout_s=deadline.remaining())
        if page.next is None:
            return self.bounded(page.summaries, is_complete=True)
        found: dict[str, TraceSummary] = {}
        width_ns = max(1, -(-(query.to_ns - query.from_ns) // _SLICES))
        for start_ns in range(query.from_ns, query.to_ns, width_ns):
            end_ns = min(start_ns + width_ns, query.to_ns)
            part = replace(query, from_ns=start_ns, to_ns=end_ns, limit=max(1, limit // _SLICES))
            summaries = self._reader.find_traces(part, timeout_s=deadline.remaining()).summaries
            found.update((summary.trace_id, summary) for summary in summaries)
        # Where slices had fewer, the newest fill up.
        for summary in page.summaries:
            found.setdefault(summary.trace_id, summary)
        return self.bounded(tuple(found.values())[:limit], is_complete=False)

    def bounded(self, summaries: Sequence[TraceSummary], *, is_complete: bool) -> Chosen:
        """Return as many of the traces as may be assembled."""
        taken: list[TraceSummary] = []
        left = self._max_spans
        for summary in summaries:
            if summary.span_count <= left:
                left -= summary.span_count
                taken.append(summary)
        too_large = len(summaries) - len(taken)
        return Chosen(tuple(taken), too_large, is_complete and not too_large)

    def assembled(
        self, chosen: Chosen, deadline: Deadline, *, adjust_clock_skew: bool
    ) -> Iterator[Trace]:
        """Yield the traces, one at a time; such as the retention took meanwhile are left out."""
        for trace_ids in _batches(chosen.summaries):
            found = self._reader.get_traces(trace_ids, timeout_s=deadline.remaining())
            for trace_id, spans in sorted(found.items()):
                deadline.remaining()  # assembling is what takes time
                yield assemble(trace_id, spans, adjust_clock_skew=adjust_clock_skew)


def _batches(summaries: Sequence[TraceSummary]) -> Iterator[list[str]]:
    batch: list[str] = []
    spans = 0
    for summary in summaries:
        if batch and spans + summary.span_count > _SPANS_AT_A_TIME:
            yield batch
            batch, spans = [], 0
        batch.append(summary.trace_id)
        spans += summary.span_count
    if batch:
        yield batch
