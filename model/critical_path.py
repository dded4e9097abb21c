"""The critical path: the chain of work that decided how long a trace took.

Jaeger's walk: from the root's end back to its start, always along the child that finished last
before the point reached. What no such child covers is the span's own time on the path.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["PathSegment", "find_critical_path"]


@dataclass(frozen=True, slots=True)
class PathSegment:
    """Time that member ``index`` itself spent on the critical path: ``[start_ns, end_ns)``."""

    index: int
    start_ns: int
    end_ns: int


def find_critical_path(
    root: int,
    starts_ns: Sequence[int],
    ends_ns: Sequence[int],
    waited_for: Callable[[int], Sequence[int]],
) -> tuple[list[PathSegment], set[int]]:
    """Return the segments of the path, earliest first, and all members that it goes through.

    The segments are disjoint, none is empty, and together they are exactly the root's time. A
    child counts only as far as it lies within its parent. A member that waited all the time for
    its children is on the path without a segment.

    Args:
        root: where the path starts and ends.
        starts_ns: of every member.
        ends_ns: of every member.
        waited_for: the children that a member waits for (the synchronous ones).
    """
    segments: list[PathSegment] = []
    visited: set[int] = set()
    # Frames of a walk from the end to the start: member, start of its window, the point that the
    # walk has reached in it, and its children, the one that ends last on top.
    window = (starts_ns[root], ends_ns[root])
    frames = [_Frame(root, *window, _by_end(waited_for(root), *window, starts_ns, ends_ns))]
    visited.add(root)
    while frames:
        frame = frames[-1]
        child = _last_finishing(frame)
        if child is None:
            if frame.start_ns < frame.reached_ns:
                segments.append(PathSegment(frame.index, frame.start_ns, frame.reached_ns))
            frames.pop()
            continue
        end_ns, start_ns, index = child
        if end_ns < frame.reached_ns:
            segments.append(PathSegment(frame.index, end_ns, frame.reached_ns))
        frame.reached_ns = start_ns
        visited.add(index)
        children = _by_end(waited_for(index), start_ns, end_ns, starts_ns, ends_ns)
        frames.append(_Frame(index, start_ns, end_ns, children))
    segments.reverse()
    return segments, visited


@dataclass(slots=True)
class _Frame:
    index: int
    start_ns: int
    reached_ns: int
    children: list[tuple[int, int, int]]


def _by_end(
    children: Sequence[int],
    start_ns: int,
    end_ns: int,
    starts_ns: Sequence[int],
    ends_ns: Sequence[int],
) -> list[tuple[int, int, int]]:
    """Children as (end, start, index) cut to the window; ends last, then longest, on top."""
    cut = [
        (min(ends_ns[child], end_ns), max(starts_ns[child], start_ns), child) for child in children
    ]
    return sorted(
        (item for item in cut if item[1] < item[0]),
        key=lambda item: (item[0], -item[1], -item[2]),
    )


def _last_finishing(frame: _Frame) -> tuple[int, int, int] | None:
    while frame.children:
        child = frame.children.pop()
        if child[0] <= frame.reached_ns:
            return child
    return None
