import os
import signal
import socket
import sqlite3

import psutil
import pytest
import requests
import zstandard
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.spanloom.conftest import PATIENCE_S, wait_for
from tests.spanloom.exports import send_trace

PROTOBUF = {"Content-Type": "application/x-protobuf"}


def stored(service, trace_id):
    answer = requests.get(service.url("query", f"/api/v1/traces/{trace_id}"), timeout=10)
    return answer.status_code == 200 and answer.json()["summary"]["span_count"] == 2


def a_request() -> bytes:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id, span.name = os.urandom(16), os.urandom(8), "x"
    span.start_time_unix_nano, span.end_time_unix_nano = 1, 2
    return request.SerializeToString()


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_the_ready_line_names_every_address(service):
    names = {"otlp/grpc", "otlp/http", "query", "jaeger/grpc", "health", "metrics"}

    assert names == set(service.addresses)
    assert all(int(address.rpartition(":")[2]) for address in service.addresses.values())


@pytest.mark.parametrize("transport", ["grpc", "http"])
def test_what_the_sdk_sends_can_be_read_a_moment_later(service, transport):
    trace_id = send_trace(service.addresses, transport)

    wait_for(lambda: stored(service, trace_id), "the trace in the store")


def test_live_ready_and_status_answer(service):
    codes = {
        path: requests.get(service.url("health", path), timeout=10).status_code
        for path in ("/", "/live", "/ready", "/status")
    }

    assert {"/": 200, "/live": 200, "/ready": 200, "/status": 200} == codes


def test_ready_tells_of_every_part(service):
    _, report = service.health()

    assert "ready" == report["status"]
    assert [0, 1] == [receiver["worker"] for receiver in report["parts"]["receivers"]]
    assert report["parts"]["pipeline"]["alive"]
    assert "ok" == report["parts"]["store"]["state"]


def test_metrics_are_summed_over_the_processes(service):
    trace_id = send_trace(service.addresses)
    wait_for(lambda: stored(service, trace_id), "the trace in the store")
    text = requests.get(service.url("metrics", "/metrics"), timeout=10).text
    names = {line.split("{")[0].split()[0] for line in text.splitlines() if line[:1] != "#"}

    assert {
        "otelcol_receiver_accepted_spans_total",  # counted in a receiver process
        "otelcol_exporter_sent_spans_total",  # counted in the service's process
        "otelcol_process_cpu_seconds_total",
        "otelcol_process_memory_rss",
        "otelcol_process_uptime",
        "spanloom_receiver_restarts_total",
        "spanloom_store_up",
    } <= names
    assert not any("pid=" in line for line in text.splitlines())
    processes = {line.split('"')[1] for line in text.splitlines() if 'process="' in line}
    assert {"service", "receiver-0", "receiver-1"} == processes


def accepted_spans(service):
    text = requests.get(service.url("metrics", "/metrics"), timeout=10).text
    name = "otelcol_receiver_accepted_spans_total{"
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


def test_a_receiver_that_crashes_is_started_again(service):
    send_trace(service.addresses)
    counted = accepted_spans(service)
    files = sorted((service.data_dir / "run" / "metrics").glob("counter_*"))
    before = service.receivers()[0]
    os.kill(before["pid"], signal.SIGKILL)

    def is_back():
        now = service.receivers()[0]
        return now["ready"] and now["spool_writable"] and now["pid"] != before["pid"]

    wait_for(is_back, "a new receiver process")

    assert before["restarts"] + 1 == service.receivers()[0]["restarts"]
    assert 200 == service.health()[0]
    assert counted == accepted_spans(service)
    assert files == sorted((service.data_dir / "run" / "metrics").glob("counter_*"))


def test_it_is_ready_when_it_says_so(start_service):
    assert 200 == start_service().wait_until_ready().health()[0]


def test_a_second_service_on_the_directory_is_refused(service, start_service):
    second = start_service(data_dir=service.data_dir)

    assert 1 == second.process.wait(PATIENCE_S)
    assert f"another Spanloom (process {service.process.pid}) runs on" in second.log.read_text()


def test_a_second_service_on_the_ports_is_refused(service, start_service):
    """The receivers' ports are shared by SO_REUSEPORT, which must not hide this."""
    second = start_service("--otlp-grpc", service.addresses["otlp/grpc"])

    assert 1 == second.process.wait(PATIENCE_S)
    assert "cannot listen on" in second.log.read_text()


