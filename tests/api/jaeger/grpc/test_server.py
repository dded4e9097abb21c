"""Health, reflection, limits and failures: what is the same for every method."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc import StatusCode
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from prometheus_client import REGISTRY

from api.jaeger.config import JaegerConfig
from api.jaeger.grpc.config import JaegerGrpcConfig
from api.jaeger.grpc.protos import api_v2_pb2 as v2
from storage.interface import QueryTimeout, StoreError, StoreUnavailable
from tests.api.jaeger.grpc.conftest import Serve, Served
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import CART_TRACE

_SERVICES = ("jaeger.api_v2.QueryService", "jaeger.api_v3.QueryService")
_GET_CART = v2.GetTraceRequest(trace_id=bytes.fromhex(CART_TRACE))


def failing(reader: ReferenceReader, error: Exception) -> None:
    """Have every call of the store raise."""

    def fail() -> None:
        raise error

    reader.before = fail


class Gate:
    """Holds the store's calls until it is opened."""

    def __init__(self, reader: ReferenceReader) -> None:
        self.entered = threading.Semaphore(0)
        self._open = threading.Event()
        reader.before = self._wait

    def _wait(self) -> None:
        self.entered.release()
        assert self._open.wait(60)

    async def someone_waits(self) -> None:
        assert await asyncio.to_thread(self.entered.acquire, timeout=60)

    def open(self) -> None:
        self._open.set()


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (
            StoreUnavailable("it is locked"),
            StatusCode.UNAVAILABLE,
            "the store does not answer for now: it is locked",
        ),
        (
            QueryTimeout("too slow"),
            StatusCode.DEADLINE_EXCEEDED,
            "the query did not finish within its time limit and was cancelled",
        ),
        (StoreError("odd"), StatusCode.INTERNAL, "the store: odd"),
        (
            RuntimeError("a fault of ours"),
            StatusCode.INTERNAL,
            "this call met a fault in Spanloom; its log has the details",
        ),
    ],
)
@pytest.mark.parametrize(
    ("method", "request_"),
    [("GetTrace", _GET_CART), ("GetServices", v2.GetServicesRequest())],
)
async def test_a_failure_of_the_store_is_a_status(
    served: Served,
    reader: ReferenceReader,
    method: str,
    request_: Any,
    error: Exception,
    code: StatusCode,
    message: str,
) -> None:
    failing(reader, error)

    assert (code, message) == await served.v2.refused(method, request_)


async def test_a_failure_in_the_middle_of_a_stream_ends_it_with_a_status(
    served: Served, reader: ReferenceReader
) -> None:
    calls = iter([None])  # the search passes, reading the traces does not

    def fail_later() -> None:
        if next(calls, StoreUnavailable) is not None:
            raise StoreUnavailable("it went away")

    reader.before = fail_later

    status = await served.v2.refused("FindTraces", v2.FindTracesRequest(query={}))

    assert StatusCode.UNAVAILABLE == status[0]


async def test_what_is_no_message_is_refused(served: Served) -> None:
    call = served.channel.unary_unary("/jaeger.api_v2.QueryService/GetServices")

    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call(b"\xff\xff\xff")

    assert StatusCode.INVALID_ARGUMENT == failure.value.code()


async def test_a_request_that_is_too_large_is_refused(serve: Serve) -> None:
    served = await serve(JaegerConfig(grpc=JaegerGrpcConfig(max_request_bytes=1000)))

    code, _ = await served.v2.refused("GetOperations", v2.GetOperationsRequest(service="x" * 1001))

    assert StatusCode.RESOURCE_EXHAUSTED == code


async def test_the_clients_deadline_is_the_stores(served: Served, reader: ReferenceReader) -> None:
    await served.v2.ask("GetServices", v2.GetServicesRequest(), timeout_s=7.0)

    # gRPC rounds a timeout up to three digits on the wire.
    assert 0 < reader.timeouts[-1] < 7.1


async def test_the_installations_limit_holds_where_a_client_would_wait_longer(
    serve: Serve, reader: ReferenceReader
) -> None:
    served = await serve(query_timeout_s=9.0)

    await served.v2.ask("GetServices", v2.GetServicesRequest(), timeout_s=50.0)

    assert 7.0 < reader.timeouts[-1] <= 9.0


async def test_a_call_beyond_the_installations_limit_ends(
    serve: Serve, reader: ReferenceReader
) -> None:
    served = await serve(query_timeout_s=0.05)
    gate = Gate(reader)

    status = await served.v2.refused("GetTrace", _GET_CART)

    assert StatusCode.DEADLINE_EXCEEDED == status[0]
    gate.open()


async def test_a_stream_that_is_cancelled_asks_the_store_no_more(
    served: Served, reader: ReferenceReader
) -> None:
    gate = Gate(reader)
    call = served.v2.stream("FindTraces", v2.FindTracesRequest(query={}))
    await gate.someone_waits()

    call.cancel()
    gate.open()

    with pytest.raises(asyncio.CancelledError):
        await call.read()
    reader.before = lambda: None
    await served.v2.ask("GetServices", v2.GetServicesRequest())
    # The search may have gone on to its first traces; nobody took another step.
    assert len(reader.timeouts) <= 3


