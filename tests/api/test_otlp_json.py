"""OTLP/JSON out: read by the official messages, it is what was stored."""

import base64
from dataclasses import replace
from typing import Any

import msgspec
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from api.otlp_json import traces_data
from model.attributes import AttributeValue
from model.span import Event, Link, Resource, Scope, Span, SpanKind, StatusCode

UINT32 = st.integers(0, 2**32 - 1)
TIME = st.integers(0, 2**62)
TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
TRACE_ID = st.binary(min_size=16, max_size=16).map(bytes.hex)
SPAN_ID = st.binary(min_size=8, max_size=8).map(bytes.hex)
VALUES: st.SearchStrategy[AttributeValue] = st.recursive(
    st.none()
    | TEXT
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ATTRIBUTES = st.dictionaries(TEXT, VALUES, max_size=4)
SPANS = st.builds(
    Span,
    trace_id=TRACE_ID,
    span_id=SPAN_ID,
    parent_span_id=SPAN_ID | st.just(""),
    name=TEXT,
    start_ns=TIME,
    duration_ns=TIME,
    kind=st.sampled_from(SpanKind),
    status_code=st.sampled_from(StatusCode),
    status_message=TEXT,
    trace_state=TEXT,
    flags=UINT32,
    attributes=ATTRIBUTES,
    events=st.lists(st.builds(Event, TIME, TEXT, ATTRIBUTES, UINT32), max_size=2).map(tuple),
    links=st.lists(
        st.builds(Link, TRACE_ID, SPAN_ID, TEXT, ATTRIBUTES, UINT32, UINT32), max_size=2
    ).map(tuple),
    dropped_attributes_count=UINT32,
    dropped_events_count=UINT32,
    dropped_links_count=UINT32,
    resource=st.builds(Resource, ATTRIBUTES, UINT32, TEXT),
    scope=st.builds(Scope, TEXT, TEXT, ATTRIBUTES, UINT32, TEXT),
)


def parsed(spans: list[Span]) -> trace_pb2.TracesData:
    """Read the JSON with protobuf's own reader, which wants ids in base64 where OTLP has hex."""
    data = msgspec.json.decode(msgspec.json.encode(traces_data(spans)))
    return json_format.ParseDict(_with_base64_ids(data), trace_pb2.TracesData())


def _with_base64_ids(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_base64_ids(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: base64.b64encode(bytes.fromhex(value)).decode()
        if key in ("traceId", "spanId", "parentSpanId")
        else _with_base64_ids(value)
        for key, value in node.items()
    }


def value_of(message: AnyValue) -> AttributeValue:
    match message.WhichOneof("value"):
        case None:
            return None
        case "array_value":
            return [value_of(item) for item in message.array_value.values]
        case "kvlist_value":
            return attributes_of(message.kvlist_value.values)
        case member:
            return getattr(message, member)


def attributes_of(messages: Any) -> dict[str, AttributeValue]:
    pairs: list[KeyValue] = list(messages)
    return {pair.key: value_of(pair.value) for pair in pairs}


def span_of(
    outer: trace_pb2.ResourceSpans, scope: trace_pb2.ScopeSpans, span: trace_pb2.Span
) -> Span:
    return Span(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_span_id=span.parent_span_id.hex(),
        name=span.name,
        start_ns=span.start_time_unix_nano,
        duration_ns=span.end_time_unix_nano - span.start_time_unix_nano,
        kind=SpanKind(span.kind),
        status_code=StatusCode(span.status.code),
        status_message=span.status.message,
        trace_state=span.trace_state,
        flags=span.flags,
        attributes=attributes_of(span.attributes),
        events=tuple(
            Event(
                event.time_unix_nano,
                event.name,
                attributes_of(event.attributes),
                event.dropped_attributes_count,
            )
            for event in span.events
        ),
        links=tuple(
            Link(
                link.trace_id.hex(),
                link.span_id.hex(),
                link.trace_state,
                attributes_of(link.attributes),
                link.dropped_attributes_count,
                link.flags,
            )
            for link in span.links
        ),
        dropped_attributes_count=span.dropped_attributes_count,
        dropped_events_count=span.dropped_events_count,
        dropped_links_count=span.dropped_links_count,
        resource=Resource(
            attributes_of(outer.resource.attributes),
            outer.resource.dropped_attributes_count,
            outer.schema_url,
        ),
        scope=Scope(
            scope.scope.name,
            scope.scope.version,
            attributes_of(scope.scope.attributes),
            scope.scope.dropped_attributes_count,
            scope.schema_url,
        ),
    )


def spans_of(data: trace_pb2.TracesData) -> list[Span]:
    return [
        span_of(outer, scope, span)
        for outer in data.resource_spans
        for scope in outer.scope_spans
        for span in scope.spans
    ]


@given(SPANS)
def test_every_span_comes_back_exactly_as_it_was_stored(span: Span) -> None:
    # Their texts are compared, because NaN is not equal to itself, and 1 is equal to True.
    assert repr([span]) == repr(spans_of(parsed([span])))


SHARED = Resource({"service.name": "cart"})


def test_spans_are_grouped_by_resource_and_scope_in_order_of_appearance() -> None:
    def span(number: int, resource: Resource, scope: Scope) -> Span:
        return Span("01" * 16, f"{number:016x}", "x", 0, 1, resource=resource, scope=scope)

    equal = replace(SHARED)
    other = Resource({"service.name": "cart"}, schema_url="https://example.com/2")
    spans = [
        span(1, SHARED, Scope("a")),
        span(2, other, Scope("a")),
        span(3, equal, Scope("b")),
        span(4, SHARED, Scope("a")),
    ]

    data = parsed(spans)

    assert [[["1", "4"], ["3"]], [["2"]]] == [
        [[one.span_id.hex().lstrip("0") for one in scope.spans] for scope in outer.scope_spans]
        for outer in data.resource_spans
    ]


def test_what_is_at_its_default_is_left_out() -> None:
    document = msgspec.json.decode(
        msgspec.json.encode(traces_data([Span("1" * 32, "2" * 16, "x", 0, 0)]))
    )

    assert {
        "resourceSpans": [
            {
                "resource": {},
                "scopeSpans": [
                    {
                        "scope": {},
                        "spans": [
                            {
                                "traceId": "1" * 32,
                                "spanId": "2" * 16,
                                "name": "x",
                                "kind": 0,
                                "startTimeUnixNano": "0",
                                "endTimeUnixNano": "0",
                                "status": {},
                            }
                        ],
                    }
                ],
            }
        ]
    } == document
