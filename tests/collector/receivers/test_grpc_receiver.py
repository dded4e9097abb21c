"""OTLP/gRPC: the rows of the specification's checklist, on the wire."""

import asyncio
import gzip
import struct
import zlib

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.receivers.grpc_receiver import TRACE_SERVICE
from tests.collector.builders import request, span

BODY = request(span(1), span(2))
PARTIAL = request(span(1), span(2, span_id=b""))


async def test_full_success_is_ok_with_partial_success_unset(serve_grpc):
    client = await serve_grpc()

    answer = await client.export(BODY)

    assert ExportTraceServiceResponse.FromString(answer) == ExportTraceServiceResponse()
    assert client.sink.bodies == [BODY]
    assert client.sink.span_counts == [2]


async def test_partial_success_says_how_many_spans_and_why(serve_grpc):
    client = await serve_grpc()

    answer = ExportTraceServiceResponse.FromString(await client.export(PARTIAL))

    assert answer.partial_success.rejected_spans == 1
    assert "span_id is not 8 bytes: 1" in answer.partial_success.error_message
    assert client.sink.span_counts == [1]


@pytest.mark.parametrize("body", [b"", request()])
async def test_a_request_without_spans_succeeds_and_leaves_the_spool_alone(serve_grpc, body):
    client = await serve_grpc()

    assert await client.export(body) == b""
    assert client.sink.bodies == []


@pytest.mark.parametrize("compression", grpc.Compression)
async def test_compressed_messages_are_taken(serve_grpc, compression):
    client = await serve_grpc()

    assert await client.export(BODY * 50, compression=compression) == b""
    assert client.sink.bodies == [BODY * 50]


@pytest.mark.parametrize("body", [b"\xff\xff", BODY[:-2], b'{"resourceSpans": []}'])
async def test_an_undecodable_message_is_an_invalid_argument(serve_grpc, body):
    client = await serve_grpc()

    refusal = await client.refusal(body)

    status = rpc_status.from_call(refusal)
    assert refusal.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert status.details[0].Is(error_details_pb2.BadRequest.DESCRIPTOR)
    assert client.sink.bodies == []


async def test_many_calls_share_a_connection(serve_grpc):
    client = await serve_grpc()

    answers = await asyncio.gather(*(client.export(BODY) for _ in range(300)))

    assert answers == [b""] * 300
    assert client.sink.bodies == [BODY] * 300


async def test_a_message_at_the_limit_is_taken_and_one_byte_more_is_not(serve_grpc):
    client = await serve_grpc(max_request_bytes=len(BODY))

    assert await client.export(BODY) == b""
    refusal = await client.refusal(BODY + b"\x0a\x00")

    assert refusal.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert rpc_status.from_call(refusal) is None


async def test_the_limit_holds_after_decompression(serve_grpc):
    client = await serve_grpc(max_request_bytes=100_000)

    refusal = await client.refusal(bytes(100_001), compression=grpc.Compression.Gzip)

    assert refusal.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("signal", ["metrics", "logs", "profiles"])
async def test_other_signals_are_unimplemented_and_told_that_traces_are_taken(serve_grpc, signal):
    version = "v1development" if signal == "profiles" else "v1"
    service = f"{signal.title()}Service"
    client = await serve_grpc()

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.call(f"/opentelemetry.proto.collector.{signal}.{version}.{service}/Export")

    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert caught.value.details() == f"{signal} are not implemented: Spanloom takes traces"


@pytest.mark.parametrize("method", [f"/{TRACE_SERVICE}/Import", "/no.such.Service/Export"])
async def test_other_methods_are_unimplemented(serve_grpc, method):
    client = await serve_grpc()

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.call(method)

    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_call_without_a_message_is_an_invalid_argument(serve_grpc):
    client = await serve_grpc()

    async def nothing():
        for message in ():
            yield message

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.channel.stream_unary(f"/{TRACE_SERVICE}/Export")(nothing())

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_message_that_comes_too_slowly_is_unavailable(serve_grpc):
    client = await serve_grpc(read_timeout_s=0.05)
    never = asyncio.Event()

    async def silent():
        await never.wait()
        yield b""

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.channel.stream_unary(f"/{TRACE_SERVICE}/Export")(silent())

    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


class RawCall:
    """One HTTP/2 stream by hand, for what no gRPC library sends."""

    def __init__(self, port):
        self._port = port

    async def export(self, message, encoding, compressed=True):
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + self._frame(4, 0, 0))
        headers = {
            ":method": "POST", ":scheme": "http", ":authority": "x",
            ":path": f"/{TRACE_SERVICE}/Export", "te": "trailers",
            "content-type": "application/grpc", "grpc-encoding": encoding,
        }  # fmt: skip
        block = b"".join(
            b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
            for name, value in headers.items()
        )
        data = struct.pack(">BI", compressed, len(message)) + message
        writer.write(self._frame(1, 4, 1, block) + self._frame(0, 1, 1, data))
        answered = b""
        while b"grpc-status" not in answered:
            piece = await reader.read(1000)
            assert piece, "the connection was closed without a status"
            answered += piece
        writer.close()
        await writer.wait_closed()
        after = answered.split(b"grpc-status", 1)[1]
        return int(after[1 : 1 + after[0]])

    def _frame(self, kind, flags, stream, payload=b""):
        return (
            struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload
        )


@pytest.mark.parametrize(
    ("message", "encoding"),
    [
        pytest.param(gzip.compress(BODY)[:-6], "gzip", id="truncated gzip"),
        pytest.param(b"not gzip at all", "gzip", id="garbage"),
        pytest.param(zlib.compress(BODY)[:9], "deflate", id="truncated deflate"),
        pytest.param(BODY, "snappy", id="unknown encoding"),
    ],
)
async def test_badly_compressed_messages_are_never_taken(serve_grpc, message, encoding):
    client = await serve_grpc()

    code = await RawCall(client.port).export(message, encoding)

    retryable = {1, 4, 10, 11, 14, 15}
    assert code not in {0, *retryable}
    assert client.sink.bodies == []
    assert await client.export(BODY) == b""


async def test_a_client_that_cancels_leaves_the_receiver_at_work(serve_grpc):
    client = await serve_grpc()
    calls = [client.channel.unary_unary(f"/{TRACE_SERVICE}/Export")(BODY) for _ in range(20)]

    for call in calls:
        call.cancel()

    assert await client.export(BODY) == b""
