"""Both transports alike: what is answered depends on what the spool says."""

import asyncio

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from collector.interface import SpoolFull, SpoolUnavailable
from collector.receivers.budget import REQUEST_OVERHEAD_BYTES, ByteBudget
from tests.collector.builders import request, span
from tests.collector.receivers.sinks import (
    FailingSink,
    FileSink,
    HeldSink,
    ImmediateSink,
    RefusingSink,
)

BODY = request(span(1), span(2))


class HttpExporter:
    transport = "http"
    unavailable = 503
    overloaded = 429

    def __init__(self, client):
        self.client = client

    async def export(self, body=BODY):
        """None for success, else the code and the status."""
        response = await self.client.post(body)
        if response.status == 200:
            return None
        assert response.headers.get("Retry-After") == ("2" if response.status > 413 else None)
        return response.status, status_pb2.Status.FromString(response.body)


class GrpcExporter:
    transport = "grpc"
    unavailable = grpc.StatusCode.UNAVAILABLE
    overloaded = grpc.StatusCode.RESOURCE_EXHAUSTED

    def __init__(self, client):
        self.client = client

    async def export(self, body=BODY):
        """None for success, else the code and the status."""
        try:
            await self.client.export(body)
        except grpc.aio.AioRpcError as error:
            return error.code(), rpc_status.from_call(error)
        return None


@pytest.fixture(params=[HttpExporter, GrpcExporter], ids=["http", "grpc"])
def serve(request, serve_http, serve_grpc):
    start = serve_http if request.param is HttpExporter else serve_grpc

    async def serve(sink, budget=None):
        return request.param(await start(sink, budget, retry_delay_s=2))

    return serve


async def test_the_answer_comes_only_after_the_commit(serve):
    sink = HeldSink()
    exporter = await serve(sink)

    answer = asyncio.create_task(exporter.export())
    await sink.holds(1)
    assert not answer.done()
    sink.settle()

    assert await answer is None


async def test_what_is_acknowledged_is_in_the_file(serve, tmp_path):
    spool = tmp_path / "spool"
    exporter = await serve(FileSink(spool))

    assert await exporter.export() is None
    assert spool.read_bytes() == BODY


async def test_one_commit_answers_many_requests(serve):
    sink = HeldSink()
    exporter = await serve(sink)
    answers = [asyncio.create_task(exporter.export()) for _ in range(50)]

    await sink.holds(50)
    sink.settle()

    assert await asyncio.gather(*answers) == [None] * 50


@pytest.mark.parametrize(
    ("sink", "condition"),
    [
        (RefusingSink(SpoolFull()), "spool_full"),
        (RefusingSink(SpoolUnavailable()), "spool_unavailable"),
        (FailingSink(SpoolUnavailable()), "spool_unavailable"),
        (FailingSink(OSError("disk")), "spool_unavailable"),
    ],
)
async def test_a_spool_that_cannot_take_spans_is_unavailable_with_a_hint(
    serve, metric, sink, condition
):
    exporter = await serve(sink)
    labels = {"receiver": "otlp", "transport": exporter.transport}
    metric("otelcol_receiver_refused_spans_total", **labels)
    metric("spanloom_receiver_errors_total", **labels, condition=condition)

    code, status = await exporter.export()

    retry_info = error_details_pb2.RetryInfo()
    assert code == exporter.unavailable
    assert status.details[0].Unpack(retry_info)
    assert retry_info.retry_delay == Duration(seconds=2)
    assert metric("otelcol_receiver_refused_spans_total", **labels) == 2
    assert metric("spanloom_receiver_errors_total", **labels, condition=condition) == 1


