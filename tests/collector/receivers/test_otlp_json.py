"""OTLP/JSON against protobuf's own JSON mapping, and where OTLP differs from it."""

import base64
import json

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from collector import otlp_json
from collector.otlp_json import to_protobuf
from collector.receivers.errors import Condition, RequestError, Undecodable
from collector.receivers.request import accept
from tests.collector.builders import TRACE_ID
from tests.collector.otlp_strategies import export_requests

ID_KEYS = ("traceId", "spanId", "parentSpanId")


def to_otlp_json(message):
    """The OTLP/JSON of a message, by json_format and a change of its ids from base64 to hex."""
    parsed = json.loads(json_format.MessageToJson(message, use_integers_for_enums=True))
    return json.dumps(_with_hex_ids(parsed)).encode()


def _with_hex_ids(value):
    if isinstance(value, list):
        return [_with_hex_ids(element) for element in value]
    if isinstance(value, dict):
        return {
            key: base64.b64decode(element).hex() if key in ID_KEYS else _with_hex_ids(element)
            for key, element in value.items()
        }
    return value


def decoded(body):
    return ExportTraceServiceRequest.FromString(to_protobuf(body))


def request_with(**fields):
    """The request with one span of these JSON fields."""
    known = {"traceId": TRACE_ID.hex(), "spanId": "00000000000000a1"}
    spans = [{**known, **fields}]
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()


def span_with(**fields):
    return decoded(request_with(**fields)).resource_spans[0].scope_spans[0].spans[0]


def value_of(**member):
    attributes = [{"key": "k", "value": member}]
    return span_with(attributes=attributes).attributes[0].value


@given(export_requests())
def test_any_request_in_json_is_the_same_request_in_protobuf(message):
    # JSON has one NaN, whatever its bits were: hence compared with what json_format reads.
    expected = json_format.Parse(json_format.MessageToJson(message), ExportTraceServiceRequest())

    assert to_protobuf(to_otlp_json(message)) == expected.SerializeToString()


def test_entity_references_come_through():
    message = ExportTraceServiceRequest()
    message.resource_spans.add(resource=Resource()).resource.entity_refs.add(
        schema_url="s", type="service", id_keys=["service.name"], description_keys=["d"]
    )

    assert decoded(to_otlp_json(message)) == message


@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_ids_are_hexadecimal_in_any_case(change):
    span = span_with(traceId=change(TRACE_ID.hex()), parentSpanId=change("00000000000000bc"))

    assert span.trace_id == TRACE_ID
    assert span.parent_span_id == b"\0" * 7 + b"\xbc"


def test_ids_of_links_are_hexadecimal():
    link = {"traceId": TRACE_ID.hex(), "spanId": "00000000000000B2"}

    (found,) = span_with(links=[link]).links
    assert (found.trace_id, found.span_id) == (TRACE_ID, b"\0" * 7 + b"\xb2")


@pytest.mark.parametrize("trace_id", ["xyz", "0af7", TRACE_ID.hex()[:-1], "ä" * 32])
def test_an_id_that_is_no_id_rejects_its_span_alone(trace_id):
    accepted = accept(to_protobuf(request_with(traceId=trace_id)))

    assert (accepted.span_count, accepted.rejected) == (0, {"trace_id_length": 1})


def test_a_parent_id_that_is_not_hexadecimal_rejects_nothing():
    accepted = accept(to_protobuf(request_with(parentSpanId="zz")))

    assert (accepted.span_count, accepted.rejected) == (1, {})


@pytest.mark.parametrize("value", ["1795000000000000000", 1795000000000000000])
def test_64_bit_integers_are_strings_or_numbers(value):
    assert span_with(startTimeUnixNano=value).start_time_unix_nano == 1795000000000000000
    assert value_of(intValue=value).int_value == 1795000000000000000


@pytest.mark.parametrize(("value", "expected"), [("-5", -5), (-5, -5), (2.0, 2), (1e3, 1000)])
def test_whole_numbers_of_any_form_are_integers(value, expected):
    assert value_of(intValue=value).int_value == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("NaN", "nan"),
        ("Infinity", "inf"),
        ("-Infinity", "-inf"),
        (1, "1.0"),
        (-0.5, "-0.5"),
        ("2.5", "2.5"),
    ],
)
def test_doubles_are_numbers_or_strings(value, expected):
    assert str(value_of(doubleValue=value).double_value) == expected


@pytest.mark.parametrize("text", ["+/8=", "-_8=", "-_8", "+/8"])
def test_bytes_are_base64_in_either_alphabet(text):
    assert value_of(bytesValue=text).bytes_value == b"\xfb\xff"