def test_sigterm_ends_it_with_0_and_everything_in_the_store(start_service):
    service = start_service("--workers", "2").wait_until_ready()
    pids = [receiver["pid"] for receiver in service.receivers()]
    send_trace(service.addresses)

    assert 0 == service.terminate()
    assert all(is_gone(pid) for pid in pids)
    for spool in (service.data_dir / "spool").glob("*.sqlite"):
        with sqlite3.connect(spool) as connection:
            (left,) = connection.execute("SELECT count(*) FROM record").fetchone()
        connection.close()
        assert 0 == left


def test_ready_fails_first_while_exports_still_work(start_service):
    service = start_service(SPANLOOM_SHUTDOWN_DELAY="5m").wait_until_ready()
    service.process.send_signal(signal.SIGTERM)
    wait_for(lambda: service.health()[0] == 503, "readiness to fail")

    assert "draining" == service.health()[1]["status"]
    answer = requests.post(
        service.url("otlp/http", "/v1/traces"), data=a_request(), headers=PROTOBUF, timeout=10
    )
    assert 200 == answer.status_code


def test_receivers_do_not_outlive_a_killed_service(start_service):
    service = start_service("--workers", "2").wait_until_ready()
    pids = [receiver["pid"] for receiver in service.receivers()]
    service.process.kill()

    wait_for(lambda: all(is_gone(pid) for pid in pids), "the receivers to end")


def test_a_killed_service_can_be_started_again_at_once_on_its_ports(start_service):
    first = start_service().wait_until_ready()
    trace_id = send_trace(first.addresses)
    first.process.kill()
    flags = ("--otlp-grpc", first.addresses["otlp/grpc"])
    second = start_service(*flags).wait_until_ready()

    wait_for(lambda: stored(second, trace_id), "the acknowledged trace in the store")


def test_the_spools_of_more_receivers_than_now_are_drained(start_service):
    first = start_service("--workers", "2").wait_until_ready()
    assert 0 == first.terminate()
    spool = first.data_dir / "spool" / "receiver-1.sqlite"
    body = zstandard.ZstdCompressor().compress(a_request())
    with sqlite3.connect(spool) as connection:
        connection.execute(
            "INSERT INTO record (committed_ns, span_count, byte_count, body) VALUES (1, 1, ?, ?)",
            (len(a_request()), body),
        )
    connection.close()
    second = start_service("--workers", "1").wait_until_ready()

    def drained():
        text = requests.get(second.url("metrics", "/metrics"), timeout=10).text
        return 'otelcol_exporter_sent_spans_total{exporter="store"} 1.0' in text

    wait_for(drained, "the span of the old spool in the store")


def test_the_retention_runs_while_the_service_does(start_service):
    service = start_service(SPANLOOM_STORE_RETENTION_INTERVAL="100ms").wait_until_ready()
    url = service.url("otlp/http", "/v1/traces")
    requests.post(url, data=a_request(), headers=PROTOBUF, timeout=10)  # of the year 1970

    def is_deleted():
        text = requests.get(service.url("metrics", "/metrics"), timeout=10).text
        return "spanloom_store_spans_deleted_total{" in text

    wait_for(is_deleted, "the span to be deleted")


def test_a_full_spool_fails_readiness_and_not_liveness(start_service):
    service = start_service(SPANLOOM_SPOOL_MAX_BYTES="1").wait_until_ready()
    url = service.url("otlp/http", "/v1/traces")

    def is_refused():
        answer = requests.post(url, data=a_request(), headers=PROTOBUF, timeout=10)
        return answer.status_code == 503

    wait_for(is_refused, "a refused export")
    wait_for(lambda: service.health()[0] == 503, "readiness to fail")

    assert "the spool cannot be written" == service.health()[1]["status"]
    assert 200 == requests.get(service.url("health", "/live"), timeout=10).status_code


def test_an_endpoint_that_cannot_be_listened_on_is_a_clear_failure(start_service):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        service = start_service("--health", address)

        assert 1 == service.process.wait(PATIENCE_S)
        assert f"cannot listen on {address}" in service.log.read_text()