async def test_an_unexpected_failure_is_retryable_and_counted_apart(serve, metric, capfd):
    exporter = await serve(RefusingSink(KeyError("a bug of ours")))
    labels = {"receiver": "otlp", "transport": exporter.transport}
    metric("otelcol_receiver_failed_spans_total", **labels)
    metric("spanloom_receiver_errors_total", **labels, condition="unexpected")

    for _ in range(3):
        code, status = await exporter.export()
        assert code == exporter.unavailable
        assert status.message == "the receiver failed unexpectedly, try again later"

    logged = capfd.readouterr()
    assert (logged.out + logged.err).count("receiver failed unexpectedly") == 1
    assert metric("otelcol_receiver_failed_spans_total", **labels) == 6
    assert metric("spanloom_receiver_errors_total", **labels, condition="unexpected") == 3


async def test_a_draining_receiver_refuses_new_requests_and_finishes_old_ones(serve):
    sink = HeldSink()
    exporter = await serve(sink)
    old = asyncio.create_task(exporter.export())
    await sink.holds(1)

    await exporter.client.receiver.drain()
    code, status = await exporter.export()
    sink.settle()

    assert code == exporter.unavailable
    assert "shutting down" in status.message
    assert await old is None


async def test_a_stopping_receiver_lets_requests_finish(serve):
    sink = HeldSink()
    exporter = await serve(sink)
    answer = asyncio.create_task(exporter.export())
    await sink.holds(1)

    stopped = asyncio.create_task(exporter.client.receiver.stop(10))
    await asyncio.sleep(0)
    sink.settle()

    assert await answer is None
    await stopped


async def test_a_stopped_receiver_survives_a_late_verdict(serve):
    sink = HeldSink()
    budget = ByteBudget()
    exporter = await serve(sink, budget)
    answer = asyncio.create_task(exporter.export())
    await sink.holds(1)

    await exporter.client.receiver.stop(0)
    answer.cancel()
    assert budget.used_bytes > 0
    sink.settle()

    assert budget.used_bytes == 0


async def test_bodies_in_flight_share_one_budget(serve, metric):
    sink = HeldSink()
    budget = ByteBudget(2 * (REQUEST_OVERHEAD_BYTES + len(BODY)))
    exporter = await serve(sink, budget)
    first = [asyncio.create_task(exporter.export()) for _ in range(2)]
    await sink.holds(2)

    code, status = await exporter.export()
    sink.settle()

    assert code == exporter.overloaded
    assert status.details[0].Is(error_details_pb2.RetryInfo.DESCRIPTOR)
    assert await asyncio.gather(*first) == [None, None]
    assert budget.used_bytes == 0


async def test_a_body_that_does_not_fit_the_budget_is_overload(serve):
    budget = ByteBudget(REQUEST_OVERHEAD_BYTES + len(BODY) - 1)
    exporter = await serve(ImmediateSink(), budget)

    code, _ = await exporter.export()

    assert code == exporter.overloaded
    assert budget.used_bytes == 0


@pytest.mark.parametrize("body", [BODY, b"", b"\xff", request(span(1, span_id=b""))])
async def test_no_request_keeps_a_part_of_the_budget(serve, body):
    budget = ByteBudget()
    exporter = await serve(ImmediateSink(), budget)

    await exporter.export(body)

    assert budget.used_bytes == 0


async def test_spans_and_requests_are_counted_by_outcome(serve, metric):
    exporter = await serve(ImmediateSink())
    labels = {"receiver": "otlp", "transport": exporter.transport}
    names = [
        ("otelcol_receiver_accepted_spans_total", {}),
        ("otelcol_receiver_requests_total", {"outcome": "success"}),
        ("spanloom_receiver_rejected_spans_total", {"reason": "span_id_zero"}),
        ("spanloom_receiver_received_bytes_total", {}),
    ]
    for name, further in names:
        metric(name, **labels, **further)
    partial = request(span(1), span(2, span_id=bytes(8)), span(3))

    await exporter.export(BODY)
    await exporter.export(partial)

    assert [metric(name, **labels, **further) for name, further in names] == [
        4,
        2,
        1,
        len(BODY) + len(partial),
    ]
