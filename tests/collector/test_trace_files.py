import contextlib
import gzip
import json
import re

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from collector.split import NotProtobuf, split_request
from collector.trace_files import TraceFileError, partial_success, read_bodies

JSON, PROTOBUF = "application/json", "application/x-protobuf"


def request(*scopes: int) -> ExportTraceServiceRequest:
    """One resource a number, with a scope of that many spans."""
    made = ExportTraceServiceRequest()
    for number, count in enumerate(scopes):
        resource = made.resource_spans.add(schema_url="https://schema.example")
        resource.resource.attributes.add(key="n").value.int_value = number
        scope = resource.scope_spans.add(schema_url="https://scope.example")
        scope.scope.name = f"scope {number}"
        for index in range(count):
            scope.spans.add(name=f"{number}/{index}", span_id=bytes([number, index]))
    return made


def otlp_json(*names: str) -> bytes:
    spans = [{"name": name} for name in names]
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()


def framed(*messages: bytes) -> bytes:
    return b"".join(len(message).to_bytes(4, "big") + message for message in messages)


JAEGER = b'{"data": [{"spans": [{"traceID": "1", "spanID": "2", "operationName": "j"}]}]}'


@pytest.mark.parametrize(
    ("content", "media_type", "spans"),
    [
        (otlp_json("a", "b"), JSON, 2),
        (json.dumps(json.loads(otlp_json("a")), indent=2).encode(), JSON, 1),
        (otlp_json("a") + b"\n" + otlp_json("b", "c") + b"\n", JSON, 3),
        (otlp_json("a") + b"\n\n" + otlp_json("b"), JSON, 2),
        (b"  " + otlp_json("a"), JSON, 1),
        (JAEGER, JSON, 1),
        (b'[{"traceId": "1", "id": "2"}, {"traceId": "1", "id": "3"}]', JSON, 2),
        (request(2, 1).SerializeToString(), PROTOBUF, 3),
        (framed(request(2).SerializeToString(), request(1).SerializeToString()), PROTOBUF, 3),
        (gzip.compress(otlp_json("a"), mtime=0), JSON, 1),
        (zstandard.compress(request(2).SerializeToString()), PROTOBUF, 2),
    ],
)
def test_every_kind_of_file_is_read(tmp_path, content, media_type, spans):
    file = tmp_path / "traces"
    file.write_bytes(content)
    bodies = list(read_bodies(file))

    assert {media_type} == {body.content_type for body in bodies}
    assert spans == sum(body.span_count for body in bodies)
    assert len(content) == bodies[-1].read_bytes


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{nonsense", "not JSON of traces"),
        (b'{"a": 1}', "no traces in a form that is known; .*resourceSpans"),
        (otlp_json("a") + b"\n{", "not JSON of traces"),
        (b"plain text", "cut off"),
        (framed(b"abc")[:-1], "cut off"),
        (b"\x0a\x05abc", "longer than the message"),
        (b'{"data": [{}]}', "not Jaeger's JSON"),
        (gzip.compress(b"{}", mtime=0)[:-4], "end-of-stream"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path, content, message):
    file = tmp_path / "traces"
    file.write_bytes(content)

    with pytest.raises(TraceFileError, match=f"{re.escape(str(file))}: .*{message}"):
        list(read_bodies(file))


def test_a_large_document_is_sent_in_parts(tmp_path):
    file = tmp_path / "traces.json"
    file.write_bytes(otlp_json(*(str(n) for n in range(4500))))
    parts = [body.span_count for body in read_bodies(file)]

    assert [2000, 2000, 500] == parts


@given(st.lists(st.integers(0, 20), max_size=5), st.integers(1, 30), st.integers(1, 300))
def test_the_parts_of_a_request_together_are_the_request(scopes, max_spans, max_bytes):
    whole = request(*scopes)
    parts = list(split_request(whole.SerializeToString(), max_spans, max_bytes))
    found = [ExportTraceServiceRequest.FromString(data) for data, _ in parts]

    assert all(count <= max_spans for _, count in parts)
    assert all(count <= 1 or len(data) <= max_bytes + 100 for data, count in parts)
    assert [span for spans in map(spans_of, found) for span in spans] == spans_of(whole)


def spans_of(made):
    """Each span with everything that it shares with others."""
    return [
        (resource.resource, resource.schema_url, scope.scope, scope.schema_url, span)
        for resource in made.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


@given(st.binary(max_size=60))
def test_any_bytes_are_split_or_refused(data):
    with contextlib.suppress(NotProtobuf):
        assert all(count <= 5 for _, count in split_request(data, 5, 100))


@pytest.mark.parametrize("media_type", [JSON, PROTOBUF])
def test_answers_are_understood(media_type):
    answer = ExportTraceServiceResponse()
    answer.partial_success.rejected_spans = 2
    answer.partial_success.error_message = "why"
    body = {
        JSON: b'{"partialSuccess": {"rejectedSpans": "2", "errorMessage": "why"}}',
        PROTOBUF: answer.SerializeToString(),
    }[media_type]

    assert (2, "why") == partial_success(media_type, body)
    assert (0, "") == partial_success(media_type, b"{}" if media_type == JSON else b"")
