"""Second and third adjuster: one order for everything, and equal spans once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from api.jaeger.adjusters.adjusted_span import AdjustedSpan
from model.attributes import Attributes
from model.span import Event, Link, Resource, Scope, Span

__all__ = ["deduplicated", "ordered", "sorted_collections"]

_Shared = TypeVar("_Shared", Resource, Scope)


def sorted_collections(spans: Sequence[AdjustedSpan]) -> list[AdjustedSpan]:
    """Sort attributes by key and events by time; spans as :func:`ordered` does.

    Resources and scopes that were one object stay one object.
    """
    resources: dict[int, tuple[Resource, Resource]] = {}
    scopes: dict[int, tuple[Scope, Scope]] = {}
    return ordered(
        [
            each.having(span)
            if (span := _sorted_span(each.span, resources, scopes)) is not each.span
            else each
            for each in spans
        ]
    )


def ordered(spans: Sequence[AdjustedSpan]) -> list[AdjustedSpan]:
    """Return the spans by start, id and kind; those equal in all of it by their text."""
    found = sorted(spans, key=_key)
    if len({_key(each) for each in found}) == len(found):
        return found
    return [
        each
        for _, group in groupby(found, _key)
        for each in sorted(group, key=lambda adjusted: repr(adjusted.span))
    ]


def deduplicated(spans: Sequence[AdjustedSpan]) -> list[AdjustedSpan]:
    """Return each of equal spans once; they must be in order."""
    return [each for _, group in groupby(spans, _key) for each in _different(list(group))]


def _different(group: list[AdjustedSpan]) -> Iterator[AdjustedSpan]:
    if len(group) == 1:
        yield group[0]
        return
    # The text of a span tells 1 from True and holds NaN, which equality does not.
    for _, equal in groupby(group, lambda adjusted: repr(adjusted.span)):
        first, *others = equal
        yield first.warned(text for other in others for text in other.warnings)


def _key(adjusted: AdjustedSpan) -> tuple[int, str, int]:
    span = adjusted.span
    return span.start_ns, span.span_id, span.kind


def _sorted_span(
    span: Span,
    resources: dict[int, tuple[Resource, Resource]],
    scopes: dict[int, tuple[Scope, Scope]],
) -> Span:
    attributes = _by_key(span.attributes)
    resource, scope = _shared(span.resource, resources), _shared(span.scope, scopes)
    events = _sorted_events(span.events) if span.events else span.events
    links = tuple(map(_sorted_entry, span.links)) if span.links else span.links
    if (
        attributes is span.attributes
        and resource is span.resource
        and scope is span.scope
        and events == span.events
        and links == span.links
    ):
        return span
    return replace(
        span, attributes=attributes, resource=resource, scope=scope, events=events, links=links
    )


def _shared(thing: _Shared, known: dict[int, tuple[_Shared, _Shared]]) -> _Shared:
    found = known.get(id(thing))
    if found is None:
        # What was sorted is kept, so that nothing else gets its id.
        found = known[id(thing)] = (thing, _sorted_entry(thing))
    return found[1]


def _sorted_events(events: tuple[Event, ...]) -> tuple[Event, ...]:
    return tuple(sorted(map(_sorted_entry, events), key=lambda event: event.time_ns))


_Entry = TypeVar("_Entry", Resource, Scope, Event, Link)


def _sorted_entry(entry: _Entry) -> _Entry:
    attributes = _by_key(entry.attributes)
    return entry if attributes is entry.attributes else replace(entry, attributes=attributes)


def _by_key(attributes: Attributes) -> Attributes:
    keys = list(attributes)
    in_order = sorted(keys)
    return attributes if keys == in_order else {key: attributes[key] for key in in_order}
