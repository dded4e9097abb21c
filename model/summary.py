"""A trace in one line: what a search shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from model.side import Side, side_of
from model.span import Span

__all__ = [
    "ServiceCount",
    "SpanOutline",
    "TraceSummary",
    "name_parents",
    "outline",
    "summarise",
]


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
        services: by span count (most first), then name.
        missing_span_count: distinct parents that spans name but that are not stored.
        orphan_span_count: spans that name such a parent; two sides of one id are one.
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
    orphan_span_count: int


def outline(span: Span) -> SpanOutline:
    """Return the fields of ``span`` that :func:`summarise` reads."""
    return SpanOutline(
        span_id=span.span_id,
        parent_span_id=span.parent_span_id,
        service_name=span.service_name,
        name=span.name,
        kind=int(span.kind),
        start_ns=span.start_ns,
        duration_ns=span.duration_ns,
        is_error=span.is_error,
    )


def summarise(trace_id: str, spans: Iterable[SpanOutline]) -> TraceSummary:
    """Summarise the spans of one trace, given in any order.

    Several reports of one span (same id and side, rule G1) count once: as an error if any of
    them is one. A span that names itself as its parent is a root (rule G10).
    Raises ValueError if there is no span.
    """
    counted = _one_each(spans)
    if not counted:
        raise ValueError(f"trace {trace_id} has no span to summarise")
    parents = name_parents((span.span_id, span.parent_span_id) for span in counted)
    callers = {span.span_id: span for span in reversed(counted)}
    roots = [span for span_id, span in callers.items() if parents[span_id] in ("", span_id)]
    root = min(roots or counted, key=_earliest_then_longest)
    start_ns = min(span.start_ns for span in counted)
    missing = [parent for parent in parents.values() if parent and parent not in parents]
    return TraceSummary(
        trace_id=trace_id,
        start_ns=start_ns,
        duration_ns=max(span.start_ns + span.duration_ns for span in counted) - start_ns,
        root_service=root.service_name,
        root_operation=root.name,
        root_missing=not roots,
        span_count=len(counted),
        error_count=sum(span.is_error for span in counted),
        services=_services(counted),
        missing_span_count=len(set(missing)),
        orphan_span_count=len(missing),
    )


def name_parents(spans: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the parent id that is named for each span id.

    The two sides of a shared id have one parent. The first side to name one, other than their
    own id, decides.

    Args:
        spans: pairs of span id and parent id, for each span id from the client to the server.
    """
    found: dict[str, str] = {}
    for span_id, parent_id in spans:
        known = found.setdefault(span_id, parent_id)
        if known in ("", span_id) and parent_id not in ("", span_id):
            found[span_id] = parent_id
    return found


def _one_each(spans: Iterable[SpanOutline]) -> list[SpanOutline]:
    """Return each span once, by id and then from the client to the server."""
    found: dict[tuple[str, Side], SpanOutline] = {}
    for span in spans:
        identity = (span.span_id, side_of(span.kind))
        known = found.get(identity)
        found[identity] = span if known is None else _merge(known, span)
    return [found[identity] for identity in sorted(found)]


def _merge(one: SpanOutline, other: SpanOutline) -> SpanOutline:
    end_ns = max(one.start_ns + one.duration_ns, other.start_ns + other.duration_ns)
    start_ns = min(one.start_ns, other.start_ns)
    # The greater text of two is arbitrary, but it is the same in any order, and never empty
    # where one of them is not.
    return replace(
        one,
        parent_span_id=max(one.parent_span_id, other.parent_span_id),
        service_name=max(one.service_name, other.service_name),
        name=max(one.name, other.name),
        kind=max(one.kind, other.kind),
        start_ns=start_ns,
        duration_ns=end_ns - start_ns,
        is_error=one.is_error or other.is_error,
    )


def _earliest_then_longest(span: SpanOutline) -> tuple[int, int, str, int]:
    return span.start_ns, -span.duration_ns, span.span_id, span.kind


def _services(spans: Iterable[SpanOutline]) -> tuple[ServiceCount, ...]:
    counts: dict[str, list[int]] = {}
    for span in spans:
        count = counts.setdefault(span.service_name, [0, 0])
        count[0] += 1
        count[1] += span.is_error
    ordered = sorted(counts.items(), key=lambda item: (-item[1][0], item[0]))
    return tuple(ServiceCount(name, total, errors) for name, (total, errors) in ordered)
