"""A SpanReader over a list of spans, in plain Python: slow, small and easy to believe."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from model.attributes import Attributes, AttributeValue
from model.columns import WELL_KNOWN, columns_by_key
from model.ids import normalise_request_id
from model.mesh import parse_service_name
from model.query import AttributeCondition, AttributeScope, Comparison, Cursor, TraceQuery
from model.span import Span, SpanKind
from model.summary import TraceSummary, outline, summarise
from storage.interface import (
    AttributeKey,
    HistogramBucket,
    Operation,
    QueryTimeout,
    Service,
    SummaryPage,
)

_ORDERINGS: dict[Comparison, Callable[[float | str, float | str], bool]] = {
    Comparison.LESS: operator.lt,  # type: ignore[dict-item] - both sides are of one type here
    Comparison.LESS_OR_EQUAL: operator.le,  # type: ignore[dict-item] - as above
    Comparison.GREATER: operator.gt,  # type: ignore[dict-item] - as above
    Comparison.GREATER_OR_EQUAL: operator.ge,  # type: ignore[dict-item] - as above
}


class ReferenceReader:
    """Answers from memory; ``before`` runs in each call, to fail or to wait in it."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self.spans = sorted(spans, key=lambda span: (span.start_ns, span.span_id))
        self.before: Callable[[], None] = lambda: None
        self.queries: list[TraceQuery] = []
        self.timeouts: list[float] = []

    def get_traces(self, trace_ids: Sequence[str], *, timeout_s: float) -> dict[str, list[Span]]:
        self._begin(timeout_s)
        found: dict[str, list[Span]] = {}
        for span in self.spans:
            if span.trace_id in trace_ids:
                found.setdefault(span.trace_id, []).append(span)
        return found

    def find_traces(self, query: TraceQuery, *, timeout_s: float) -> SummaryPage:
        self._begin(timeout_s)
        self.queries.append(query)
        found = sorted(
            (self._summary(trace_id) for trace_id in {s.trace_id for s in self._matching(query)}),
            key=_position,
            reverse=True,
        )
        if query.after is not None:
            after = query.after
            found = [summary for summary in found if _position(summary) < after]
        page = found[: query.limit]
        return SummaryPage(tuple(page), _position(page[-1]) if len(found) > len(page) else None)

    def histogram(
        self, query: TraceQuery, width_ns: int, *, timeout_s: float
    ) -> list[HistogramBucket]:
        self._begin(timeout_s)
        spans = self._matching(query)
        first = query.from_ns // width_ns * width_ns
        return [
            HistogramBucket(
                start,
                sum(start <= span.start_ns < start + width_ns for span in spans),
                sum(start <= span.start_ns < start + width_ns and span.is_error for span in spans),
            )
            for start in range(first, query.to_ns, width_ns)
        ]

    def services(self, *, timeout_s: float) -> list[Service]:
        self._begin(timeout_s)
        last_seen: dict[tuple[str, str, str, str], int] = {}
        for span in self.spans:  # by start
            of = span.identity
            key = (span.service_name, of.namespace, of.cluster, of.service)
            last_seen[key] = span.start_ns
        return [
            Service(name, service, namespace, cluster, ns)
            for (name, namespace, cluster, service), ns in sorted(last_seen.items())
        ]

    def operations(
        self, service: str, kind: SpanKind | None = None, *, timeout_s: float
    ) -> list[Operation]:
        self._begin(timeout_s)
        found = {
            (span.name, span.kind)
            for span in self.spans
            if _is_service(span, service) and kind in (None, span.kind)
        }
        return [Operation(name, kind) for name, kind in sorted(found)]

    def attribute_keys(
        self, prefix: str = "", limit: int = 100, *, timeout_s: float
    ) -> list[AttributeKey]:
        self._begin(timeout_s)
        indexed = columns_by_key(WELL_KNOWN)
        found = {
            (key, scope)
            for span in self.spans
            for scope in AttributeScope
            if scope is not AttributeScope.ANY
            for attributes in _places(span, scope)
            for key in attributes
            if key.startswith(prefix)
        }
        return [
            AttributeKey(key, scope, key in indexed and scope is AttributeScope.SPAN)
            for key, scope in sorted(found)
        ][:limit]

    def attribute_values(
        self,
        key: str,
        prefix: str = "",
        service: str = "",
        limit: int = 100,
        *,
        timeout_s: float,
    ) -> list[str]:
        self._begin(timeout_s)
        counts = Counter(
            text
            for span in self.spans
            if not service or _is_service(span, service)
            for attributes in (span.attributes, span.resource.attributes)
            if key in attributes and (text := _text(attributes[key])).startswith(prefix)
        )
        return [text for text, _ in sorted(counts.items(), key=lambda it: (-it[1], it[0]))][:limit]

    def _begin(self, timeout_s: float) -> None:
        self.timeouts.append(timeout_s)
        self.before()
        if timeout_s <= 0:
            raise QueryTimeout("no time left")

    def _summary(self, trace_id: str) -> TraceSummary:
        return summarise(trace_id, [outline(s) for s in self.spans if s.trace_id == trace_id])

    def _matching(self, query: TraceQuery) -> list[Span]:
        return [span for span in self.spans if self._matches(span, query)]

    def _matches(self, span: Span, query: TraceQuery) -> bool:
        def within(value: int, least: int | None, most: int | None) -> bool:
            return (least is None or value >= least) and (most is None or value <= most)

        request_id = span.attributes.get("guid:x-request-id", "")
        return (
            query.from_ns <= span.start_ns < query.to_ns
            and (not query.service or _is_service(span, query.service))
            and query.namespace in ("", span.identity.namespace)
            and query.cluster in ("", span.identity.cluster)
            and query.operation in ("", span.name)
            and query.scope_name in (None, span.scope.name)
            and query.scope_version in (None, span.scope.version)
            and query.kind in (None, span.kind)
            and query.status in (None, span.status_code)
            and query.error in (None, span.is_error)
            and within(span.duration_ns, query.min_duration_ns, query.max_duration_ns)
            and within(
                self._summary(span.trace_id).duration_ns,
                query.min_trace_duration_ns,
                query.max_trace_duration_ns,
            )
            and (
                not query.request_id
                or normalise_request_id(_text(request_id)) == normalise_request_id(query.request_id)
            )
            and all(_holds(span, condition) for condition in query.attributes)
        )


