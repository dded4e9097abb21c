"""What goes wrong with spans on their way: lost, sent twice, changed, tied in knots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from model.side import Side, side_of
from model.span import Span, StatusCode

__all__ = ["damaged"]

Damage = Callable[[Random, list[Span]], list[Span]]


def damaged(choose: Random, spans: list[Span]) -> list[Span]:
    """Return ``spans`` with some damages, often none; never without a span."""
    damages = choose.choices(
        (_lose, _lose_roots, _repeat, _change, _share_ids, _tie_cycle, _name_itself),
        k=choose.choice((0, 0, 1, 1, 2, 3)),
    )
    for damage in damages:
        spans = damage(choose, spans) or spans
    return spans


def _lose(choose: Random, spans: list[Span]) -> list[Span]:
    share = choose.choice((0.05, 0.2, 0.4))
    return [span for span in spans if choose.random() > share]


def _lose_roots(choose: Random, spans: list[Span]) -> list[Span]:
    return [span for span in spans if span.parent_span_id]


def _repeat(choose: Random, spans: list[Span]) -> list[Span]:
    return spans + choose.choices(spans, k=3)


def _change(choose: Random, spans: list[Span]) -> list[Span]:
    """Report spans a second time, otherwise; the store tells reports apart by their start."""
    return spans + [
        replace(
            span,
            start_ns=span.start_ns + choose.choice((-7, 5)),
            duration_ns=span.duration_ns + choose.choice((0, 11)),
            name=choose.choice((span.name, "other")),
            parent_span_id=choose.choice((span.parent_span_id, "")),
            status_code=choose.choice((span.status_code, StatusCode.ERROR)),
            attributes={**span.attributes, **choose.choice(({}, {"http.status_code": "418"}))},
        )
        for span in {id(one): one for one in choose.choices(spans, k=2)}.values()
    ]


def _share_ids(choose: Random, spans: list[Span]) -> list[Span]:
    """Give callees the id of their caller, as Zipkin does."""
    by_id = {(span.trace_id, span.span_id): span for span in spans}
    new_ids: dict[tuple[str, str], str] = {}
    shared = []
    for one in spans:
        span = one
        caller = by_id.get((span.trace_id, span.parent_span_id))
        is_call = (
            caller is not None
            and side_of(caller.kind) is Side.CLIENT
            and side_of(span.kind) is Side.SERVER
            and caller.span_id not in new_ids.values()
        )
        if is_call and caller is not None and choose.random() < 0.5:
            new_ids[span.trace_id, span.span_id] = caller.span_id
            above = choose.choice((caller.parent_span_id, ""))
            span = replace(span, span_id=caller.span_id, parent_span_id=above)
        shared.append(span)
    return [
        replace(span, parent_span_id=new_ids[span.trace_id, span.parent_span_id])
        if (span.trace_id, span.parent_span_id) in new_ids
        else span
        for span in shared
    ]


def _tie_cycle(choose: Random, spans: list[Span]) -> list[Span]:
    first, last = choose.choice(spans), choose.choice(spans)
    return [
        replace(span, parent_span_id=last.span_id)
        if span is first and span.trace_id == last.trace_id
        else span
        for span in spans
    ]


def _name_itself(choose: Random, spans: list[Span]) -> list[Span]:
    one = choose.choice(spans)
    return [replace(span, parent_span_id=span.span_id) if span is one else span for span in spans]
