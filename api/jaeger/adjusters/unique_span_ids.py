"""First adjuster: a server's span that shares its id with its client's gets one of its own.

Zipkin's instrumentation reports both sides of a call under one id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from api.jaeger.adjusters.adjusted_span import AdjustedSpan
from model.span import Span, SpanKind

__all__ = ["unique_span_ids"]

_ID_BYTES = 8
_Key: TypeAlias = tuple[str, int, int, str, str]


def unique_span_ids(spans: Sequence[AdjustedSpan]) -> Sequence[AdjustedSpan]:
    """Give servers ids of their own, below their clients; their children follow them.

    The new id is a digest of the span, so that it is the same whenever the trace is read, however
    many of its spans have arrived.
    """
    ids = {adjusted.span.span_id for adjusted in spans}
    if len(ids) == len(spans):
        return spans
    clients = {each.span.span_id for each in spans if each.span.kind is SpanKind.CLIENT}
    new_ids: dict[_Key, str] = {}
    for key in sorted({_key(each.span) for each in spans if _is_shared(each.span, clients)}):
        new_ids[key] = new_id = _unused_id(key, ids)
        ids.add(new_id)
    parents: dict[str, str] = {}
    for key, new_id in new_ids.items():
        parents.setdefault(key[0], new_id)
    return [_moved(each, clients, new_ids, parents) for each in spans]


def _moved(
    adjusted: AdjustedSpan, clients: set[str], new_ids: dict[_Key, str], parents: dict[str, str]
) -> AdjustedSpan:
    span = adjusted.span
    if _is_shared(span, clients):
        new_id = new_ids[_key(span)]
        return adjusted.having(replace(span, span_id=new_id, parent_span_id=span.span_id))
    if span.parent_span_id in parents:
        return adjusted.having(replace(span, parent_span_id=parents[span.parent_span_id]))
    return adjusted


def _is_shared(span: Span, clients: set[str]) -> bool:
    return span.kind is SpanKind.SERVER and span.span_id in clients


def _key(span: Span) -> _Key:
    return (span.span_id, span.start_ns, span.duration_ns, span.service_name, span.name)


def _unused_id(key: _Key, used: set[str]) -> str:
    text = repr(key).encode()
    while True:
        text = hashlib.blake2b(text, digest_size=_ID_BYTES).hexdigest().encode()
        found = text.decode()
        if found not in used and found.strip("0"):
            return found
