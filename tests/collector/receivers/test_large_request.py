"""Requests that are validated in pieces, so that their size on the wire bounds their cost."""

import io
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.rpc import status_pb2
from grpc_status import rpc_status
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.receivers import request as request_module
from collector.receivers.errors import Condition, RequestError, Undecodable
from collector.receivers.request import MAX_SPANS, PIECE_BYTES, accept
from collector.wire import wrapped
from tests.collector.builders import request, span
from tests.collector.otlp_strategies import export_requests

SPAN = (1, 2, 2)
EMPTY_SPAN = b"\x12\x00"
EMPTY_ATTRIBUTE = b"\x4a\x00"
ids = st.one_of(st.just(b""), st.just(bytes(8)), st.just(bytes(16)), st.binary(max_size=17))
piece_sizes = st.integers(1, 400)


@st.composite
def requests_with_faults(draw):
    message = draw(export_requests())
    for resource_spans in message.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            for found in scope_spans.spans:
                if draw(st.booleans()):
                    found.trace_id = draw(ids)
                    found.span_id = draw(ids)
    return message.SerializeToString()


def outcome(body, piece_bytes):
    """What is taken of ``body``; None if it is undecodable."""
    try:
        accepted = accept(body, piece_bytes)
    except Undecodable:
        return None
    taken = ExportTraceServiceRequest()
    if accepted.rejected:
        taken.ParseFromString(accepted.body)
    else:
        assert accepted.body is body
    return accepted.span_count, accepted.rejected, accepted.message, taken.SerializeToString()


@given(requests_with_faults(), piece_sizes)
def test_a_request_in_pieces_is_taken_as_one_that_is_parsed_whole(body, piece_bytes):
    assert outcome(body, piece_bytes) == outcome(body, len(body))


@given(requests_with_faults(), piece_sizes, st.data())
def test_what_is_taken_of_a_damaged_request_in_pieces_is_what_is_taken_of_it_whole(
    body, piece_bytes, data
):
    damaged = bytearray(body)
    for _ in range(data.draw(st.integers(1, 4))):
        if damaged:
            damaged[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        in_pieces = accept(bytes(damaged), piece_bytes)
    except Undecodable:
        return
    whole = accept(bytes(damaged), len(damaged))

    assert in_pieces.span_count == whole.span_count
    assert in_pieces.rejected == whole.rejected


@given(st.binary(max_size=200), piece_sizes)
def test_any_bytes_are_accepted_or_undecodable(body, piece_bytes):
    outcome(body, piece_bytes)


@pytest.mark.parametrize("depth", [1, 45, 46, 47, 48, 49, 50, 200, 5000])
@pytest.mark.parametrize("piece_bytes", [1, 100])
def test_values_may_be_nested_as_deep_in_pieces_as_whole(depth, piece_bytes):
    array = (5, 1)  # AnyValue.array_value, ArrayValue.values
    attribute = wrapped((9, 2, *(array * depth)), b"\x10\x01" * 60)
    body = wrapped(SPAN, span().SerializeToString() + attribute)

    assert outcome(body, piece_bytes) == outcome(body, len(body))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(request(span(1))[:-1], id="cut off"),
        pytest.param(request(span(1)) + b"\x0a", id="a field without its length"),
        pytest.param(request(span(1)) + b"\xff" * 11, id="a number that does not end"),
        pytest.param(request(span(1)) + b"\x79\x00", id="a fixed number that is cut off"),
        pytest.param(request(span(1)) + b"\x00\x00", id="a field with the number 0"),
        pytest.param(request(span(1)) + b"\x7b\x7c", id="a group, which proto3 has not"),
    ],
)
def test_a_large_body_that_is_no_request_is_undecodable(body):
    with pytest.raises(Undecodable):
        accept(body, 10)


def test_of_an_id_that_a_large_span_has_twice_the_last_counts():
    fields = span(1, attributes={"k": "v" * 100}).SerializeToString()
    body = wrapped(SPAN, fields + b"\x12\x03bad")

    assert accept(body, 50).rejected == accept(body).rejected == {"span_id_length": 1}


def limited(monkeypatch, spans=1_000, parts=1_000):
    monkeypatch.setattr(request_module, "MAX_SPANS", spans)
    monkeypatch.setattr(request_module, "MAX_PARTS", parts)


