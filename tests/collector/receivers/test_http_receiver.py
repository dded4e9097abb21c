"""OTLP/HTTP: the rows of the specification's checklist, on the wire."""

import asyncio
import gzip
import io
import json
import zlib

import pytest
import zstandard
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.collector.builders import TRACE_ID, request, span

BODY = request(span(1), span(2))
PARTIAL = request(span(1), span(2, span_id=b""))
JSON = "application/json"
PROTOBUF = "application/x-protobuf"
JSON_BODY = json.dumps(
    {
        "resourceSpans": [
            {"scopeSpans": [{"spans": [{"traceId": TRACE_ID.hex(), "spanId": "A0" * 8}]}]}
        ]
    }
).encode()


def status_of(response):
    """The google.rpc.Status of an error, in the encoding that its Content-Type names."""
    if response.headers["Content-Type"] == JSON:
        return json_format.Parse(response.body, status_pb2.Status())
    assert response.headers["Content-Type"] == PROTOBUF
    return status_pb2.Status.FromString(response.body)


async def test_full_success_is_exactly_200_with_partial_success_unset(serve_http):
    client = await serve_http()

    response = await client.post(BODY)

    assert response.status == 200
    assert ExportTraceServiceResponse.FromString(response.body) == ExportTraceServiceResponse()
    assert client.sink.bodies == [BODY]
    assert client.sink.span_counts == [2]


async def test_full_success_in_json_is_an_empty_object(serve_http):
    client = await serve_http()

    response = await client.post(JSON_BODY, Content_Type=JSON)

    assert (response.status, response.body) == (200, b"{}")
    (body,) = client.sink.bodies
    sent = ExportTraceServiceRequest.FromString(body)
    assert sent.resource_spans[0].scope_spans[0].spans[0].trace_id == TRACE_ID


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (PROTOBUF, PROTOBUF),
        (JSON, JSON),
        ("application/json; charset=utf-8", JSON),
        ("Application/JSON", JSON),
        (" application/x-protobuf ;x=y", PROTOBUF),
    ],
)
async def test_the_answer_has_the_media_type_of_the_request(serve_http, sent, answered):
    client = await serve_http()
    body = JSON_BODY if answered == JSON else BODY

    response = await client.post(body, Content_Type=sent)

    assert (response.status, response.headers["Content-Type"]) == (200, answered)


async def test_partial_success_says_how_many_spans_and_why(serve_http):
    client = await serve_http()

    response = await client.post(PARTIAL)

    answer = ExportTraceServiceResponse.FromString(response.body)
    assert response.status == 200
    assert answer.partial_success.rejected_spans == 1
    assert "span_id is not 8 bytes: 1" in answer.partial_success.error_message
    assert client.sink.span_counts == [1]


async def test_partial_success_in_json(serve_http):
    client = await serve_http()

    response = await client.post(JSON_BODY.replace(b"A0A0", b"", 1), Content_Type=JSON)

    answer = json_format.Parse(response.body, ExportTraceServiceResponse())
    assert answer.partial_success.rejected_spans == 1


@pytest.mark.parametrize(
    ("body", "media_type"), [(b"", PROTOBUF), (request(), PROTOBUF), (b"{}", JSON)]
)
async def test_a_request_without_spans_succeeds_and_leaves_the_spool_alone(
    serve_http, body, media_type
):
    client = await serve_http()

    response = await client.post(body, Content_Type=media_type)

    assert response.status == 200
    assert client.sink.bodies == []


@pytest.mark.parametrize("path", ["/v1/traces", "/otlp/spans"])
async def test_further_paths_can_be_configured(serve_http, path):
    client = await serve_http(traces_paths=("/v1/traces", "/otlp/spans"))

    assert (await client.post(BODY, path=path)).status == 200


async def chunks(body, size=7):
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def test_chunked_bodies_are_taken_as_envoy_sends_them(serve_http):
    client = await serve_http()

    response = await client.post(chunks(BODY))

    assert response.status == 200
    assert client.sink.bodies == [BODY]


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("zstd", zstandard.compress),
    ],
)
@pytest.mark.parametrize("framing", [bytes, chunks])
async def test_compressed_bodies_are_taken(serve_http, encoding, compress, framing):
    client = await serve_http()

    response = await client.post(framing(compress(BODY)), Content_Encoding=encoding)

    assert response.status == 200
    assert client.sink.bodies == [BODY]


LIMIT = 100_000

