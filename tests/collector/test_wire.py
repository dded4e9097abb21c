"""The walk over protobuf's wire format against protobuf itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.wire import Malformed, fields, header, wrapped
from tests.collector.otlp_strategies import spans


@given(spans())
def test_the_fields_follow_each_other_from_start_to_end(span):
    data = span.SerializeToString()

    found = list(fields(data, 0, len(data)))

    assert [start for _, _, start, _, _ in found] == [0, *(end for *_, end in found)][:-1]
    assert found[-1][-1] == len(data)


@given(spans())
def test_every_field_is_found_with_its_content(span):
    data = span.SerializeToString()

    attributes = [data[a:b] for number, _, _, a, b in fields(data, 0, len(data)) if number == 9]

    assert attributes == [one.SerializeToString() for one in span.attributes]


@given(st.binary(max_size=300))
def test_wrapped_content_is_inside_of_the_messages_of_its_path(name):
    content = header(5, len(name)) + name.hex().encode()[: len(name)]

    request = ExportTraceServiceRequest.FromString(wrapped((1, 2, 2), content))

    assert request.resource_spans[0].scope_spans[0].spans[0] == Span.FromString(content)


@given(st.binary(max_size=60))
def test_any_bytes_are_fields_or_malformed(data):
    try:
        found = list(fields(data, 0, len(data)))
    except Malformed:
        return
    assert all(start < content <= end <= len(data) for _, _, start, content, end in found)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16_383, 16_384, 1 << 21])
def test_a_header_says_number_and_size(size):
    data = header(100, size) + bytes(size)

    assert list(fields(data, 0, len(data))) == [(100, 2, 0, len(data) - size, len(data))]