def _position(summary: TraceSummary) -> Cursor:
    return Cursor(summary.start_ns, summary.trace_id)


def _is_service(span: Span, name: str) -> bool:
    return parse_service_name(name).matches(span.service_name, span.identity)


def _places(span: Span, scope: AttributeScope) -> list[Attributes]:
    places: dict[AttributeScope, list[Attributes]] = {
        AttributeScope.SPAN: [span.attributes],
        AttributeScope.RESOURCE: [span.resource.attributes],
        AttributeScope.SCOPE: [span.scope.attributes],
        AttributeScope.EVENT: [event.attributes for event in span.events],
        AttributeScope.LINK: [link.attributes for link in span.links],
    }
    if scope is AttributeScope.ANY:
        return [attributes for each in places.values() for attributes in each]
    return places[scope]


def _holds(span: Span, condition: AttributeCondition) -> bool:
    values = [
        places[condition.key]
        for places in _places(span, condition.scope)
        if condition.key in places
    ]
    if condition.or_absent and not values:
        return True
    match condition.comparison:
        case Comparison.EXISTS:
            return bool(values)
        case Comparison.NOT_EXISTS:
            return not values
        case Comparison.NOT_EQUAL:
            return all(_text(value) != condition.value for value in values)
        case Comparison.EQUAL:
            return any(_text(value) == condition.value for value in values)
        case Comparison.CONTAINS:
            return any(condition.value in _text(value) for value in values)
        case ordering:
            number = _number(condition.value)
            if number is None:
                texts = [_text(value) for value in values]
                return any(_ORDERINGS[ordering](text, condition.value) for text in texts)
            numbers = [_number(_text(value)) for value in values]
            return any(n is not None and _ORDERINGS[ordering](n, number) for n in numbers)


def _text(value: AttributeValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