@pytest.mark.parametrize(
    ("member", "kind"),
    [
        ({"stringValue": ""}, "string_value"),
        ({"boolValue": False}, "bool_value"),
        ({"intValue": 0}, "int_value"),
        ({"doubleValue": 0}, "double_value"),
        ({"bytesValue": ""}, "bytes_value"),
        ({"arrayValue": {}}, "array_value"),
        ({"kvlistValue": {}}, "kvlist_value"),
        ({}, None),
        ({"stringValueStrindex": 3}, None),
    ],
)
def test_an_empty_value_keeps_its_type(member, kind):
    assert value_of(**member).WhichOneof("value") == kind


def test_unknown_fields_are_ignored():
    assert span_with(future={"a": [1, {"b": None}]}, name="n").name == "n"


def test_names_of_fields_are_lower_camel_case_only():
    assert span_with(trace_state="a=1", parent_span_id="00000000000000bc").trace_state == ""


def test_null_is_the_same_as_absent():
    assert span_with(name=None, attributes=None, status=None, kind=None) == span_with()


def test_an_unknown_number_of_an_enum_is_kept():
    assert span_with(kind=77).kind == 77


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="an array"),
        pytest.param(b'{"resourceSpans": [', id="cut off"),
        pytest.param(b'{"resourceSpans": {}}', id="an object for an array"),
        pytest.param(b'{"resourceSpans": [null]}', id="null in an array"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
        pytest.param(
            request_with(name=b"\xff".decode("latin1")).replace(b"\\u00ff", b"\xff"),
            id="a string that is not UTF-8",
        ),
        pytest.param(request_with(kind="SPAN_KIND_SERVER"), id="the name of an enum"),
        pytest.param(request_with(status={"code": "STATUS_CODE_OK"}), id="the name of a code"),
        pytest.param(request_with(kind=1 << 40), id="an enum beyond 32 bits"),
        pytest.param(request_with(startTimeUnixNano=-1), id="a negative time"),
        pytest.param(request_with(startTimeUnixNano="12x"), id="a time with letters"),
        pytest.param(request_with(startTimeUnixNano=1.5), id="half a nanosecond"),
        pytest.param(request_with(startTimeUnixNano=1 << 70), id="a time beyond 64 bits"),
        pytest.param(request_with(flags=True), id="a boolean for a number"),
        pytest.param(request_with(name=5), id="a number for a string"),
        pytest.param(
            request_with(attributes=[{"key": "k", "value": {"bytesValue": "!"}}]), id="no base64"
        ),
        pytest.param(
            request_with(attributes=[{"key": "k", "value": {"doubleValue": "nan "}}]),
            id="no number",
        ),
        pytest.param(request_with(name="NAME").replace(b"NAME", b"\\ud800"), id="half a surrogate"),
        pytest.param(b"[" * 100_000, id="deep nesting"),
        pytest.param(b'{"x":' * 100_000, id="deep unknown nesting"),
    ],
)
def test_a_body_that_is_no_request_is_undecodable(body):
    with pytest.raises(Undecodable):
        to_protobuf(body)


@pytest.mark.parametrize("depth", [120, 250, 400, 1200, 30_000])
def test_values_nested_deeper_than_protobuf_allows_are_undecodable(depth):
    deep = b'{"arrayValue": {"values": [' * depth + b'{"intValue": 1}' + b"]}}" * depth
    body = request_with(attributes=[{"key": "k", "value": "DEEP"}]).replace(b'"DEEP"', deep)

    with pytest.raises(Undecodable):
        accept(to_protobuf(body))


@pytest.mark.parametrize(
    ("limit", "body"),
    [
        ("MAX_OBJECTS", request_with(attributes=[{}])),  # and four around it
        ("MAX_VALUES", b'{"resourceSpans": [{}, {}, {}, {}, {}]}'),
    ],
)
def test_objects_and_values_count_up_to_a_limit(monkeypatch, limit, body):
    monkeypatch.setattr(otlp_json, limit, 5)
    to_protobuf(body)
    monkeypatch.setattr(otlp_json, limit, 4)

    with pytest.raises(RequestError, match="send smaller batches") as caught:
        to_protobuf(body)

    assert caught.value.condition is Condition.TOO_LARGE


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["resourceSpans", "scopeSpans", "spans", "traceId", "attributes", "key", "value"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.one_of(st.binary(max_size=100), json_values.map(lambda v: json.dumps(v).encode())))
def test_any_body_is_a_request_or_undecodable(body):
    try:
        accept(to_protobuf(body))
    except Undecodable:
        return