def sized(resources, scopes, spans, attributes):
    """A request with that many of each in the one before."""
    message = ExportTraceServiceRequest()
    for _ in range(resources):
        resource_spans = message.resource_spans.add()
        for _ in range(scopes):
            filled = span(1, {f"key {number}": "value" for number in range(attributes)})
            resource_spans.scope_spans.add().spans.extend([filled] * spans)
    return message.SerializeToString()


@pytest.mark.parametrize("piece_bytes", [1, 60, 400])
@pytest.mark.parametrize(
    ("counts", "limit"),
    [
        ((1, 1, 10, 0), 12),
        ((1, 10, 0, 0), 11),
        ((10, 0, 0, 0), 10),
        ((2, 3, 4, 5), 2 + 2 * 3 + 2 * 3 * 4),
    ],
)
def test_spans_scopes_and_resources_count_up_to_the_limit(monkeypatch, piece_bytes, counts, limit):
    body = sized(*counts)
    piece_bytes = min(piece_bytes, len(body) - 1)

    limited(monkeypatch, spans=limit)
    accept(body, piece_bytes)
    limited(monkeypatch, spans=limit - 1)
    with pytest.raises(RequestError, match=r"more than .* spans") as caught:
        accept(body, piece_bytes)

    assert caught.value.condition is Condition.TOO_LARGE


def test_attributes_count_up_to_a_limit(monkeypatch):
    body = sized(1, 1, 2, 10)
    piece_bytes = len(body) // 2 + 10  # 20 attributes, and the two spans, which are walked over

    limited(monkeypatch, parts=22)
    accept(body, piece_bytes)
    limited(monkeypatch, parts=21)
    with pytest.raises(RequestError, match=r"more than .* attributes") as caught:
        accept(body, piece_bytes)

    assert caught.value.condition is Condition.TOO_LARGE


def test_a_body_of_one_piece_is_not_limited(monkeypatch):
    limited(monkeypatch, spans=1, parts=1)

    assert accept(request(span(1), span(2))).span_count == 2


async def test_both_transports_refuse_too_many_spans_for_good(serve_http, serve_grpc):
    body = wrapped(SPAN[:2], EMPTY_SPAN * (MAX_SPANS + 1))
    assert len(body) > PIECE_BYTES

    response = await (await serve_http()).post(io.BytesIO(body))
    client = await serve_grpc(channel_options=[("grpc.max_send_message_length", -1)])
    refusal = await client.refusal(body)

    assert response.status == 413
    assert "send smaller batches" in status_pb2.Status.FromString(response.body).message
    assert refusal.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert not rpc_status.from_call(refusal).details


MEASURE = """
import sys
from pathlib import Path
from collector.otlp_json import to_protobuf
from collector.receivers.errors import RequestError
from collector.receivers.request import accept
from collector.wire import wrapped

FULL = (64 << 20) - 100
IDS = wrapped((1,), bytes(range(16))) + wrapped((2,), bytes(range(8)))
SPAN = (1, 2, 2)

def flood(unit, path, before=b""):
    return wrapped(SPAN, before + wrapped(path, unit * (FULL // len(unit))))

BODIES = {
    "spans": lambda: wrapped(SPAN[:2], bytes([18, 0]) * (FULL // 2)),
    "resources": lambda: bytes([10, 0]) * (FULL // 2),
    "attributes": lambda: flood(bytes([74, 0]), (), IDS),
    "array": lambda: flood(bytes([10, 0]), (9, 2, 5), IDS),
    "arrays": lambda: wrapped(SPAN, IDS + wrapped((9, 2, 5), bytes([10, 0]) * 500_000)) * 60,
    "unknown": lambda: bytes([120, 1]) * (FULL // 2),
    "json": lambda: b'{"resourceSpans":[{"scopeSpans":[{"spans":[' + b"{}," * (FULL // 3),
    "json spans": lambda: b'{"resourceSpans":[{"scopeSpans":[{"spans":['
        + b",".join([b"{}"] * 999_997) + b"]}]}]}",
}
name = sys.argv[1]
body = BODIES[name]()
try:
    accept(to_protobuf(body) if name.startswith("json") else body)
except RequestError:
    pass
for line in Path("/proc/self/status").read_text().splitlines():
    if line.startswith("VmHWM:"):
        print(int(line.split()[1]) >> 10)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's VmHWM")
@pytest.mark.parametrize(
    "flood",
    ["spans", "resources", "attributes", "array", "arrays", "unknown", "json", "json spans"],
)
def test_a_full_body_of_empty_messages_stays_far_below_a_gigabyte(flood):
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, flood], check=True, capture_output=True, text=True
    )

    assert int(measured.stdout) < 600
