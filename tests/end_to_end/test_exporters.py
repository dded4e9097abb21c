"""Spans of the OpenTelemetry Python SDK, over each of its transports, read back complete."""

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from tests.end_to_end.serving import Serving

pytestmark = pytest.mark.end_to_end

EXPORTERS = {
    "grpc": lambda service: GrpcExporter(endpoint=service.grpc, insecure=True),
    "grpc-gzip": lambda service: GrpcExporter(
        endpoint=service.grpc, insecure=True, compression=grpc.Compression.Gzip
    ),
    "http-protobuf": lambda service: HttpExporter(endpoint=f"{service.http}/v1/traces"),
    "http-gzip": lambda service: HttpExporter(
        endpoint=f"{service.http}/v1/traces", compression=Compression.Gzip
    ),
    "http-deflate": lambda service: HttpExporter(
        endpoint=f"{service.http}/v1/traces", compression=Compression.Deflate
    ),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    serving = Serving(tmp_path_factory.mktemp("exporters") / "data")
    yield serving
    serving.kill()


@pytest.mark.parametrize("transport", EXPORTERS)
def test_a_trace_of_the_sdk_comes_back_complete(service, transport):
    provider = TracerProvider(
        resource=Resource.create({"service.name": f"shop-{transport}", "service.version": "1.2"})
    )
    provider.add_span_processor(BatchSpanProcessor(EXPORTERS[transport](service)))
    tracer = provider.get_tracer(
        "shop", "0.1", schema_url="https://opentelemetry.io/schemas/1.30.0"
    )
    with (
        tracer.start_as_current_span("GET /cart", kind=SpanKind.SERVER) as root,
        tracer.start_as_current_span(
            "SELECT cart",
            kind=SpanKind.CLIENT,
            links=[Link(root.get_span_context(), {"why": "batch"})],
            attributes={"db.system.name": "postgresql", "rows": 3, "ratio": 0.5, "ids": (1, 2)},
        ) as child,
    ):
        child.add_event("retry", {"attempt": 1})
        child.set_status(Status(StatusCode.ERROR, "deadlock"))
    assert provider.force_flush()
    provider.shutdown()
    trace_id = f"{root.get_span_context().trace_id:032x}"

    otlp = service.trace(trace_id, span_count=2) and service.get(
        f"/api/v1/traces/{trace_id}?format=otlp"
    )

    (resource_spans,) = otlp["resourceSpans"]
    (scope_spans,) = resource_spans["scopeSpans"]
    assert {"key": "service.version", "value": {"stringValue": "1.2"}} in (
        resource_spans["resource"]["attributes"]
    )
    assert ("shop", "0.1", "https://opentelemetry.io/schemas/1.30.0") == (
        scope_spans["scope"]["name"],
        scope_spans["scope"]["version"],
        scope_spans["schemaUrl"],
    )
    select = next(span for span in scope_spans["spans"] if span["name"] == "SELECT cart")
    assert [
        {"key": "db.system.name", "value": {"stringValue": "postgresql"}},
        {"key": "rows", "value": {"intValue": "3"}},
        {"key": "ratio", "value": {"doubleValue": 0.5}},
        {"key": "ids", "value": {"arrayValue": {"values": [{"intValue": "1"}, {"intValue": "2"}]}}},
    ] == select["attributes"]
    assert {"code": 2, "message": "deadlock"} == select["status"]
    assert "retry" == select["events"][0]["name"]
    assert trace_id == select["links"][0]["traceId"]
