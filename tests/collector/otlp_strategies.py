"""Random OTLP requests, as any exporter in any language might send them."""

from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import (
    AnyValue,
    ArrayValue,
    InstrumentationScope,
    KeyValue,
    KeyValueList,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

KNOWN_KEYS = (
    "http.method",
    "http.request.method",
    "http.status_code",
    "http.response.status_code",
    "guid:x-request-id",
    "error",
    "component",
    "node_id",
    "user.id",
    "",
)
TRICKY_TEXT = ("200", "0200", "-0", "true", "TRUE", "GET", "1.0", "NaN", "9223372036854775808")

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
uuids = st.uuids().map(str)
int64 = st.integers(-(1 << 63), (1 << 63) - 1)
uint32 = st.one_of(st.just(0), st.integers(0, (1 << 32) - 1))
times = st.integers(1, 1 << 62)

scalars = st.one_of(
    st.builds(AnyValue, string_value=st.one_of(text, uuids, st.sampled_from(TRICKY_TEXT))),
    st.builds(AnyValue, bool_value=st.booleans()),
    st.builds(AnyValue, int_value=int64),
    st.builds(AnyValue, double_value=st.floats()),
    st.builds(AnyValue, bytes_value=st.binary(max_size=8)),
    st.just(AnyValue()),
)


def key_values(values):
    """Lists of KeyValue with distinct keys, as the specification demands."""
    pairs = st.dictionaries(st.one_of(st.sampled_from(KNOWN_KEYS), text), values, max_size=6)
    return pairs.map(lambda found: [KeyValue(key=key, value=found[key]) for key in found])


any_values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(
            lambda values: AnyValue(array_value=ArrayValue(values=values))
        ),
        key_values(inner).map(lambda pairs: AnyValue(kvlist_value=KeyValueList(values=pairs))),
    ),
    max_leaves=4,
)
attributes = key_values(any_values)
trace_ids = st.binary(min_size=16, max_size=16).filter(any)
span_ids = st.binary(min_size=8, max_size=8).filter(any)

events = st.builds(
    Span.Event,
    time_unix_nano=times,
    name=text,
    attributes=attributes,
    dropped_attributes_count=uint32,
)
links = st.builds(
    Span.Link,
    trace_id=trace_ids,
    span_id=span_ids,
    trace_state=text,
    attributes=attributes,
    dropped_attributes_count=uint32,
    flags=uint32,
)


@st.composite
def spans(draw):
    start = draw(times)
    return Span(
        trace_id=draw(trace_ids),
        span_id=draw(span_ids),
        parent_span_id=draw(st.one_of(st.just(b""), span_ids)),
        trace_state=draw(text),
        flags=draw(uint32),
        name=draw(text.filter(bool)),
        kind=draw(st.integers(0, 5)),
        start_time_unix_nano=start,
        end_time_unix_nano=start + draw(st.integers(0, 1 << 40)),
        attributes=draw(attributes),
        dropped_attributes_count=draw(uint32),
        events=draw(st.lists(events, max_size=2)),
        dropped_events_count=draw(uint32),
        links=draw(st.lists(links, max_size=2)),
        dropped_links_count=draw(uint32),
        status=Status(message=draw(text), code=draw(st.integers(0, 2))),
    )


scope_spans = st.builds(
    ScopeSpans,
    scope=st.builds(
        InstrumentationScope,
        name=text,
        version=text,
        attributes=attributes,
        dropped_attributes_count=uint32,
    ),
    spans=st.lists(spans(), max_size=3),
    schema_url=text,
)
resource_spans = st.builds(
    ResourceSpans,
    resource=st.builds(Resource, attributes=attributes, dropped_attributes_count=uint32),
    scope_spans=st.lists(scope_spans, max_size=2),
    schema_url=text,
)


def export_requests():
    """Whole requests; ids are valid, times are in order, keys are distinct."""
    return st.builds(ExportTraceServiceRequest, resource_spans=st.lists(resource_spans, max_size=2))
