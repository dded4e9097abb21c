import grpc
import requests
from grpc_health.v1 import health_pb2, health_pb2_grpc

from api.jaeger.grpc.protos import api_v2_pb2 as v2
from tests.spanloom.conftest import wait_for
from tests.spanloom.exports import send_trace


def get_trace(channel, trace_id):
    call = channel.unary_stream(
        "/jaeger.api_v2.QueryService/GetTrace",
        request_serializer=v2.GetTraceRequest.SerializeToString,
        response_deserializer=v2.SpansResponseChunk.FromString,
    )
    return list(call(v2.GetTraceRequest(trace_id=bytes.fromhex(trace_id))))


def is_stored(channel, trace_id):
    try:
        (chunk,) = get_trace(channel, trace_id)
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise
        return False
    return len(chunk.spans) == 2


def test_what_the_sdk_sends_can_be_read_over_jaegers_grpc(service):
    trace_id = send_trace(service.addresses)

    with grpc.insecure_channel(service.addresses["jaeger/grpc"]) as channel:
        wait_for(lambda: is_stored(channel, trace_id), "the trace over gRPC")
        health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())

    assert health_pb2.HealthCheckResponse.SERVING == health.status


def test_status_tells_the_addresses(service):
    report = requests.get(service.url("health", "/status"), timeout=10).json()

    assert service.addresses == report["addresses"]


def test_grpc_health_turns_before_the_service_stops(start_service):
    service = start_service(
        "--workers", "1", SPANLOOM_SHUTDOWN_DELAY="1m", SPANLOOM_SHUTDOWN_GRACE="0s"
    ).wait_until_ready()

    with grpc.insecure_channel(service.addresses["jaeger/grpc"]) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        first = next(watch).status
        service.process.terminate()
        second = next(watch).status
        services = channel.unary_unary(
            "/jaeger.api_v2.QueryService/GetServices",
            response_deserializer=v2.GetServicesResponse.FromString,
        )(b"")

    states = health_pb2.HealthCheckResponse
    assert [states.SERVING, states.NOT_SERVING] == [first, second]
    assert [] == list(services.services)


def test_jaegers_grpc_can_be_switched_off(start_service):
    service = start_service(
        "--workers", "1", SPANLOOM_QUERY_JAEGER_GRPC_ENABLED="false"
    ).wait_until_ready()

    assert "jaeger/grpc" not in service.addresses
    assert 0 == service.terminate()


def test_a_port_in_use_is_named(start_service, service):
    taken = service.addresses["jaeger/grpc"]
    second = start_service("--workers", "1", "--jaeger-grpc", taken)

    assert 1 == second.process.wait(60)
    assert f"cannot listen on {taken}" in second.log.read_text()


def test_a_jaeger_ui_that_is_not_there_is_named_by_its_setting(start_service, tmp_path):
    folder = tmp_path / "ui"
    folder.mkdir()
    service = start_service("--workers", "1", "--jaeger-ui", str(folder))

    assert 1 == service.process.wait(60)
    error = service.log.read_text()
    assert f"query.jaeger.ui: {folder} is no built Jaeger UI, which has an index.html" in error


def test_a_built_jaeger_ui_is_served(start_service, tmp_path):
    folder = tmp_path / "ui"
    folder.mkdir()
    (folder / "index.html").write_text("<html><head></head><body>Jaeger UI</body></html>")
    service = start_service("--workers", "1", "--jaeger-ui", str(folder)).wait_until_ready()

    page = requests.get(service.url("query", "/jaeger/search"), timeout=10)

    assert (200, True) == (page.status_code, "Jaeger UI" in page.text)
    assert 0 == service.terminate()
