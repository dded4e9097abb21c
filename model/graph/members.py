"""What the search for calls needs to know of every span: the rules' terms, in columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.graph.ancestry import NONE, nearest, nearest_or_self
from model.graph.attempts import find_attempts
from model.graph.directions import Direction, direction_of, is_proxy
from model.graph.forest import Forest
from model.graph.places import Places, find_places
from model.graph.span_columns import SpanClass, SpanColumns

__all__ = ["Members", "find_members"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a forest with their places and directions; all columns are by member.

    Attributes:
        spans, forest, places: what they were found in.
        place: as :attr:`Places.place`.
        above: the nearest ancestor that has a place; NONE without one.
        is_inbound, is_outbound: direction of spans that have a place.
        calls_out: direction OUTBOUND, with a place or without.
        is_attempt: rule G4.
        begins: whether a place's part in a trace begins with the member: there is no place
            above, or another one, or the place called itself (rule G15).
        caller_group: for a member as a caller's innermost span: the first outbound span of its
            place, from itself upwards; NONE without one. Local spans are passed (rule G12).
        outer: for a span of a caller's group: the next one outwards; NONE for the outermost.
        callee_group: for an inbound span: the first span of its place on the same call.
    """

    spans: SpanColumns
    forest: Forest
    places: Places
    place: Int64s
    above: Int64s
    is_inbound: Bools
    is_outbound: Bools
    calls_out: Bools
    is_attempt: Bools
    begins: Bools
    caller_group: Int64s
    outer: Int64s
    callee_group: Int64s

    @property
    def duration_ns(self) -> Int64s:
        """Nanoseconds."""
        return self.forest.end_ns - self.forest.start_ns

    def class_of(self, member: int) -> SpanClass:
        """Return the class of one member."""
        return self.spans.classes[int(self.forest.span_class[member])]

    def by_class(self, flags: Iterable[bool]) -> Bools:
        """Return a fact of each class as one of each member."""
        table = np.fromiter(flags, np.bool_, len(self.spans.classes))
        return table.take(self.forest.span_class)

    @property
    def is_proxy(self) -> Bools:
        """Whether Envoy made the span."""
        return self.by_class(is_proxy(one) for one in self.spans.classes)


def find_members(spans: SpanColumns, forest: Forest) -> Members:
    """Return everything about the members of ``forest``, which was built of ``spans``."""
    places = find_places(spans, forest)
    place, parent = places.place, forest.parent
    directions = np.fromiter(map(direction_of, spans.classes), np.int64, len(spans.classes))
    direction = directions[forest.span_class]
    has_place = place != NONE
    is_inbound = has_place & (direction == Direction.INBOUND)
    is_outbound = has_place & (direction == Direction.OUTBOUND)
    above = nearest(has_place, parent)
    changes = has_place & ((above == NONE) | (place != place[above]))
    # G15: an inbound span right below an outbound one of the same place.
    calls_itself = is_inbound & ~changes & (parent == above) & is_outbound[above]
    begins = changes | calls_itself
    ends_group = is_inbound | is_outbound | changes
    innermost = nearest_or_self(ends_group, parent)
    innermost[(innermost != NONE) & ~is_outbound[innermost]] = NONE
    outer = np.full(len(forest), NONE)
    inner = np.flatnonzero(is_outbound & ~changes & (parent != NONE))
    outer[inner] = innermost[parent[inner]]
    return Members(
        spans=spans,
        forest=forest,
        places=places,
        place=place,
        above=above,
        is_inbound=is_inbound,
        is_outbound=is_outbound,
        calls_out=direction == Direction.OUTBOUND,
        is_attempt=find_attempts(spans, forest),
        begins=begins,
        caller_group=innermost,
        outer=outer,
        callee_group=nearest_or_self(begins | is_outbound, parent),
    )
