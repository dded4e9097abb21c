"""Clocks that disagree: found where a call seems to happen outside of the span that waits for it.

The idea is that of Jaeger's clock skew adjuster: a callee's span must lie within its caller's,
so where it does not, the callee's clock is off, and with it all that is measured by this clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from model.span import MeshIdentity, Span
from model.tree import NO_PARENT, Tree, is_asynchronous

__all__ = ["ClockSkews", "find_clock_skews", "on_one_clock"]


_FINISHING_NS = 1_000_000
"""How much later than its caller a callee may end on good clocks.

A proxy ends its span when it lets go of the stream, which is after the caller has the last byte.
"""


@dataclass(frozen=True, slots=True)
class ClockSkews:
    """What the clocks of a trace are off.

    Attributes:
        corrections_ns: for every member of the tree, what to add to its start.
        found_at: members where a clock first seems off, top-down; those below them on the same
            clock have the same correction.
    """

    corrections_ns: list[int]
    found_at: list[int]


def find_clock_skews(tree: Tree, identities: list[MeshIdentity]) -> ClockSkews:
    """Compare every span with the one that waits for it, from the roots down.

    Args:
        tree: of the trace.
        identities: who made each member; tells whose clocks are one.
    """
    corrections = [0] * len(tree)
    found_at: list[int] = []
    for index in tree.top_down:
        parent = tree.parents[index]
        if parent == NO_PARENT:
            continue
        child_span, parent_span = tree.spans[index], tree.spans[parent]
        if child_span is None or parent_span is None:
            continue
        if _same_node(child_span, parent_span, identities[index], identities[parent]):
            corrections[index] = corrections[parent]
            continue
        if is_asynchronous(parent_span, child_span):
            continue
        correction = _correction(
            parent_span, parent_span.start_ns + corrections[parent], child_span
        )
        corrections[index] = correction
        if correction:
            found_at.append(index)
    return ClockSkews(corrections, found_at)


def on_one_clock(one: MeshIdentity, other: MeshIdentity) -> bool:
    """Whether two spans were made by the same pod, as far as their identities tell.

    Without a pod on both sides the service decides; who is unknown is not accused.
    """
    if one.pod and other.pod:
        return one.pod == other.pod and one.namespace == other.namespace
    if not one.service or not other.service:
        return True
    return one.service == other.service and (
        one.namespace == other.namespace or not one.namespace or not other.namespace
    )


def _same_node(child: Span, parent: Span, one: MeshIdentity, other: MeshIdentity) -> bool:
    # Pods of one machine share its clock.
    node = child.resource.attributes.get("k8s.node.name")
    if node and node == parent.resource.attributes.get("k8s.node.name"):
        return True
    return on_one_clock(one, other)


def _correction(parent: Span, parent_start_ns: int, child: Span) -> int:
    starts_early = child.start_ns < parent_start_ns
    ends_late = child.end_ns > parent_start_ns + parent.duration_ns + _FINISHING_NS
    if child.duration_ns > parent.duration_ns:
        # Too long to fit. A caller that stopped waiting explains a late end, but not an early
        # start.
        return parent_start_ns - child.start_ns if starts_early else 0
    if not starts_early and (not ends_late or _gave_up(parent, child)):
        return 0
    # The network takes as long there as back, for want of a better guess.
    latency_ns = (parent.duration_ns - child.duration_ns) // 2
    return parent_start_ns + latency_ns - child.start_ns


def _gave_up(parent: Span, child: Span) -> bool:
    return parent.is_error and child.start_ns <= parent.end_ns
