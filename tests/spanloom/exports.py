"""A trace sent to a running service by the OpenTelemetry SDK."""

from __future__ import annotations

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Status, StatusCode, format_trace_id


def send_trace(addresses: dict[str, str], transport: str = "grpc") -> str:
    """Send a root with an erroneous child; return the trace id once both are acknowledged."""
    if transport == "grpc":
        exporter = GrpcExporter(endpoint=addresses["otlp/grpc"], insecure=True)
    else:
        exporter = HttpExporter(endpoint=f"http://{addresses['otlp/http']}/v1/traces")
    provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tests")
    with (
        tracer.start_as_current_span("checkout") as root,
        tracer.start_as_current_span("pay") as child,
    ):
        child.set_status(Status(StatusCode.ERROR, "card declined"))
    provider.shutdown()
    return format_trace_id(root.get_span_context().trace_id)
