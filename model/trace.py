"""A trace, assembled: its spans as a tree in reading order, with what can be told about each.

Assembly is pure and never loses a span. The order of the input and repeated spans make no
difference to the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from model.attributes import Attributes
from model.clock_skew import find_clock_skews
from model.critical_path import PathSegment, find_critical_path
from model.hops import inherit, text_of
from model.proxy_calls import ProxyCall, find_proxy_calls
from model.response_flags import ResponseFlag, parse_response_flags
from model.span import MeshIdentity, Span
from model.summary import TraceSummary, outline, summarise
from model.timeline import Timeline
from model.trace_warnings import TraceWarning, find_span_warnings, find_trace_warnings
from model.tree import NO_PARENT, Tree, build_tree

__all__ = ["CriticalPathSegment", "Trace", "TraceNode", "assemble"]


@dataclass(frozen=True, slots=True)
class CriticalPathSegment:
    """Time that one node itself spent on the critical path: ``[start_ns, end_ns)``.

    ``node`` is the node's index in :attr:`Trace.nodes`.
    """

    node: int
    span_id: str
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class TraceNode:
    """A span in its place in the trace, or a placeholder for a parent that is not stored.

    Attributes:
        span_id: of the span; for a placeholder the id that its children name.
        span: as stored, with its original times; None for a placeholder.
        parent: index of the parent in :attr:`Trace.nodes`, always less than the node's own;
            None for a root.
        depth: 0 for a root.
        child_count: children of this node.
        start_ns: nanoseconds since the epoch, corrected if clocks were adjusted; of a
            placeholder the earliest start of its children.
        duration_ns: of a placeholder the time that its children cover.
        clock_correction_ns: what was added to the start; 0 unless clocks were adjusted.
        self_time_ns: the duration without the time in which a child ran; 0 for a placeholder.
        on_critical_path: whether the critical path goes through the node.
        critical_time_ns: how much of the critical path is the node's own.
        shares_span_id: whether this is the callee's span under the caller's span id (Zipkin).
        identity: who made it; an upstream attempt has the identity of its proxy.
        inherited: attributes that an upstream attempt takes from the proxy span above it.
        proxy: the call that a proxy span is about; None for other spans.
        response_flags: Envoy's, in words.
        link_targets: for each of the span's links the index of the linked node of this trace,
            None if it is not in this trace. It may be a placeholder.
        warnings: what is odd about the span.
    """

    span_id: str
    span: Span | None
    parent: int | None
    depth: int
    child_count: int
    start_ns: int
    duration_ns: int
    clock_correction_ns: int
    self_time_ns: int
    on_critical_path: bool
    critical_time_ns: int
    shares_span_id: bool
    identity: MeshIdentity
    inherited: Attributes
    proxy: ProxyCall | None
    response_flags: tuple[ResponseFlag, ...]
    link_targets: tuple[int | None, ...]
    warnings: tuple[TraceWarning, ...]

    @property
    def end_ns(self) -> int:
        """End in nanoseconds since the epoch, corrected as ``start_ns`` is."""
        return self.start_ns + self.duration_ns


@dataclass(frozen=True, slots=True)
class Trace:
    """An assembled trace.

    Attributes:
        nodes: depth first; children by start, then span id. Every span is in it once.
        roots: indexes of the nodes without a parent, placeholders included.
        critical_path: of the main root (the earliest stored one, else the earliest
            placeholder; of equals the longest), earliest first; its segments together are
            exactly that root's time.
        clocks_adjusted: whether starts were corrected for clock skew.
        warnings: what is odd about the trace as a whole.
    """

    trace_id: str
    summary: TraceSummary
    nodes: tuple[TraceNode, ...]
    roots: tuple[int, ...]
    critical_path: tuple[CriticalPathSegment, ...]
    clocks_adjusted: bool
    warnings: tuple[TraceWarning, ...]


def assemble(trace_id: str, spans: Iterable[Span], *, adjust_clock_skew: bool = False) -> Trace:
    """Assemble the spans of one trace.

    Clock skew is always looked for and warned of; it is corrected only if asked for. Raises
    ValueError if there is no span.

    Args:
        trace_id: 32 lower-case hex digits.
        spans: of the trace, in any order, repeated or not.
        adjust_clock_skew: move spans whose clock seems to be off into their parents.
    """
    tree = build_tree(spans)
    if not len(tree):
        raise ValueError(f"trace {trace_id} has no span to assemble")
    identities, inherited = inherit(tree)
    skews = find_clock_skews(tree, identities)
    corrections = skews.corrections_ns if adjust_clock_skew else [0] * len(tree)
    timeline = Timeline(tree, corrections)
    path, on_path = find_critical_path(
        timeline.main_root(), timeline.starts_ns, timeline.ends_ns, timeline.waited_for
    )
    order = timeline.depth_first()
    places = [0] * len(tree)
    for place, index in enumerate(order):
        places[index] = place
    warnings = find_span_warnings(tree, identities, skews)
    facts = _Facts(
        trace_id=trace_id,
        tree=tree,
        timeline=timeline,
        places=places,
        # The last member of an id owns its children, and is what a link means.
        place_by_span_id=dict(zip(tree.span_ids, places, strict=True)),
        depths=timeline.depths(),
        corrections=corrections,
        critical_times=_critical_times(path),
        on_path=on_path,
        identities=identities,
        inherited=inherited,
        calls=find_proxy_calls(tree, identities, inherited),
        warnings=warnings,
    )
    return Trace(
        trace_id=trace_id,
        summary=summarise(trace_id, (outline(span) for span in tree.spans if span is not None)),
        nodes=tuple(facts.node(index) for index in order),
        roots=tuple(sorted(places[index] for index in tree.roots)),
        critical_path=tuple(
            CriticalPathSegment(
                places[segment.index],
                tree.span_ids[segment.index],
                segment.start_ns,
                segment.end_ns,
            )
            for segment in path
        ),
        clocks_adjusted=adjust_clock_skew,
        warnings=find_trace_warnings(tree, warnings),
    )


def _critical_times(path: Iterable[PathSegment]) -> dict[int, int]:
    times: dict[int, int] = {}
    for segment in path:
        times[segment.index] = times.get(segment.index, 0) + segment.end_ns - segment.start_ns
    return times


_NOTHING: Attributes = {}


@dataclass(frozen=True, slots=True)
class _Facts:
    """All that is known of a trace's members, in columns; a node is a row."""

    trace_id: str
    tree: Tree
    timeline: Timeline
    places: list[int]
    place_by_span_id: dict[str, int]
    depths: list[int]
    corrections: list[int]
    critical_times: Mapping[int, int]
    on_path: set[int]
    identities: list[MeshIdentity]
    inherited: Mapping[int, Attributes]
    calls: Mapping[int, ProxyCall]
    warnings: Mapping[int, tuple[TraceWarning, ...]]

    def node(self, index: int) -> TraceNode:
        span, parent = self.tree.spans[index], self.tree.parents[index]
        start_ns = self.timeline.starts_ns[index]
        return TraceNode(
            span_id=self.tree.span_ids[index],
            span=span,
            parent=None if parent == NO_PARENT else self.places[parent],
            depth=self.depths[index],
            child_count=len(self.tree.children[index]),
            start_ns=start_ns,
            duration_ns=self.timeline.ends_ns[index] - start_ns,
            clock_correction_ns=self.corrections[index],
            self_time_ns=self.timeline.self_time_ns(index),
            on_critical_path=index in self.on_path,
            critical_time_ns=self.critical_times.get(index, 0),
            shares_span_id=index in self.tree.shared_ids,
            identity=self.identities[index],
            inherited=self.inherited.get(index, _NOTHING),
            proxy=self.calls.get(index),
            response_flags=self._response_flags(span),
            link_targets=self._link_targets(span),
            warnings=self.warnings.get(index, ()),
        )

    def _response_flags(self, span: Span | None) -> tuple[ResponseFlag, ...]:
        flags = text_of(span.attributes, "response_flags") if span is not None else ""
        return parse_response_flags(flags) if flags else ()

    def _link_targets(self, span: Span | None) -> tuple[int | None, ...]:
        if span is None or not span.links:
            return ()
        return tuple(
            self.place_by_span_id.get(link.span_id) if link.trace_id == self.trace_id else None
            for link in span.links
        )