async def test_more_calls_than_may_wait_are_refused(serve: Serve, reader: ReferenceReader) -> None:
    served = await serve(max_concurrent_queries=1, max_queued_queries=0)
    gate = Gate(reader)
    first = asyncio.create_task(served.v2.all("GetTrace", _GET_CART))
    await gate.someone_waits()

    code, text = await served.v2.refused("GetServices", v2.GetServicesRequest())

    assert StatusCode.RESOURCE_EXHAUSTED == code
    assert "1 requests are waiting already, so this one was not queued" == text
    gate.open()
    assert 1 == len(await first)


async def test_an_unknown_method_is_unimplemented(served: Served) -> None:
    call = served.channel.unary_unary("/jaeger.api_v2.QueryService/Nothing")

    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call(b"")

    assert StatusCode.UNIMPLEMENTED == failure.value.code()


@pytest.mark.parametrize("service", ["", *_SERVICES, "jaeger.api_v2.metrics.MetricsQueryService"])
async def test_health_tells_of_every_service_until_the_server_drains(
    served: Served, service: str
) -> None:
    health = health_pb2_grpc.HealthStub(served.channel)
    request = health_pb2.HealthCheckRequest(service=service)

    assert health_pb2.HealthCheckResponse.SERVING == (await health.Check(request)).status

    await served.server.drain()

    assert health_pb2.HealthCheckResponse.NOT_SERVING == (await health.Check(request)).status
    assert [1] == [len(chunk.spans) // 3 for chunk in await served.v2.all("GetTrace", _GET_CART)]


async def test_a_client_made_from_reflection_alone_can_call(served: Served) -> None:
    def ask(address: str) -> tuple[set[str], list[str], int]:
        with grpc.insecure_channel(address) as channel:
            database = ProtoReflectionDescriptorDatabase(channel)
            pool = DescriptorPool(database)
            first = pool.FindServiceByName(_SERVICES[0])
            services = channel.unary_unary(
                f"/{first.full_name}/GetServices",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=GetMessageClass(
                    first.methods_by_name["GetServices"].output_type
                ).FromString,
            )(GetMessageClass(first.methods_by_name["GetServices"].input_type)())
            second = pool.FindServiceByName(_SERVICES[1])
            get_trace = second.methods_by_name["GetTrace"]
            traces = channel.unary_stream(
                f"/{second.full_name}/GetTrace",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=GetMessageClass(get_trace.output_type).FromString,
            )(GetMessageClass(get_trace.input_type)(trace_id=CART_TRACE))
            spans = sum(
                len(scope.spans)
                for data in traces
                for resource in data.resource_spans
                for scope in resource.scope_spans
            )
            return set(database.get_services()), list(services.services), spans

    names, services, spans = await asyncio.to_thread(ask, served.address)

    assert {*_SERVICES, "grpc.health.v1.Health"} <= names
    assert ["cart.shop", "front.shop", "pay.bank"] == services
    assert 3 == spans


async def test_reflection_can_be_switched_off(serve: Serve) -> None:
    served = await serve(JaegerConfig(grpc=JaegerGrpcConfig(reflection=False)))

    def ask(address: str) -> None:
        with grpc.insecure_channel(address) as channel:
            ProtoReflectionDescriptorDatabase(channel).get_services()

    with pytest.raises(grpc.RpcError) as failure:
        await asyncio.to_thread(ask, served.address)

    assert StatusCode.UNIMPLEMENTED == failure.value.code()  # type: ignore[attr-defined]


async def test_a_port_in_use_is_named(serve: Serve) -> None:
    served = await serve()
    other = await serve()

    with pytest.raises(OSError, match=f"cannot listen on {served.address}"):
        await other.server.start(served.address)


async def test_calls_are_counted_by_method_and_status(served: Served) -> None:
    def counted(method: str, code: str) -> float:
        labels = {"method": f"jaeger.api_v2.QueryService/{method}", "code": code}
        return REGISTRY.get_sample_value("spanloom_api_grpc_calls_total", labels) or 0.0

    def sent() -> float:
        labels = {"method": "jaeger.api_v2.QueryService/GetTrace"}
        return REGISTRY.get_sample_value("spanloom_api_grpc_response_bytes_total", labels) or 0.0

    before = counted("GetTrace", "OK"), counted("GetTrace", "NOT_FOUND"), sent()

    (chunk,) = await served.v2.all("GetTrace", _GET_CART)
    await served.v2.refused("GetTrace", v2.GetTraceRequest(trace_id=b"\x07" * 16))

    after = counted("GetTrace", "OK"), counted("GetTrace", "NOT_FOUND"), sent()
    assert (before[0] + 1, before[1] + 1, before[2] + chunk.ByteSize()) == after
