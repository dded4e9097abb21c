"""What a search must answer, by looking at every span: written from model/query.py alone."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Sequence

from model.attributes import AttributeValue, value_to_json
from model.columns import WELL_KNOWN
from model.mesh import parse_service_name
from model.query import AttributeCondition, AttributeScope, Comparison, TraceQuery
from model.span import Span
from model.summary import TraceSummary, outline, summarise

__all__ = ["matching_spans", "matching_traces"]


def matching_traces(spans: Sequence[Span], query: TraceQuery) -> list[TraceSummary]:
    """All matching traces, newest first, whatever the query's limit."""
    traces: dict[str, list[Span]] = {}
    for span in spans:
        traces.setdefault(span.trace_id, []).append(span)
    found = {span.trace_id for span in matching_spans(spans, query)}
    summaries = [
        summarise(trace_id, [outline(span) for span in traces[trace_id]]) for trace_id in found
    ]
    return sorted(summaries, key=lambda found: (found.start_ns, found.trace_id), reverse=True)


def matching_spans(spans: Sequence[Span], query: TraceQuery) -> list[Span]:
    begins: dict[str, int] = {}
    ends: dict[str, int] = {}
    for span in spans:
        begins[span.trace_id] = min(span.start_ns, begins.get(span.trace_id, span.start_ns))
        ends[span.trace_id] = max(span.end_ns, ends.get(span.trace_id, 0))
    return [
        span
        for span in spans
        if _matches(span, query)
        and _within(
            ends[span.trace_id] - begins[span.trace_id],
            query.min_trace_duration_ns,
            query.max_trace_duration_ns,
        )
    ]


def _matches(span: Span, query: TraceQuery) -> bool:
    return (
        query.from_ns <= span.start_ns < query.to_ns
        and (
            not query.service
            or parse_service_name(query.service).matches(span.service_name, span.identity)
        )
        and query.namespace in ("", span.identity.namespace)
        and query.cluster in ("", span.identity.cluster)
        and query.operation in ("", span.name)
        and query.scope_name in (None, span.scope.name)
        and query.scope_version in (None, span.scope.version)
        and query.kind in (None, span.kind)
        and query.status in (None, span.status_code)
        and query.error in (None, span.is_error)
        and _within(span.duration_ns, query.min_duration_ns, query.max_duration_ns)
        and (not query.request_id or _has_request_id(span, query.request_id))
        and all(_holds(span, condition) for condition in query.attributes)
    )


def _within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _has_request_id(span: Span, request_id: str) -> bool:
    sent = span.attributes.get("guid:x-request-id")
    if not isinstance(sent, str):
        return False
    return sent == request_id or (
        len(sent) == 36 and sent[:14] + sent[15:] == request_id[:14] + request_id[15:]
    )


def _holds(span: Span, condition: AttributeCondition) -> bool:
    keys = next((c.keys for c in WELL_KNOWN if condition.key in c.keys), (condition.key,))
    values = list(_values(span, condition.scope, keys))
    if condition.or_absent and not values:
        return True
    match condition.comparison:
        case Comparison.EXISTS:
            return bool(values)
        case Comparison.NOT_EXISTS:
            return not values
        case Comparison.NOT_EQUAL:
            return all(_text(value) != condition.value for value in values)
        case comparison:
            return any(_compares(_text(value), comparison, condition.value) for value in values)


def _values(span: Span, scope: AttributeScope, keys: Iterable[str]) -> Iterator[AttributeValue]:
    everywhere = scope is AttributeScope.ANY
    places = []
    if everywhere or scope is AttributeScope.SPAN:
        places.append(span.attributes)
    if everywhere or scope is AttributeScope.RESOURCE:
        places.append(span.resource.attributes)
    if everywhere or scope is AttributeScope.SCOPE:
        places.append(span.scope.attributes)
    if everywhere or scope is AttributeScope.EVENT:
        places.extend(event.attributes for event in span.events)
    if everywhere or scope is AttributeScope.LINK:
        places.extend(link.attributes for link in span.links)
    return (place[key] for place in places for key in keys if key in place)


def _text(value: AttributeValue) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bytes():
            return base64.b64encode(value).decode()
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case _:
            return json.dumps(value_to_json(value), separators=(",", ":"), ensure_ascii=False)


def _compares(text: str, comparison: Comparison, wanted: str) -> bool:
    if comparison is Comparison.EQUAL:
        return text == wanted
    if comparison is Comparison.CONTAINS:
        return wanted in text
    left: str | float | None = text
    right: str | float = wanted
    if _number(wanted) is not None:
        left, right = _number(text), float(wanted)
    if left is None:
        return False
    below, above = left < right, left > right  # type: ignore[operator]  # both are of one type
    return {
        Comparison.LESS: below,
        Comparison.LESS_OR_EQUAL: not above,
        Comparison.GREATER: above,
        Comparison.GREATER_OR_EQUAL: not below,
    }[comparison]


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) else None
