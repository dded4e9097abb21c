"""Which span is whose child: the shape of a trace, before anything is known of its times.

No span is ever left out: a parent that is not stored becomes a placeholder, a span that names
itself or closes a cycle becomes a root (rules G1 and G10). Nothing here recurses, because a
trace may be as deep as it has spans.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from model.duplicates import MergedSpan, merge_duplicates
from model.span import Span, SpanKind
from model.summary import name_parents

__all__ = ["NO_PARENT", "Tree", "build_tree", "is_asynchronous"]

NO_PARENT = -1


@dataclass(slots=True)
class Tree:
    """A forest in columns: position ``i`` of every list is about member ``i``.

    Attributes:
        span_ids: placeholders have the id that their children name.
        spans: None for a placeholder.
        parents: index of the parent, or NO_PARENT.
        children: indexes of the children, in no particular order.
        top_down: every index once, parents before children.
        report_counts: different reports merged to the span; 0 for a placeholder.
        self_parents, cycle_breakers: roots that name a stored parent all the same.
        shared_ids: callees that share the span id of their parent.
    """

    span_ids: list[str]
    spans: list[Span | None]
    parents: list[int]
    children: list[list[int]] = field(default_factory=list)
    top_down: list[int] = field(default_factory=list)
    report_counts: list[int] = field(default_factory=list)
    self_parents: set[int] = field(default_factory=set)
    cycle_breakers: set[int] = field(default_factory=set)
    shared_ids: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.span_ids)

    @property
    def roots(self) -> list[int]:
        """The indexes without a parent, placeholders included."""
        return [index for index, parent in enumerate(self.parents) if parent == NO_PARENT]


def is_asynchronous(parent: Span | None, child: Span | None) -> bool:
    """Whether ``parent`` does not wait for ``child``: what a message causes, not its sending.

    A PRODUCER span itself keeps its caller waiting; the CONSUMER (or the SERVER that a broker
    pushes to) does not keep the producer waiting.
    """
    if child is None:
        return False
    if child.kind is SpanKind.CONSUMER:
        return True
    return (
        parent is not None
        and parent.kind is SpanKind.PRODUCER
        and child.kind is SpanKind.SERVER
        and "messaging.system" in parent.attributes
    )


def build_tree(spans: Iterable[Span]) -> Tree:
    """Join the spans of one trace by their parent ids. The result ignores the spans' order."""
    merged = merge_duplicates(spans)
    tree = Tree(
        span_ids=[one.span.span_id for one in merged],
        spans=[one.span for one in merged],
        parents=[NO_PARENT] * len(merged),
        report_counts=[one.report_count for one in merged],
    )
    _find_parents(tree, merged)
    _break_cycles(tree)
    tree.children = [[] for _ in tree.parents]
    for index, parent in enumerate(tree.parents):
        if parent != NO_PARENT:
            tree.children[parent].append(index)
    tree.top_down = _top_down(tree)
    return tree


def _find_parents(tree: Tree, merged: list[MergedSpan]) -> None:
    # Spans come ordered by id, then side: of a shared id the last one, the server, is kept here
    # and so owns the children.
    owners = {one.span.span_id: index for index, one in enumerate(merged)}
    named = name_parents((one.span.span_id, one.span.parent_span_id) for one in merged)
    for index, one in enumerate(merged):
        span_id = one.span.span_id
        parent_id = named[span_id]
        if index and tree.span_ids[index - 1] == span_id:
            tree.parents[index] = index - 1
            tree.shared_ids.add(index)
        elif parent_id == span_id:
            tree.self_parents.add(index)
        elif parent_id:
            owner = owners.get(parent_id)
            if owner is None:
                owner = owners[parent_id] = _add_placeholder(tree, parent_id)
            tree.parents[index] = owner


def _add_placeholder(tree: Tree, span_id: str) -> int:
    tree.span_ids.append(span_id)
    tree.spans.append(None)
    tree.parents.append(NO_PARENT)
    tree.report_counts.append(0)
    return len(tree.span_ids) - 1


def _break_cycles(tree: Tree) -> None:
    seen_by = [NO_PARENT] * len(tree)  # the walk that came by
    for first in range(len(tree)):
        index = first
        while index != NO_PARENT and seen_by[index] == NO_PARENT:
            seen_by[index] = first
            index = tree.parents[index]
        if index != NO_PARENT and seen_by[index] == first:
            earliest = min(_cycle(tree, index), key=lambda member: _start(tree, member))
            tree.parents[earliest] = NO_PARENT
            tree.shared_ids.discard(earliest)
            tree.cycle_breakers.add(earliest)


def _cycle(tree: Tree, first: int) -> list[int]:
    members = [first]
    while (index := tree.parents[members[-1]]) != first:
        members.append(index)
    return members


def _start(tree: Tree, index: int) -> tuple[int, int]:
    span = tree.spans[index]
    assert span is not None, "a placeholder has no parent and so is in no cycle"
    return span.start_ns, index


def _top_down(tree: Tree) -> list[int]:
    order = tree.roots
    for index in order:  # grows while it is walked
        order.extend(tree.children[index])
    return order
