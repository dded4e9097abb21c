"""Which span is whose child, in many traces at once (rules G1, G2 and G10).

What :func:`model.tree.build_tree` is for one trace with everything about it, this is for the
many traces of a window and the few columns that a graph needs. A parent that is not stored
makes an orphan here, not a placeholder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE, climb, earliest
from model.graph.reports import Merged, merge_reports
from model.graph.span_columns import SpanColumns, SpanLink

__all__ = ["Forest", "build_forest"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Forest:
    """The merged spans of whole traces and their parents, in columns.

    A *member* is one span, merged of its reports (rule G2). Members are ordered by trace, span
    id (as unsigned number, so as its hex digits) and side; where spans start at the same time,
    the first member is the earlier one. All columns but ``main_root`` are by member.

    Attributes:
        row: of the fullest report in the ``SpanColumns``, where every column not named here is
            to be looked up (``span_class``, ``peer_address``, ``trace_state``, ``request_id``).
        trace: index of the trace; rising.
        span_id: as signed number.
        start_ns, end_ns: nanoseconds since the epoch.
        request_bytes, response_bytes: body sizes; -1 where not sent.
        span_class: index in the columns' ``classes``.
        error: rule G34.
        links: of members that have any; distinct and sorted.
        parent: member that is the parent; NONE (-1) for roots and orphans.
        top: the topmost ancestor, or the member itself.
        depth: number of ancestors.
        is_orphan: whether a parent id was sent that is not stored.
        missing_id: that parent id; 0 unless an orphan.
        main_root: by trace: its earliest member that has no parent and is no orphan; NONE if
            there is none.
    """

    row: Int64s
    trace: Int64s
    span_id: Int64s
    start_ns: Int64s
    end_ns: Int64s
    request_bytes: Int64s
    response_bytes: Int64s
    span_class: Int64s
    error: Bools
    links: Mapping[int, tuple[SpanLink, ...]]
    parent: Int64s
    top: Int64s
    depth: Int64s
    is_orphan: Bools
    missing_id: Int64s
    main_root: Int64s

    def __len__(self) -> int:
        return len(self.row)


def build_forest(spans: SpanColumns) -> Forest:
    """Merge the reports of ``spans`` and join them by their parent ids, in O(n log n).

    The spans' order within their trace makes no difference. A span that names itself has no
    parent; of a cycle the earliest span has none. Of a shared id the client is the parent, and
    the server owns the children.
    """
    merged = merge_reports(spans)
    span_id = spans.span_id[merged.rows]
    trace = spans.trace[merged.rows]
    parent, is_orphan = _parents(merged, trace, span_id)
    climbed = climb(parent)
    if len(climbed.endless):
        _break_cycles(parent, climbed.endless, merged.start_ns)
        climbed = climb(parent)
    roots = np.flatnonzero((parent == NONE) & ~is_orphan)
    main_root = np.full(len(spans.trace_ids), NONE)
    main_roots = roots[earliest(trace[roots], merged.start_ns[roots])]
    main_root[trace[main_roots]] = main_roots
    return Forest(
        row=merged.rows,
        trace=trace,
        span_id=span_id,
        start_ns=merged.start_ns,
        end_ns=merged.end_ns,
        request_bytes=merged.request_bytes,
        response_bytes=merged.response_bytes,
        span_class=spans.span_class[merged.rows].astype(np.int64),
        error=merged.error,
        links=merged.links,
        parent=parent,
        top=climbed.top,
        depth=climbed.depth,
        is_orphan=is_orphan,
        missing_id=np.where(is_orphan, merged.parent_id, 0),
        main_root=main_root,
    )


def _parents(merged: Merged, trace: Int64s, span_id: Int64s) -> tuple[Int64s, Bools]:
    """Return each member's parent, and whether it names one that is not stored."""
    keys, count = merged.keys, len(merged.keys)
    parent = np.full(count, NONE)
    shares = np.zeros(count, bool)  # the id of the member before it
    shares[1:] = keys[1:] == keys[:-1]
    if shares.any():
        _name_parents_of_shared_ids(merged, shares, span_id)
        callees = np.flatnonzero(shares)
        parent[callees] = callees - 1
    naming = np.flatnonzero(merged.has_parent & ~shares & (merged.parent_id != span_id))
    # The last member of an id, the server, owns the children.
    owner = np.searchsorted(keys, merged.parent_keys[naming], side="right") - 1
    stored = owner != NONE
    stored &= (span_id[owner] == merged.parent_id[naming]) & (trace[owner] == trace[naming])
    parent[naming[stored]] = owner[stored]
    is_orphan = np.zeros(count, bool)
    is_orphan[naming[~stored]] = True
    return parent, is_orphan


def _name_parents_of_shared_ids(merged: Merged, shares: Bools, span_id: Int64s) -> None:
    """Let the first side that names another parent speak for all sides of its id."""
    for position in np.flatnonzero(shares[1:] & ~shares[:-1]).tolist():
        side = position
        while side < len(shares) and (side == position or shares[side]):
            if merged.has_parent[side] and merged.parent_id[side] != span_id[side]:
                merged.has_parent[position] = True
                merged.parent_id[position] = merged.parent_id[side]
                merged.parent_keys[position] = merged.parent_keys[side]
                break
            side += 1


def _break_cycles(parent: Int64s, entries: Int64s, start_ns: Int64s) -> None:
    """Make the earliest member of each cycle a root; ``entries`` has a member of each."""
    seen: set[int] = set()
    for entry in entries.tolist():
        if entry in seen:
            continue
        cycle = [entry]
        while (member := int(parent[cycle[-1]])) != entry:
            cycle.append(member)
        seen.update(cycle)
        parent[min(cycle, key=lambda member: (int(start_ns[member]), member))] = NONE
