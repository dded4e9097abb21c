"""OTLP/HTTP: odd, slow and broken connections."""

import asyncio

import pytest
from google.rpc import status_pb2

from tests.collector.builders import request, span

BODY = request(span(1))
HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"


@pytest.fixture
async def speak():
    """Sends raw bytes; the answer's status line and body, until the server closes."""
    writers = []

    async def speak(client, *sent):
        reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
        writers.append(writer)
        for piece in sent:
            writer.write(piece)
            await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
        return head, await reader.readexactly(int(length))

    yield speak
    for writer in writers:
        writer.close()


async def test_a_body_that_comes_too_slowly_is_503(serve_http, speak):
    client = await serve_http(read_timeout_s=0.05)

    head, body = await speak(client, HEAD + b"Content-Length: 1000\r\n\r\n", b"only this")

    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1\r\n" in head.lower()
    assert "did not arrive" in status_pb2.Status.FromString(body).message


async def test_bad_chunks_are_400(serve_http, speak):
    client = await serve_http()

    head, body = await speak(
        client, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"nonsense\r\nabc\r\n"
    )

    assert b" 400 " in head.splitlines()[0]
    assert status_pb2.Status.FromString(body).code == 3


@pytest.mark.parametrize(
    "sent",
    [
        b"GET\r\n\r\n",
        HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
        HEAD + b"Content-Length: -5\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_bytes_that_are_not_http_are_answered_with_a_status_and_counted(
    serve_http, speak, metric, sent, caplog
):
    client = await serve_http()
    counted = {"receiver": "otlp", "transport": "http", "condition": "undecodable"}
    metric("spanloom_receiver_errors_total", **counted)

    head, body = await speak(client, sent)

    assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert "not a valid HTTP request" in status_pb2.Status.FromString(body).message
    assert metric("spanloom_receiver_errors_total", **counted) == 1
    assert caplog.records == []


async def test_expect_continue_is_answered_before_the_body(serve_http):
    client = await serve_http()
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(HEAD + f"Content-Length: {len(BODY)}\r\nExpect: 100-continue\r\n\r\n".encode())

    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(BODY)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")

    writer.close()
    await writer.wait_closed()


async def test_a_client_that_goes_in_the_middle_leaves_nothing_behind(serve_http, metric):
    client = await serve_http()
    aborted = {"receiver": "otlp", "transport": "http"}
    before = metric("spanloom_receiver_aborted_requests_total", **aborted)
    _, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\nhalf")
    await writer.drain()
    assert (await client.post(BODY)).status == 200
    writer.close()
    await writer.wait_closed()

    while metric("spanloom_receiver_aborted_requests_total", **aborted) == before:
        assert (await client.post(BODY)).status == 200
    assert set(client.sink.bodies) == {BODY}


@pytest.mark.parametrize(
    ("sent", "condition", "told"),
    [
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http2", "send OTLP/gRPC to the gRPC port"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "tls", "switch TLS off"),
    ],
)
async def test_what_was_meant_for_another_port_is_counted_by_what_it_is(
    serve_http, speak, metric, sent, condition, told
):
    labels = {"receiver": "otlp", "transport": "http", "condition": condition}
    metric("spanloom_receiver_errors_total", **labels)
    client = await serve_http()

    _, body = await speak(client, sent)

    assert told in status_pb2.Status.FromString(body).message
    assert 1 == metric("spanloom_receiver_errors_total", **labels)
