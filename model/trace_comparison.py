"""Two traces, or two sets of traces, laid over each other: what is new, missing, slower.

Spans are aligned by their path from the root: each step is (service, operation, kind) and which
of its like siblings it is, by start. So a retry or the third of three equal calls stands beside
its counterpart, and one more call is new without moving the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median_low

from model.attributes import Attributes
from model.span import SpanKind
from model.trace import Trace, TraceNode

__all__ = [
    "AlignedSpan",
    "Change",
    "Outcome",
    "SideFigures",
    "StepKey",
    "TraceComparison",
    "compare_traces",
]

_NO_PARENT = -1

# What counts as slower or faster: more than this part of the span's own duration in A, and more
# than this part of the longer side's end-to-end time.
_OF_ITSELF = 10
_OF_THE_WHOLE = 1000


class Change(StrEnum):
    """How B differs from A at one place; SAME if the durations differ by nothing that matters."""

    NEW = "new"
    MISSING = "missing"
    SLOWER = "slower"
    FASTER = "faster"
    SAME = "same"


@dataclass(frozen=True, slots=True, order=True)
class StepKey:
    """One step of a path; all empty for a span that is not stored.

    Attributes:
        service: ``service.name`` as sent.
    """

    service: str
    operation: str
    kind: SpanKind


@dataclass(frozen=True, slots=True, order=True)
class Outcome:
    """How a span ended.

    Attributes:
        error: rule G34.
        code: gRPC status if there is one, else HTTP status; empty when not sent.
        flags: Envoy's response flags as sent; empty when there are none.
    """

    error: bool
    code: str
    flags: str


@dataclass(frozen=True, slots=True)
class SideFigures:
    """What one side has at an aligned place. Durations are the (low) medians, nanoseconds.

    Attributes:
        traces: traces of the side that have the span.
        duration_ns, self_time_ns, critical_time_ns: of the span; critical time as
            :attr:`model.trace.TraceNode.critical_time_ns`.
        offset_ns: start after the start of the trace.
        errors: spans in error.
        outcome: the most frequent one.
        trace_id, span_id: of the slowest span, as an example.
    """

    traces: int
    duration_ns: int
    self_time_ns: int
    critical_time_ns: int
    offset_ns: int
    errors: int
    outcome: Outcome
    trace_id: str
    span_id: str


@dataclass(frozen=True, slots=True)
class AlignedSpan:
    """A place in the merged tree.

    Attributes:
        key: the last step of its path.
        ordinal: which of its like siblings it is, from 0.
        parent: index in :attr:`TraceComparison.spans`, less than its own; None for a root.
        depth: 0 for a root.
        a, b: the two sides; None where the side does not have it. Not both are None.
        change: how B differs from A.
        difference_ns: B's duration less A's; of a new span its duration, of a missing one the
            negative of it.
        status_changed: both have it and end most often in different ways.
    """

    key: StepKey
    ordinal: int
    parent: int | None
    depth: int
    a: SideFigures | None
    b: SideFigures | None
    change: Change
    difference_ns: int
    status_changed: bool


@dataclass(frozen=True, slots=True)
class TraceComparison:
    """The merged tree of both sides, depth first; siblings by start.

    Attributes:
        a_traces, b_traces: how many traces each side has.
        a_duration_ns, b_duration_ns: (low) medians of the traces' durations.
        spans: every place that a side has.
    """

    a_traces: int
    b_traces: int
    a_duration_ns: int
    b_duration_ns: int
    spans: tuple[AlignedSpan, ...]

    def tops(self, change: Change) -> list[int]:
        """Return the indexes of ``change``, most time first.

        Of a new or missing subtree only its top is named.
        """
        found = [
            index
            for index, span in enumerate(self.spans)
            if span.change is change
            and not (
                change in (Change.NEW, Change.MISSING)
                and span.parent is not None
                and self.spans[span.parent].change is change
            )
        ]
        return sorted(found, key=lambda index: (-abs(self.spans[index].difference_ns), index))

    def status_changes(self) -> list[int]:
        """Return the indexes of spans whose status changed, in tree order."""
        return [index for index, span in enumerate(self.spans) if span.status_changed]


def compare_traces(a: Sequence[Trace], b: Sequence[Trace]) -> TraceComparison:
    """Lay the traces of ``a`` and ``b`` over each other. The order within a side does not matter.

    Raises ValueError if a side has no trace.
    """
    if not a or not b:
        raise ValueError("each side of a comparison has at least one trace")
    merged = _Merged()
    for trace in a:
        merged.add(trace, is_b=False)
    for trace in b:
        merged.add(trace, is_b=True)
    a_duration_ns, b_duration_ns = (
        median_low([trace.summary.duration_ns for trace in side]) for side in (a, b)
    )
    threshold_ns = max(a_duration_ns, b_duration_ns) // _OF_THE_WHOLE
    return TraceComparison(
        a_traces=len(a),
        b_traces=len(b),
        a_duration_ns=a_duration_ns,
        b_duration_ns=b_duration_ns,
        spans=tuple(merged.aligned(threshold_ns)),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    node: TraceNode
    trace_id: str
    offset_ns: int


@dataclass(slots=True)
class _Place:
    key: StepKey
    ordinal: int
    parent: int
    a: list[_Seen] = field(default_factory=list)
    b: list[_Seen] = field(default_factory=list)
    children: dict[tuple[StepKey, int], int] = field(default_factory=dict)


class _Merged:
    """The tree of all paths, as it grows trace by trace."""

    def __init__(self) -> None:
        self._places: list[_Place] = []
        self._roots: dict[tuple[StepKey, int], int] = {}

    def add(self, trace: Trace, *, is_b: bool) -> None:
        places: list[int] = []  # of the trace's nodes
        like_siblings: Counter[tuple[int, StepKey]] = Counter()
        start_ns = min(node.start_ns for node in trace.nodes)
        for node in trace.nodes:  # parents first, siblings by start
            parent = _NO_PARENT if node.parent is None else places[node.parent]
            key = _key(node)
            step = (key, like_siblings[parent, key])
            like_siblings[parent, key] += 1
            siblings = self._roots if parent == _NO_PARENT else self._places[parent].children
            place = siblings.get(step)
            if place is None:
                place = siblings[step] = len(self._places)
                self._places.append(_Place(*step, parent))
            places.append(place)
            seen = _Seen(node, trace.trace_id, node.start_ns - start_ns)
            (self._places[place].b if is_b else self._places[place].a).append(seen)

    def aligned(self, threshold_ns: int) -> Iterator[AlignedSpan]:
        numbers: dict[int, int] = {}
        depths: dict[int, int] = {_NO_PARENT: -1}
        figures = {
            index: (_figures(place.a), _figures(place.b))
            for index, place in enumerate(self._places)
        }

        def later_first(index: int) -> tuple[int, StepKey, int]:
            a, b = figures[index]
            shown = b or a
            assert shown is not None, "a place was made for a span of one side"
            place = self._places[index]
            return -shown.offset_ns, place.key, place.ordinal

        ahead = sorted(self._roots.values(), key=later_first)
        while ahead:
            index = ahead.pop()
            place = self._places[index]
            numbers[index] = len(numbers)
            depths[index] = depths[place.parent] + 1
            ahead.extend(sorted(place.children.values(), key=later_first))
            a, b = figures[index]
            change, difference_ns = _change(a, b, threshold_ns)
            yield AlignedSpan(
                key=place.key,
                ordinal=place.ordinal,
                parent=None if place.parent == _NO_PARENT else numbers[place.parent],
                depth=depths[index],
                a=a,
                b=b,
                change=change,
                difference_ns=difference_ns,
                status_changed=a is not None and b is not None and a.outcome != b.outcome,
            )


def _change(a: SideFigures | None, b: SideFigures | None, threshold_ns: int) -> tuple[Change, int]:
    if a is None:
        return Change.NEW, b.duration_ns if b is not None else 0
    if b is None:
        return Change.MISSING, -a.duration_ns
    difference_ns = b.duration_ns - a.duration_ns
    if abs(difference_ns) <= max(a.duration_ns // _OF_ITSELF, threshold_ns):
        return Change.SAME, difference_ns
    return (Change.SLOWER if difference_ns > 0 else Change.FASTER), difference_ns


def _figures(seen: Sequence[_Seen]) -> SideFigures | None:
    if not seen:
        return None
    outcomes = Counter(_outcome(each.node) for each in seen)
    slowest = max(seen, key=lambda each: (each.node.duration_ns, each.trace_id, each.node.span_id))
    return SideFigures(
        traces=len(seen),  # a path occurs at most once in a trace
        duration_ns=median_low([each.node.duration_ns for each in seen]),
        self_time_ns=median_low([each.node.self_time_ns for each in seen]),
        critical_time_ns=median_low([each.node.critical_time_ns for each in seen]),
        offset_ns=median_low([each.offset_ns for each in seen]),
        errors=sum(each.node.span is not None and each.node.span.is_error for each in seen),
        outcome=min(outcomes, key=lambda outcome: (-outcomes[outcome], outcome)),
        trace_id=slowest.trace_id,
        span_id=slowest.node.span_id,
    )


def _key(node: TraceNode) -> StepKey:
    if node.span is None:
        return StepKey("", "", SpanKind.UNSPECIFIED)
    return StepKey(node.span.service_name, node.span.name, node.span.kind)


def _outcome(node: TraceNode) -> Outcome:
    if node.span is None:
        return Outcome(error=False, code="", flags="")
    attributes = node.span.attributes
    return Outcome(
        error=node.span.is_error,
        code=_first(attributes, "rpc.grpc.status_code", "grpc.status_code")
        or _first(attributes, "http.response.status_code", "http.status_code"),
        flags=_first(attributes, "response_flags").replace("-", ""),
    )


def _first(attributes: Attributes, *keys: str) -> str:
    return next((str(attributes[key]) for key in keys if key in attributes), "")
