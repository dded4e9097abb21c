"""A tracing backend that only remembers: OTLP by gRPC and by HTTP on free ports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc.aio
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

__all__ = ["Capture", "CapturedSpan", "capture"]


@dataclass(frozen=True)
class CapturedSpan:
    """One span as it came.

    Attributes:
        span: the message.
        service: ``service.name`` of its resource.
        transport: ``grpc`` or ``http``.
    """

    span: Span
    service: str
    transport: str

    @property
    def tags(self) -> dict[str, str]:
        """Its attributes; Envoy's are all strings."""
        return {each.key: each.value.string_value for each in self.span.attributes}

    @property
    def kind(self) -> str:
        """``SERVER`` or ``CLIENT``."""
        return Span.SpanKind.Name(self.span.kind).removeprefix("SPAN_KIND_")

    @property
    def trace_id(self) -> str:
        """32 hex digits."""
        return self.span.trace_id.hex()


@dataclass
class Capture:
    """Where it listens and what it got."""

    otlp_grpc: tuple[str, int]
    otlp_http: tuple[str, int]
    spans: list[CapturedSpan] = field(default_factory=list)

    def of_trace(self, trace_id: str) -> list[CapturedSpan]:
        """The spans of a trace, by start time."""
        found = [each for each in self.spans if each.trace_id == trace_id]
        return sorted(found, key=lambda each: each.span.start_time_unix_nano)

    def shape(self, trace_id: str) -> list[str]:
        """The trace as indented lines ``KIND service: name``, depth first."""
        spans = self.of_trace(trace_id)
        known = {each.span.span_id for each in spans}

        def below(parent: bytes, depth: int) -> list[str]:
            lines = []
            for each in spans:
                above = each.span.parent_span_id
                if (above if above in known else b"") == parent:
                    lines.append(f"{'  ' * depth}{each.kind} {each.service}: {each.span.name}")
                    lines += below(each.span.span_id, depth + 1)
            return lines

        return below(b"", 0)

    def take(self, request: ExportTraceServiceRequest, transport: str) -> None:
        """Remember an export."""
        for resource_spans in request.resource_spans:
            resource = {
                each.key: each.value.string_value for each in resource_spans.resource.attributes
            }
            self.spans += [
                CapturedSpan(span, resource["service.name"], transport)
                for scope_spans in resource_spans.scope_spans
                for span in scope_spans.spans
            ]


class _TraceService(TraceServiceServicer):
    def __init__(self, taken: Capture) -> None:
        self._taken = taken

    async def Export(  # noqa: N802 -- the name is gRPC's
        self, request: ExportTraceServiceRequest, context: object
    ) -> ExportTraceServiceResponse:
        self._taken.take(request, "grpc")
        return ExportTraceServiceResponse()


@asynccontextmanager
async def capture() -> AsyncIterator[Capture]:
    """Run the backend."""
    taken = Capture(("", 0), ("", 0))

    async def export(request: web.Request) -> web.Response:
        taken.take(ExportTraceServiceRequest.FromString(await request.read()), "http")
        return web.Response(body=b"", content_type="application/x-protobuf")

    application = web.Application()
    application.router.add_post("/v1/traces", export)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server = grpc.aio.server()
    add_TraceServiceServicer_to_server(_TraceService(taken), server)
    taken.otlp_grpc = ("127.0.0.1", server.add_insecure_port("127.0.0.1:0"))
    taken.otlp_http = ("127.0.0.1", runner.addresses[0][1])
    await server.start()
    try:
        yield taken
    finally:
        await server.stop(grace=None)
        await runner.cleanup()
