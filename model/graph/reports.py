"""Which rows report one and the same span, and what they say together (rules G1 and G2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from model.graph.span_columns import SpanClass, SpanColumns, SpanLink
from model.side import side_of

__all__ = ["Merged", "merge_reports"]

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
UInt64s = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Merged:
    """Each span once, by trace, id and side.

    Attributes:
        rows: of the report that tells most.
        keys: rise by trace and span id; the sides of one id have one key.
        parent_keys: of the parent that is named; a stored span of that key need not be the parent,
            its id has to be compared as well.
        start_ns, end_ns, parent_id, has_parent, request_bytes, response_bytes, error: merged.
        links: by position, of spans that have any; sorted.
    """

    rows: Int64s
    keys: Int64s
    parent_keys: Int64s
    start_ns: Int64s
    end_ns: Int64s
    parent_id: Int64s
    has_parent: Bools
    request_bytes: Int64s
    response_bytes: Int64s
    error: Bools
    links: dict[int, tuple[SpanLink, ...]]


def merge_reports(spans: SpanColumns) -> Merged:
    """Merge the reports of each span; the result does not depend on their order (rule G2).

    The fullest report gives the class and addresses; the span lasts from the earliest start to
    the latest end, sizes and the parent id are the greatest, it is in error if any report is,
    and has the links of all.
    """
    sides = np.fromiter((side_of(one.kind) for one in spans.classes), np.int64, len(spans.classes))
    errors = np.fromiter((one.error for one in spans.classes), np.bool_, len(spans.classes))
    side = sides[spans.span_class]
    order, keys, parent_keys = _order(spans, side)
    first = np.ones(len(order), bool)
    ordered_keys, ordered_side = keys[order], side[order]
    first[1:] = (ordered_keys[1:] != ordered_keys[:-1]) | (ordered_side[1:] != ordered_side[:-1])
    rows = order[first]
    merged = Merged(
        rows=rows,
        keys=keys[rows],
        parent_keys=parent_keys[rows],
        start_ns=spans.start_ns[rows],
        end_ns=spans.start_ns[rows] + spans.duration_ns[rows],
        parent_id=spans.parent_id[rows],
        has_parent=spans.has_parent[rows],
        request_bytes=spans.request_bytes[rows],
        response_bytes=spans.response_bytes[rows],
        error=errors[spans.span_class[rows]],
        links={},
    )
    if not first.all():
        _merge_repeated(spans, merged, order, first, parent_keys)
    _gather_links(spans, merged, order, first)
    return merged


def _order(spans: SpanColumns, side: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """Return the rows by trace, id and side; their keys and their parents' keys."""
    own, parent = spans.span_id.view(np.uint64), spans.parent_id.view(np.uint64)
    bits = np.uint64(63 - max(len(spans.trace_ids), 1).bit_length())
    # Most often the upper bits of random ids tell them apart, and one number holds trace and id.
    keys = _keys(spans.trace, own >> (np.uint64(64) - bits), bits)
    order = np.argsort(keys)
    same = keys[order][1:] == keys[order][:-1]
    if not same.any():
        return order, keys, _keys(spans.trace, parent >> (np.uint64(64) - bits), bits)
    ids = np.unique(np.concatenate([own, parent]))
    keys = _keys(spans.trace, np.searchsorted(ids, own).astype(np.uint64), bits)
    parent_keys = _keys(spans.trace, np.searchsorted(ids, parent).astype(np.uint64), bits)
    return np.lexsort((side, keys)), keys, parent_keys


def _keys(trace: Int64s, number: UInt64s, bits: np.uint64) -> Int64s:
    return (trace << np.int64(bits)) | number.astype(np.int64)


def _merge_repeated(
    spans: SpanColumns, merged: Merged, order: Int64s, first: Bools, parent_keys: Int64s
) -> None:
    """Set what several reports of one span say together."""
    position = np.cumsum(first) - 1
    is_repeated = np.bincount(position) > 1
    reports = is_repeated[position]
    rows, position = order[reports], position[reports]
    fullest = np.lexsort(
        (
            _ranks(spans.trace_states, spans.trace_state[rows]),
            _ranks(spans.peer_addresses, spans.peer_address[rows]),
            _fullest_first(spans.classes, spans.span_class[rows]),
            position,
        )
    )
    rows = rows[fullest]
    begins = np.flatnonzero(np.append(True, np.diff(position) != 0))
    to = position[begins]
    merged.rows[to] = rows[begins]
    ends = spans.start_ns[rows] + spans.duration_ns[rows]
    merged.start_ns[to] = np.minimum.reduceat(spans.start_ns[rows], begins)
    merged.end_ns[to] = np.maximum.reduceat(ends, begins)
    merged.request_bytes[to] = np.maximum.reduceat(spans.request_bytes[rows], begins)
    merged.response_bytes[to] = np.maximum.reduceat(spans.response_bytes[rows], begins)
    errors = np.array([spans.classes[one].error for one in spans.span_class[rows].tolist()])
    merged.error[to] = np.logical_or.reduceat(errors, begins)
    # Keys rise with ids: the last one is that of the greatest id.
    named = np.where(spans.has_parent[rows], parent_keys[rows], -1)
    greatest = rows[np.lexsort((named, position))][np.append(begins[1:], len(rows)) - 1]
    merged.has_parent[to] = spans.has_parent[greatest]
    merged.parent_id[to] = spans.parent_id[greatest]
    merged.parent_keys[to] = parent_keys[greatest]


def _ranks(texts: Sequence[str], indexes: Int32s) -> Int64s:
    """Return the place of each text among those that are used, in their order."""
    used, inverse = np.unique(indexes, return_inverse=True)
    keys = [texts[one] for one in used.tolist()]
    ranks = np.empty(len(used), np.int64)
    ranks[sorted(range(len(used)), key=keys.__getitem__)] = np.arange(len(used))
    return ranks[inverse]


def _fullest_first(classes: Sequence[SpanClass], indexes: Int32s) -> Int64s:
    """Return the rank of each class: the fullest first, of equals by its text."""
    used, inverse = np.unique(indexes, return_inverse=True)
    keys = [(-_fullness(classes[one]), repr(classes[one])) for one in used.tolist()]
    ranks = np.empty(len(used), np.int64)
    ranks[sorted(range(len(used)), key=keys.__getitem__)] = np.arange(len(used))
    return ranks[inverse]


def _fullness(span_class: SpanClass) -> int:
    return sum(getattr(span_class, field.name) not in ("", None) for field in fields(SpanClass))


def _gather_links(spans: SpanColumns, merged: Merged, order: Int64s, first: Bools) -> None:
    if not spans.links:
        return
    position_of = np.empty(len(order), np.int64)
    position_of[order] = np.cumsum(first) - 1
    found: dict[int, set[SpanLink]] = {}
    for row, links in spans.links.items():
        found.setdefault(int(position_of[row]), set()).update(links)
    for position in sorted(found):
        merged.links[position] = tuple(
            sorted(found[position], key=lambda link: (link.trace_id, link.span_id))
        )
