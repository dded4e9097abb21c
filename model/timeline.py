"""When the members of a trace ran: their (corrected) times, reading order and self times."""

from __future__ import annotations

from collections.abc import Sequence

from model.tree import NO_PARENT, Tree, is_asynchronous

__all__ = ["Timeline"]


class Timeline:
    """The times of a tree's members.

    Attributes:
        starts_ns, ends_ns: nanoseconds since the epoch, with the corrections; a placeholder
            reaches from the first start to the last end of its children.
    """

    def __init__(self, tree: Tree, corrections_ns: Sequence[int]) -> None:
        self._tree = tree
        self.starts_ns = [0] * len(tree)
        self.ends_ns = [0] * len(tree)
        for index, span in enumerate(tree.spans):
            if span is not None:
                self.starts_ns[index] = span.start_ns + corrections_ns[index]
                self.ends_ns[index] = span.end_ns + corrections_ns[index]
        for index, span in enumerate(tree.spans):
            if span is None:  # it has children, for it was made for them, and all are stored
                children = tree.children[index]
                self.starts_ns[index] = min(self.starts_ns[child] for child in children)
                self.ends_ns[index] = max(self.ends_ns[child] for child in children)
        self._children = [
            sorted(children, key=self._reading_order) if len(children) > 1 else children
            for children in tree.children
        ]

    def _reading_order(self, index: int) -> tuple[int, str, int]:
        return self.starts_ns[index], self._tree.span_ids[index], index

    def depth_first(self) -> list[int]:
        """Return all members, each before its descendants; siblings by start, then span id."""
        order: list[int] = []
        ahead = sorted(self._tree.roots, key=self._reading_order, reverse=True)
        while ahead:
            index = ahead.pop()
            order.append(index)
            ahead.extend(reversed(self._children[index]))
        return order

    def main_root(self) -> int:
        """Return the earliest stored root, else the earliest placeholder; of equals the longest."""

        def rank(index: int) -> tuple[bool, int, int, str, int]:
            start_ns, end_ns = self.starts_ns[index], self.ends_ns[index]
            is_placeholder = self._tree.spans[index] is None
            return is_placeholder, start_ns, -end_ns, self._tree.span_ids[index], index

        return min(self._tree.roots, key=rank)

    def waited_for(self, index: int) -> list[int]:
        """Return the children for which the member waits: all but the asynchronous ones."""
        spans = self._tree.spans
        return [
            child
            for child in self._children[index]
            if not is_asynchronous(spans[index], spans[child])
        ]

    def self_time_ns(self, index: int) -> int:
        """Return the member's duration without the time in which any of its children ran.

        A placeholder has none: what it did, and when, is not known.
        """
        if self._tree.spans[index] is None:
            return 0
        own_ns = 0
        reached_ns, end_ns = self.starts_ns[index], self.ends_ns[index]
        for child in self._children[index]:
            start_ns = min(self.starts_ns[child], end_ns)
            if start_ns > reached_ns:
                own_ns += start_ns - reached_ns
            reached_ns = max(reached_ns, min(self.ends_ns[child], end_ns))
        return own_ns + end_ns - reached_ns

    def depths(self) -> list[int]:
        """Return for each member how many ancestors it has."""
        found = [0] * len(self._tree)
        for index in self._tree.top_down:
            parent = self._tree.parents[index]
            if parent != NO_PARENT:
                found[index] = found[parent] + 1
        return found
