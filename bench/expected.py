"""What the store must answer, computed from the template: the generator is the oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bench.mesh import SpanDraft, TraceDraft
from bench.spans import Round, Template

__all__ = ["Dataset", "StoredTrace"]


@dataclass(frozen=True, slots=True)
class StoredTrace:
    """A trace as the store must know it."""

    trace_id: str
    request_id: str
    span_ids: frozenset[str]
    error_count: int


class Dataset:
    """All rounds of a template that were sent.

    Args:
        template: what a round consists of; its ``round_ns`` is the distance of rounds.
        seed: of the load.
        base_ns: start of round 0, nanoseconds since the epoch.
        rounds: how many were sent, all of them whole.
    """

    def __init__(self, template: Template, seed: int, base_ns: int, rounds: int) -> None:
        self.template = template
        self.seed = seed
        self.base_ns = base_ns
        self.rounds = rounds
        self._longest_ns = max(
            max(span.end_ns for span in trace.spans) - trace.start_ns for trace in template.traces
        )
        self._round = cache(self._make_round)

    @property
    def span_count(self) -> int:
        """Spans in the store."""
        return self.rounds * self.template.span_count

    @property
    def trace_count(self) -> int:
        """Traces in the store."""
        return self.rounds * len(self.template.traces)

    @property
    def end_ns(self) -> int:
        """No trace starts at or after this time."""
        return self.base_ns + self.rounds * self.template.round_ns

    def trace(self, number: int) -> StoredTrace:
        """The trace with this number, counted from the oldest."""
        round_number, place = divmod(number, len(self.template.traces))
        return self._stored(self._round(round_number), self.template.traces[place])

    def newest(
        self, condition: Callable[[SpanDraft], bool], from_ns: int, to_ns: int, limit: int
    ) -> list[StoredTrace]:
        """The newest traces with a span that meets ``condition`` and starts in [from, to)."""
        matching = [
            (trace, starts)
            for trace in reversed(self.template.traces)
            if (starts := [span.start_ns for span in trace.spans if condition(span)])
        ]
        found: list[StoredTrace] = []
        for number in reversed(range(self.rounds)):
            round_ = self._round(number)
            if round_.shift_ns >= to_ns:
                continue
            for trace, starts in matching:
                if trace.start_ns + round_.shift_ns < from_ns - self._longest_ns:
                    return found
                if any(from_ns <= start + round_.shift_ns < to_ns for start in starts):
                    found.append(self._stored(round_, trace))
                    if len(found) == limit:
                        return found
        return found

    def _make_round(self, number: int) -> Round:
        return Round(self.seed, number, self.base_ns, self.template.round_ns)

    def _stored(self, round_: Round, trace: TraceDraft) -> StoredTrace:
        return StoredTrace(
            trace_id=round_.trace_id(trace),
            request_id=round_.request_id(trace),
            span_ids=frozenset(round_.span_id(span.span_id) for span in trace.spans),
            error_count=sum(span.failed for span in trace.spans),
        )