REFUSALS = [
    pytest.param(400, {"body": b"\xff\xff"}, id="undecodable"),
    pytest.param(400, {"body": BODY[:-2]}, id="truncated"),
    pytest.param(400, {"body": gzip.compress(BODY)[:-4], "Content_Encoding": "gzip"},
                 id="truncated gzip"),
    pytest.param(400, {"body": gzip.compress(BODY) + b"x", "Content_Encoding": "gzip"},
                 id="bytes behind gzip"),
    pytest.param(400, {"body": BODY, "Content_Encoding": "gzip"}, id="not gzip at all"),
    pytest.param(400, {"body": BODY, "Content_Encoding": "snappy"}, id="unknown encoding"),
    pytest.param(400, {"body": BODY, "Content_Encoding": "gzip, gzip"}, id="two encodings"),
    pytest.param(404, {"body": BODY, "path": "/"}, id="wrong path"),
    pytest.param(404, {"body": BODY, "path": "/v1/traces/"}, id="a slash too many"),
    pytest.param(404, {"body": BODY, "path": "/v1/metrics"}, id="metrics"),
    pytest.param(404, {"body": BODY, "path": "/v1/logs"}, id="logs"),
    pytest.param(404, {"body": BODY, "path": "/v1development/profiles"}, id="profiles"),
    pytest.param(413, {"body": bytes(LIMIT + 1)}, id="too large"),
    pytest.param(413, {"body": zlib.compress(bytes(LIMIT + 1)), "Content_Encoding": "deflate"},
                 id="too large when decompressed"),
]  # fmt: skip


@pytest.mark.parametrize("media_type", [PROTOBUF, JSON])
@pytest.mark.parametrize(("code", "sent"), REFUSALS)
async def test_a_permanent_error_is_a_status_in_the_encoding_of_the_request(
    serve_http, media_type, code, sent
):
    client = await serve_http(max_request_bytes=LIMIT)

    response = await client.post(**sent, Content_Type=media_type)

    assert (response.status, response.headers["Content-Type"]) == (code, media_type)
    assert status_of(response).message
    assert "Retry-After" not in response.headers
    assert client.sink.bodies == []


async def test_a_bad_request_carries_bad_request_details(serve_http):
    client = await serve_http()

    status = status_of(await client.post(b"\xff\xff"))

    assert status.details[0].Is(error_details_pb2.BadRequest.DESCRIPTOR)


@pytest.mark.parametrize("signal", ["metrics", "logs"])
async def test_other_signals_are_told_that_traces_are_taken(serve_http, signal):
    client = await serve_http()

    status = status_of(await client.post(b"", path=f"/v1/{signal}"))

    assert status.message == f"{signal} are not implemented: Spanloom takes traces"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_405_and_told_what_is_allowed(serve_http, method):
    client = await serve_http()

    response = await client.request(method)

    assert (response.status, response.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/protobuf", "application/xml", "nonsense", ""]
)
async def test_other_media_types_are_415_with_a_protobuf_status(serve_http, media_type):
    client = await serve_http()

    response = await client.post(BODY, Content_Type=media_type)

    assert response.status == 415
    assert "application/x-protobuf" in status_of(response).message


async def test_a_missing_media_type_is_415(serve_http):
    client = await serve_http()

    response = await client.request("POST", data=BODY)

    assert response.status == 415


async def test_a_reader_who_asks_for_json_gets_errors_in_json(serve_http):
    client = await serve_http()

    response = await client.request("GET", headers={"Accept": JSON})

    assert response.headers["Content-Type"] == JSON
    assert "use POST" in status_of(response).message


async def test_a_body_at_the_limit_is_taken(serve_http):
    client = await serve_http(max_request_bytes=len(BODY))

    assert (await client.post(BODY)).status == 200
    assert (await client.post(chunks(BODY))).status == 200
    assert (await client.post(gzip.compress(BODY), Content_Encoding="gzip")).status == 200


async def test_one_byte_more_than_the_limit_is_413_in_any_framing(serve_http):
    client = await serve_http(max_request_bytes=len(BODY) - 1)

    assert (await client.post(BODY)).status == 413
    assert (await client.post(chunks(BODY))).status == 413


async def test_a_default_receiver_takes_bodies_of_64_mib(serve_http):
    client = await serve_http()
    padding = 64 << 20
    unknown_field = b"\xc2\x3e" + _varint(padding - len(BODY) - 6)
    body = BODY + unknown_field + bytes(padding - len(BODY) - len(unknown_field))

    assert len(body) == 64 << 20
    assert (await client.post(io.BytesIO(body))).status == 200
    assert (await client.post(io.BytesIO(body + b"\0"))).status == 413


def _varint(number):
    encoded = b""
    while number > 127:
        encoded += bytes([number & 127 | 128])
        number >>= 7
    return encoded + bytes([number])


async def test_a_connection_serves_many_requests(serve_http):
    client = await serve_http()
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    head = f"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: {PROTOBUF}\r\n"

    for _ in range(3):
        writer.write(f"{head}Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")

    writer.close()
    await writer.wait_closed()


async def test_accept_encoding_gzip_is_understood(serve_http):
    client = await serve_http()

    response = await client.post(PARTIAL, Accept_Encoding="gzip")

    # Answers are smaller than a packet: they are not compressed, which the client may not mind.
    assert "Content-Encoding" not in response.headers
    assert ExportTraceServiceResponse.FromString(response.body).HasField("partial_success")
