"""Searching newest first, exactly, without looking at more than it takes.

Spans are scanned in slices of time, newest slice first. A trace whose matching spans all start
before a slice started before it too. So once enough traces are found that started within what
was scanned, no trace that is still unseen can come before them, and the scan ends. In the same
way a slice gives only its latest candidates at first: a trace starts no later than any of its
matching spans, so what was left out starts at or before the bound that comes with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from model.query import TraceQuery

__all__ = ["Candidates", "FoundTrace", "Page", "Piece", "Slice", "search", "slices"]

_FIRST_SLICE_SPANS = 50_000
_LEAST_SLICE_NS = 10_000_000
_GROWTH = 8
_CANDIDATES_PER_TRACE = 3


@dataclass(frozen=True, slots=True)
class Slice:
    """A half-open range of span starts (ns).

    Attributes:
        newer: the slice lies after the position at which the page begins, so only traces that
            began before it matter.
    """

    from_ns: int
    to_ns: int
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A row of the table ``traces``: ``span_count`` spans of a trace, from ``first_seq`` on."""

    trace_id: UUID
    first_seq: int
    span_count: int
    start_ns: int
    end_ns: int


@dataclass(slots=True)
class FoundTrace:
    """A trace and its pieces."""

    trace_id: UUID
    start_ns: int
    end_ns: int
    pieces: list[Piece]

    @property
    def position(self) -> tuple[int, UUID]:
        """Where it stands in the order of a search, the last first."""
        return self.start_ns, self.trace_id


@dataclass(frozen=True, slots=True)
class Candidates:
    """All pieces of the traces that match in a slice, or of the latest of them.

    Attributes:
        bound_ns: traces that were left out start at or before it; None if none was.
    """

    pieces: list[Piece]
    bound_ns: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of traces, newest first; ``more`` if another page follows."""

    traces: list[FoundTrace]
    more: bool


def slices(
    query: TraceQuery,
    oldest_ns: int,
    newest_ns: int,
    spans: int,
    *,
    whole: bool = False,
) -> Iterator[Slice]:
    """Cut the query's window, as far as spans are stored, into slices from new to old.

    The first slice holds about 50,000 spans if they come evenly; each next is 8 times as long.
    ``whole`` cuts only where the page begins.
    """
    from_ns = max(query.from_ns, oldest_ns)
    to_ns = min(query.to_ns, newest_ns + 1)
    if query.after is not None and from_ns < to_ns:
        cut_ns = min(max(query.after.start_ns + 1, from_ns), to_ns)
        if cut_ns < to_ns:
            yield Slice(cut_ns, to_ns, newer=True)
        to_ns = cut_ns
    covered_ns = max(newest_ns - oldest_ns, 1)
    width_ns = max(_LEAST_SLICE_NS, covered_ns * _FIRST_SLICE_SPANS // max(spans, 1))
    if whole:
        width_ns = max(width_ns, to_ns - from_ns)
    while from_ns < to_ns:
        # A last slice that would be shorter than this one is not worth a query of its own.
        start_ns = to_ns - width_ns if to_ns - from_ns > 2 * width_ns else from_ns
        yield Slice(start_ns, to_ns)
        to_ns = start_ns
        width_ns *= _GROWTH


def search(
    query: TraceQuery,
    parts: Iterable[Slice],
    find: Callable[[Slice, int | None], Candidates],
) -> Page:
    """Return the page of ``query``.

    ``find`` gives the candidates of a slice, at most as many as it is told (None for all).
    """
    found: dict[UUID, FoundTrace] = {}
    for part in parts:
        count = None if part.newer else (query.limit + 1) * _CANDIDATES_PER_TRACE
        while True:
            candidates = find(part, count)
            found.update(_wanted(query, candidates.pieces))
            floor_ns = part.from_ns
            if candidates.bound_ns is not None:
                floor_ns = max(floor_ns, candidates.bound_ns + 1)
            certain = sum(trace.start_ns >= floor_ns for trace in found.values())
            if certain > query.limit and not part.newer:
                return _page(query, found)
            if candidates.bound_ns is None or count is None:
                break
            count *= _GROWTH
    return _page(query, found)


def _wanted(query: TraceQuery, pieces: list[Piece]) -> dict[UUID, FoundTrace]:
    traces: dict[UUID, FoundTrace] = {}
    for piece in pieces:
        trace = traces.get(piece.trace_id)
        if trace is None:
            trace = FoundTrace(piece.trace_id, piece.start_ns, piece.end_ns, [])
            traces[piece.trace_id] = trace
        trace.start_ns = min(trace.start_ns, piece.start_ns)
        trace.end_ns = max(trace.end_ns, piece.end_ns)
        trace.pieces.append(piece)
    return {trace_id: trace for trace_id, trace in traces.items() if _is_wanted(query, trace)}


def _is_wanted(query: TraceQuery, trace: FoundTrace) -> bool:
    after = query.after
    return after is None or trace.position < (after.start_ns, UUID(after.trace_id))


def _page(query: TraceQuery, found: dict[UUID, FoundTrace]) -> Page:
    ordered = sorted(found.values(), key=lambda trace: trace.position, reverse=True)
    return Page(ordered[: query.limit], more=len(ordered) > query.limit)
