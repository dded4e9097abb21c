"""A running server over the sample mesh, and a client that speaks to it over a real channel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from api.config import ApiConfig
from api.jaeger.backend import JaegerBackend
from api.jaeger.config import JaegerConfig
from api.jaeger.grpc.protos import api_v2_pb2, api_v3_pb2
from api.jaeger.grpc.server import JaegerGrpcServer
from api.jaeger.source import TraceSource
from api.queries import Queries
from tests.api.graph_reader import bookinfo_graph
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import NOON_NS, SECOND, sample_spans

_FAR_S = 60.0


class Client:
    """Calls the methods of one service."""

    def __init__(self, channel: grpc.aio.Channel, service: ServiceDescriptor) -> None:
        self.channel = channel
        self._service = service

    async def ask(self, method: str, request: Message, timeout_s: float = _FAR_S) -> Any:
        """Return the one message of the answer."""
        known = self._service.methods_by_name[method]
        call = self.channel.unary_unary(
            f"/{self._service.full_name}/{method}",
            request_serializer=GetMessageClass(known.input_type).SerializeToString,
            response_deserializer=GetMessageClass(known.output_type).FromString,
        )
        return await call(request, timeout=timeout_s)

    def stream(self, method: str, request: Message, timeout_s: float = _FAR_S) -> Any:
        """Return the call, whose messages are still to come."""
        known = self._service.methods_by_name[method]
        call = self.channel.unary_stream(
            f"/{self._service.full_name}/{method}",
            request_serializer=GetMessageClass(known.input_type).SerializeToString,
            response_deserializer=GetMessageClass(known.output_type).FromString,
        )
        return call(request, timeout=timeout_s)

    async def all(self, method: str, request: Message, timeout_s: float = _FAR_S) -> list[Any]:
        """Return the messages of the answer."""
        return [message async for message in self.stream(method, request, timeout_s)]

    async def refused(self, method: str, request: Message, timeout_s: float = _FAR_S) -> Any:
        """Return the status with which the call fails, code and text."""
        streams = self._service.methods_by_name[method].server_streaming
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await (self.all if streams else self.ask)(method, request, timeout_s)
        return failure.value.code(), failure.value.details()


class Served:
    """A server, and clients of its services."""

    def __init__(self, server: JaegerGrpcServer, channel: grpc.aio.Channel, address: str) -> None:
        self.server = server
        self.address = address
        self.channel = channel
        self.v2 = Client(channel, api_v2_pb2.DESCRIPTOR.services_by_name["QueryService"])
        self.v3 = Client(channel, api_v3_pb2.DESCRIPTOR.services_by_name["QueryService"])


Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
def reader() -> ReferenceReader:
    return ReferenceReader(sample_spans())


@pytest.fixture
async def serve(reader: ReferenceReader) -> AsyncIterator[Serve]:
    """Start a server with settings of one's own; a minute past noon of the sample's day."""
    ends: list[Callable[[], Awaitable[object]]] = []

    async def start(jaeger: JaegerConfig | None = None, of: Any = None, **limits: Any) -> Served:
        config = ApiConfig(jaeger=jaeger or JaegerConfig(), **limits)
        spans = of or reader
        backend = JaegerBackend(
            config.jaeger,
            spans,
            bookinfo_graph(),
            TraceSource(spans, config.jaeger),
            lambda: NOON_NS + 60 * SECOND,
        )
        queries = Queries(config)
        server = JaegerGrpcServer(config, backend, queries)
        address = f"localhost:{await server.start('localhost:0')}"
        channel = grpc.aio.insecure_channel(address)
        ends.extend((queries.close, lambda: server.stop(0), channel.close))
        return Served(server, channel, address)

    yield start
    for end in reversed(ends):
        await end()


@pytest.fixture
async def served(serve: Serve) -> Served:
    return await serve()
