"""Receivers on free ports, with a client each."""

import contextlib

import aiohttp
import grpc
import pytest
from prometheus_client import REGISTRY

from collector.receivers.budget import ByteBudget
from collector.receivers.config import GrpcReceiverConfig, HttpReceiverConfig
from collector.receivers.grpc_receiver import TRACE_SERVICE, GrpcReceiver
from collector.receivers.http_receiver import HttpReceiver
from tests.collector.receivers.sinks import ImmediateSink


class HttpClient:
    """Speaks to an HttpReceiver as an exporter does."""

    def __init__(self, receiver, sink, port, session):
        self.receiver = receiver
        self.sink = sink
        self.port = port
        self._session = session

    def url(self, path="/v1/traces"):
        return f"http://127.0.0.1:{self.port}{path}"

    async def post(self, body=b"", path="/v1/traces", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {"Content-Type": "application/x-protobuf", **named}
        return await self.request("POST", path, data=body, headers=named)

    async def request(self, method, path="/v1/traces", **options):
        skipped = ("Content-Type",)
        async with self._session.request(
            method, self.url(path), skip_auto_headers=skipped, **options
        ) as response:
            response.body = await response.read()
            return response


class GrpcClient:
    """Speaks to a GrpcReceiver as an exporter does, in raw bytes."""

    def __init__(self, receiver, sink, port, channel):
        self.receiver = receiver
        self.sink = sink
        self.port = port
        self.channel = channel

    async def export(self, body, **options):
        return await self.call(f"/{TRACE_SERVICE}/Export", body, **options)

    async def call(self, method, body=b"", **options):
        return await self.channel.unary_unary(method)(body, timeout=20, **options)

    async def refusal(self, body, **options):
        """The error that answers ``body``."""
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await self.export(body, **options)
        return caught.value


@pytest.fixture
async def serve_http():
    async with contextlib.AsyncExitStack() as stack:

        async def serve(sink=None, budget=None, peers=None, **settings):
            config = HttpReceiverConfig(endpoint="127.0.0.1:0", **settings)
            used_sink = sink or ImmediateSink()
            receiver = HttpReceiver(config, used_sink, budget or ByteBudget(), peers)
            port = await receiver.start()
            stack.push_async_callback(receiver.stop, 0.1)
            session = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=False))
            return HttpClient(receiver, used_sink, port, session)

        yield serve


@pytest.fixture
async def serve_grpc():
    async with contextlib.AsyncExitStack() as stack:

        async def serve(sink=None, budget=None, peers=None, channel_options=(), **settings):
            config = GrpcReceiverConfig(**{"endpoint": "127.0.0.1:0", **settings})
            used_sink = sink or ImmediateSink()
            receiver = GrpcReceiver(config, used_sink, budget or ByteBudget(), peers)
            port = await receiver.start()
            stack.push_async_callback(receiver.stop, 0.1)
            channel = await stack.enter_async_context(
                grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=channel_options)
            )
            return GrpcClient(receiver, used_sink, port, channel)

        yield serve


@pytest.fixture
def metric():
    """By how much a sample has grown since the test asked for it first."""
    first = {}

    def grown(name, **labels):
        key = (name, *sorted(labels.items()))
        value = REGISTRY.get_sample_value(name, labels) or 0
        return value - first.setdefault(key, value)

    return grown
