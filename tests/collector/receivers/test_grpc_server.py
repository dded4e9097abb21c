"""OTLP/gRPC: health, reflection, addresses and the life of connections."""

import socket

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from prometheus_client import REGISTRY

from collector.receivers.budget import ByteBudget
from collector.receivers.config import GrpcReceiverConfig
from collector.receivers.grpc_receiver import TRACE_SERVICE, GrpcReceiver
from tests.collector.builders import request, span
from tests.collector.receivers.sinks import ImmediateSink

BODY = request(span(1))
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.mark.parametrize("service", ["", TRACE_SERVICE])
async def test_health_is_serving_until_the_receiver_drains(serve_grpc, service):
    client = await serve_grpc()
    stub = health_pb2_grpc.HealthStub(client.channel)
    check = health_pb2.HealthCheckRequest(service=service)

    assert (await stub.Check(check)).status == SERVING
    await client.receiver.drain()
    assert (await stub.Check(check)).status == NOT_SERVING


async def test_watchers_of_health_see_the_drain(serve_grpc):
    client = await serve_grpc()
    stub = health_pb2_grpc.HealthStub(client.channel)
    watch = stub.Watch(health_pb2.HealthCheckRequest())

    assert (await watch.read()).status == SERVING
    await client.receiver.drain()
    assert (await watch.read()).status == NOT_SERVING


async def reflected(client, **question):
    stub = reflection_pb2_grpc.ServerReflectionStub(client.channel)
    call = stub.ServerReflectionInfo()
    await call.write(reflection_pb2.ServerReflectionRequest(**question))
    await call.done_writing()
    return await call.read()


async def test_reflection_lists_the_services(serve_grpc):
    client = await serve_grpc()

    answer = await reflected(client, list_services="")

    assert [service.name for service in answer.list_services_response.service] == [
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
        TRACE_SERVICE,
    ]


async def test_reflection_describes_the_trace_service(serve_grpc):
    client = await serve_grpc()

    answer = await reflected(client, file_containing_symbol=TRACE_SERVICE)

    files = answer.file_descriptor_response.file_descriptor_proto
    assert b"ExportTraceServiceRequest" in files[0]


async def test_reflection_can_be_switched_off(serve_grpc):
    client = await serve_grpc(reflection=False)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await reflected(client, list_services="")

    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "[::]", "[::1]"])
async def test_it_listens_on_names_and_addresses_of_both_families(host):
    receiver = GrpcReceiver(GrpcReceiverConfig(endpoint=f"{host}:0"), ImmediateSink(), ByteBudget())
    port = await receiver.start()
    reachable = "[::1]" if "[" in host else "127.0.0.1"

    async with grpc.aio.insecure_channel(f"{reachable}:{port}") as channel:
        assert await channel.unary_unary(f"/{TRACE_SERVICE}/Export")(BODY) == b""
    await receiver.stop(0)


async def test_a_port_that_is_taken_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        endpoint = f"127.0.0.1:{taken.getsockname()[1]}"
        receiver = GrpcReceiver(
            GrpcReceiverConfig(endpoint=endpoint), ImmediateSink(), ByteBudget()
        )

        with pytest.raises(OSError, match=endpoint):
            await receiver.start()


async def test_several_receivers_share_a_port_when_told_to(serve_grpc):
    first = await serve_grpc(reuse_port=True)
    second = await serve_grpc(endpoint=f"127.0.0.1:{first.port}", reuse_port=True)

    assert second.port == first.port
    await first.receiver.stop(0)
    assert await second.export(BODY, wait_for_ready=True) == b""


async def test_an_old_connection_is_closed_so_that_clients_spread(serve_grpc):
    client = await serve_grpc(max_connection_age_s=0.05)

    await client.export(BODY)
    while client.channel.get_state() is grpc.ChannelConnectivity.READY:
        await client.channel.wait_for_state_change(grpc.ChannelConnectivity.READY)

    assert await client.export(BODY) == b""


async def test_one_connection_waits_for_a_stream_when_it_has_all_it_may_have(serve_grpc):
    client = await serve_grpc(max_concurrent_streams=1)

    first, second = client.export(BODY), client.export(BODY)

    assert (await first, await second) == (b"", b"")


def test_in_flight_bytes_and_their_limit_are_metrics():
    budget = ByteBudget(1 << 20)
    reservation = budget.reserve()
    reservation.grow(1000)

    assert REGISTRY.get_sample_value("spanloom_receiver_in_flight_limit_bytes") == 1 << 20
    assert REGISTRY.get_sample_value("spanloom_receiver_in_flight_bytes") == budget.used_bytes
    reservation.release()
