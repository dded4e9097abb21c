"""What is taken of a request."""

import pytest
from google.protobuf import unknown_fields
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.receivers.errors import Undecodable
from collector.receivers.request import accept
from tests.collector.builders import request, span
from tests.collector.otlp_strategies import export_requests


def spans_of(body):
    message = ExportTraceServiceRequest.FromString(body)
    return [
        found
        for resource_spans in message.resource_spans
        for scope_spans in resource_spans.scope_spans
        for found in scope_spans.spans
    ]


def test_a_valid_request_goes_on_as_the_very_bytes_that_were_sent():
    body = request(span(1), span(2))

    accepted = accept(body)

    assert accepted.body is body
    assert accepted.span_count == 2
    assert accepted.rejected == {}
    assert accepted.message == ""


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("trace_id", b"", "trace_id_length"),
        ("trace_id", b"\1" * 8, "trace_id_length"),
        ("trace_id", b"\1" * 17, "trace_id_length"),
        ("trace_id", bytes(16), "trace_id_zero"),
        ("span_id", b"", "span_id_length"),
        ("span_id", b"\1" * 7, "span_id_length"),
        ("span_id", b"\1" * 16, "span_id_length"),
        ("span_id", bytes(8), "span_id_zero"),
    ],
)
def test_a_span_with_an_invalid_id_is_rejected_alone(field, value, reason):
    faulty = span(2, **{field: value})

    accepted = accept(request(span(1), faulty, span(3)))

    assert accepted.rejected == {reason: 1}
    assert accepted.span_count == 2
    assert spans_of(accepted.body) == [span(1), span(3)]


def test_the_message_names_each_reason_with_its_count():
    accepted = accept(
        request(span(1, trace_id=b""), span(2, span_id=bytes(8)), span(3, trace_id=b"\1"))
    )

    assert accepted.message == (
        "3 spans rejected for invalid ids (span_id is all zero: 1; trace_id is not 16 bytes: 2)"
    )
    assert accepted.rejected_count == 3
    assert accepted.span_count == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"parent_span_id": b"\1" * 3},
        {"parent_span_id": bytes(8)},
        {"links": [Span.Link(trace_id=b"\1", span_id=b"")]},
        {"name": ""},
        {"start_time_unix_nano": 10, "end_time_unix_nano": 5},
    ],
)
def test_what_the_pipeline_mends_rejects_nothing(fields):
    accepted = accept(request(span(1, **fields)))

    assert (accepted.span_count, accepted.rejected) == (1, {})


def test_invalid_utf8_rejects_nothing():
    body = request(span(1, name="NAME")).replace(b"NAME", b"\xff\xfe\xc3\x28")

    assert accept(body).body is body


def test_unknown_fields_survive_the_removal_of_a_neighbour():
    known = span(1)
    unknown = Span.FromString(known.SerializeToString() + b"\xc2\x3e\x03new")  # field 1000

    accepted = accept(request(unknown, span(2, span_id=b"")))

    (kept,) = spans_of(accepted.body)
    assert [field.data for field in unknown_fields.UnknownFieldSet(kept)] == [b"new"]


@pytest.mark.parametrize("body", [b"", request(), b"\x0a\x00"])
def test_a_request_without_spans_is_accepted_with_nothing_to_store(body):
    assert accept(body).span_count == 0


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\xff\xff\xff", id="garbage"),
        pytest.param(b'{"resourceSpans": []}', id="JSON"),
        pytest.param(request(span(1))[:-3], id="truncated"),
        pytest.param(b"\x0b", id="a group that never ends"),
    ],
)
def test_a_body_that_is_no_request_is_undecodable(body):
    with pytest.raises(Undecodable):
        accept(body)


def test_values_nested_deeper_than_protobuf_allows_are_undecodable():
    value = b""
    for _ in range(200):
        inner = b"\x0a" + _varint(len(value)) + value  # ArrayValue.values
        value = b"\x2a" + _varint(len(inner)) + inner  # AnyValue.array_value
    attribute = b"\x12" + _varint(len(value)) + value
    unfinished = span(1).SerializeToString()
    nested = unfinished + b"\x4a" + _varint(len(attribute)) + attribute
    scope_spans = b"\x12" + _varint(len(nested)) + nested
    resource_spans = b"\x12" + _varint(len(scope_spans)) + scope_spans

    with pytest.raises(Undecodable):
        accept(b"\x0a" + _varint(len(resource_spans)) + resource_spans)


def _varint(number):
    encoded = b""
    while number > 127:
        encoded += bytes([number & 127 | 128])
        number >>= 7
    return encoded + bytes([number])


def test_many_faulty_spans_are_removed_in_one_pass():
    spans = [span(n, span_id=b"" if n % 2 else n.to_bytes(8, "big")) for n in range(1, 20_001)]

    accepted = accept(request(*spans))

    assert accepted.rejected == {"span_id_length": 10_000}
    assert [int.from_bytes(kept.span_id, "big") for kept in spans_of(accepted.body)] == list(
        range(2, 20_001, 2)
    )


@given(st.binary(max_size=200))
def test_any_bytes_are_accepted_or_undecodable(body):
    try:
        accepted = accept(body)
    except Undecodable:
        return
    assert accept(accepted.body).span_count == accepted.span_count


@given(export_requests(), st.data())
def test_any_damage_to_a_request_is_accepted_or_undecodable(message, data):
    body = bytearray(message.SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        if body:
            body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        accepted = accept(bytes(body))
    except Undecodable:
        return
    again = accept(accepted.body)

    assert (again.span_count, again.rejected) == (accepted.span_count, {})


ids = st.one_of(st.just(b""), st.just(bytes(8)), st.just(bytes(16)), st.binary(max_size=17))


@given(export_requests(), st.data())
def test_every_span_is_either_kept_or_counted_as_rejected(message, data):
    for resource_spans in message.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            for found in scope_spans.spans:
                if data.draw(st.booleans()):
                    found.trace_id = data.draw(ids)
                    found.span_id = data.draw(ids)
    body = message.SerializeToString()

    accepted = accept(body)

    valid = [
        found
        for found in spans_of(body)
        if (len(found.trace_id), len(found.span_id)) == (16, 8)
        and any(found.trace_id)
        and any(found.span_id)
    ]
    kept = spans_of(accepted.body)
    assert [one.SerializeToString() for one in kept] == [one.SerializeToString() for one in valid]
    assert accepted.span_count + accepted.rejected_count == len(spans_of(body))
