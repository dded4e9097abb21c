"""Fourth adjuster: the clocks of hosts, compared along the edges of the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from api.jaeger.adjusters.adjusted_span import AdjustedSpan
from api.jaeger.adjusters.hosts import host_key
from api.jaeger.durations import format_go_duration
from model.span import Span

__all__ = ["clock_skew"]

_SKIPPING = "skipping clock skew adjustment"
_DUPLICATE = f"duplicate span IDs; {_SKIPPING}"


@dataclass(frozen=True, slots=True)
class _Skew:
    """By how much (nanoseconds) the spans of a host are moved."""

    host: str
    delta_ns: int = 0


@dataclass(slots=True)
class _Node:
    """A span in the tree; ``position`` is its place among the spans."""

    position: int
    span: Span
    host: str
    children: list[_Node] = field(default_factory=list)


def clock_skew(spans: Sequence[AdjustedSpan], max_ns: int) -> list[AdjustedSpan]:
    """Move spans that lie outside of their parents into them, if another host made them.

    A child that is longer than its parent is only moved to its start, if it starts before it; any
    other into its middle. Descendants on the same host move along, events with their spans. Spans
    whose host is not known, and those that share an id, stay where they are. Each span that moved
    or would have carries a warning.

    Args:
        spans: of one trace, in order.
        max_ns: clocks that are further off are left alone; at 0 all are.
    """
    found = list(spans)
    nodes, ambiguous = _nodes(found)
    for position in ambiguous:
        found[position] = found[position].warned((_DUPLICATE,))
    # Depth first, without recursion: a trace can be deeper than the stack.
    pending: list[tuple[_Node, Span | None, _Skew]] = [
        (root, None, _Skew(root.host)) for root in _roots(nodes, found)
    ]
    while pending:
        node, parent, skew = pending.pop()
        if parent is not None:
            skew = _skew(node, parent, skew, known=node.position not in ambiguous)
        if skew.delta_ns:
            found[node.position] = _adjusted(found[node.position], skew.delta_ns, max_ns)
        span = found[node.position].span
        pending += [(child, span, skew) for child in node.children]
    return found


def _nodes(spans: Sequence[AdjustedSpan]) -> tuple[dict[str, _Node], set[int]]:
    """Return a node for each id, and the positions of spans that share theirs with others.

    Parent of children with such an id is the first of them.
    """
    nodes: dict[str, _Node] = {}
    ambiguous: set[int] = set()
    for position, adjusted in enumerate(spans):
        span = adjusted.span
        first = nodes.get(span.span_id)
        if first is None:
            nodes[span.span_id] = _Node(position, span, host_key(span))
        else:
            ambiguous |= {first.position, position}
    return nodes, ambiguous


def _roots(nodes: dict[str, _Node], spans: list[AdjustedSpan]) -> list[_Node]:
    """Make the tree and return its roots; orphans are roots with a warning."""
    roots: list[_Node] = []
    for node in nodes.values():
        parent_id = node.span.parent_span_id
        parent = nodes.get(parent_id)
        if parent is not None:
            parent.children.append(node)
            continue
        roots.append(node)
        if parent_id:
            warning = f"parent span ID={parent_id} is not in the trace; {_SKIPPING}"
            spans[node.position] = spans[node.position].warned((warning,))
    return roots


def _skew(node: _Node, parent: Span, of_parent: _Skew, *, known: bool) -> _Skew:
    """Return by how much to move a span whose parent was moved already."""
    if not known or not node.host:
        return _Skew("")
    if node.host == of_parent.host:
        return of_parent
    if not of_parent.host:
        return _Skew(node.host)
    return _Skew(node.host, _delta_ns(node.span, parent))


def _delta_ns(child: Span, parent: Span) -> int:
    if child.duration_ns > parent.duration_ns:
        # It went on after its parent, or its parent gave up waiting: its end tells nothing.
        return max(0, parent.start_ns - child.start_ns)
    if parent.start_ns <= child.start_ns and child.end_ns <= parent.end_ns:
        return 0
    # The way there and the way back are taken to be equally long.
    latency_ns = (parent.duration_ns - child.duration_ns) // 2
    return parent.start_ns + latency_ns - child.start_ns


def _adjusted(adjusted: AdjustedSpan, delta_ns: int, max_ns: int) -> AdjustedSpan:
    delta = format_go_duration(delta_ns)
    if abs(delta_ns) > max_ns:
        reason = (
            f"max clock skew adjustment delta of {format_go_duration(max_ns)} exceeded"
            if max_ns
            else "clock skew adjustment disabled"
        )
        return adjusted.warned((f"{reason}; not applying calculated delta of {delta}",))
    span = adjusted.span
    moved = replace(
        span,
        start_ns=span.start_ns + delta_ns,
        events=tuple(replace(event, time_ns=event.time_ns + delta_ns) for event in span.events),
    )
    warning = f"This span's timestamps were adjusted by {delta}"
    return adjusted.having(moved).warned((warning,))
