"""The exporters of the OpenTelemetry SDK against both receivers."""

import asyncio

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
    OTLPSpanExporter as GrpcSpanExporter,
)
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
    OTLPSpanExporter as HttpSpanExporter,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


@pytest.fixture
def spans():
    """Two finished spans, a parent and its child."""
    finished = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(finished))
    tracer = provider.get_tracer("shop")
    with tracer.start_as_current_span("checkout"), tracer.start_as_current_span("pay") as inner:
        inner.set_attribute("amount", 12)
    return finished.get_finished_spans()


def names_of(sink):
    (body,) = sink.bodies
    message = ExportTraceServiceRequest.FromString(body)
    return [span.name for span in message.resource_spans[0].scope_spans[0].spans]


@pytest.mark.parametrize("compression", grpc.Compression)
async def test_the_grpc_exporter_succeeds(serve_grpc, spans, compression):
    client = await serve_grpc()
    exporter = GrpcSpanExporter(
        endpoint=f"http://127.0.0.1:{client.port}", insecure=True, compression=compression
    )

    result = await asyncio.to_thread(exporter.export, spans)
    await asyncio.to_thread(exporter.shutdown)

    assert result is SpanExportResult.SUCCESS
    assert names_of(client.sink) == ["pay", "checkout"]


@pytest.mark.parametrize("compression", Compression)
async def test_the_http_exporter_succeeds(serve_http, spans, compression):
    client = await serve_http()
    exporter = HttpSpanExporter(endpoint=client.url(), compression=compression)

    result = await asyncio.to_thread(exporter.export, spans)
    await asyncio.to_thread(exporter.shutdown)

    assert result is SpanExportResult.SUCCESS
    assert names_of(client.sink) == ["pay", "checkout"]
