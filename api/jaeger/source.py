"""Traces for Jaeger's APIs: whole, newest first, and adjusted as Jaeger does on reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from api.jaeger.adjust import AdjustedSpan, adjust, unadjusted
from api.jaeger.config import JaegerConfig
from api.jaeger.search import Search, trace_query
from api.queries import Deadline
from model.summary import TraceSummary
from storage.interface import SpanReader

__all__ = ["Found", "JaegerTrace", "TraceSource"]

_SECOND_NS = 1_000_000_000
_SPANS_PER_READ = 2000
"""Traces are read in groups of about this many spans, so that the first one is answered early."""


@dataclass(frozen=True, slots=True)
class JaegerTrace:
    """A whole trace; ``trace_id`` is 32 hex digits, ``spans`` are in order of start."""

    trace_id: str
    spans: list[AdjustedSpan]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        summaries: of the traces in the answer, newest first.
        left_out: how many more of the traces within the limit were left out, the oldest, because
            the answer would have too many spans.
        traces: those of ``summaries``, read as they are asked for; once only.
    """

    summaries: Sequence[TraceSummary]
    left_out: int
    traces: Iterator[JaegerTrace]


class TraceSource:
    """The one way from a client's wish to traces. Methods block: call them on a query thread.

    Args:
        reader: the store.
        config: limits.
    """

    def __init__(self, reader: SpanReader, config: JaegerConfig) -> None:
        self._reader = reader
        self._config = config

    def search(self, search: Search, deadline: Deadline) -> Found:
        """Find the newest traces. Raises QueryTimeout and StoreUnavailable, also while reading."""
        summaries = self.summaries(search, deadline)
        sizes = accumulate(summary.span_count for summary in summaries)
        fitting = sum(size <= self._config.max_spans for size in sizes)
        # A trace that is larger than the limit by itself is answered all the same.
        number = max(fitting, min(1, len(summaries)))
        answered = summaries[:number]
        return Found(
            answered, len(summaries) - number, self._read(answered, deadline, raw=search.raw)
        )

    def summaries(self, search: Search, deadline: Deadline) -> Sequence[TraceSummary]:
        """Find the newest traces, in one line each."""
        query = trace_query(search, self._config)
        return self._reader.find_traces(query, timeout_s=deadline.remaining()).summaries

    def traces(
        self, trace_ids: Sequence[str], deadline: Deadline, *, raw: bool = False
    ) -> dict[str, JaegerTrace]:
        """Return those of the traces (ids of 32 hex digits) that are stored."""
        found = self._reader.get_traces(trace_ids, timeout_s=deadline.remaining())
        skew_ns = round(self._config.max_clock_skew_s * _SECOND_NS)
        return {
            trace_id: JaegerTrace(
                trace_id,
                unadjusted(spans) if raw else adjust(spans, max_clock_skew_ns=skew_ns),
            )
            for trace_id, spans in found.items()
        }

    def _read(
        self, summaries: Sequence[TraceSummary], deadline: Deadline, *, raw: bool
    ) -> Iterator[JaegerTrace]:
        for group in _grouped(summaries):
            found = self.traces(group, deadline, raw=raw)
            # One that the retention deleted in between is gone.
            yield from (found[trace_id] for trace_id in group if trace_id in found)


def _grouped(summaries: Sequence[TraceSummary]) -> Iterator[list[str]]:
    group: list[str] = []
    spans = 0
    for summary in summaries:
        group.append(summary.trace_id)
        spans += summary.span_count
        if spans >= _SPANS_PER_READ:
            yield group
            group, spans = [], 0
    if group:
        yield group
