"""Routes of Jaeger's v3 HTTP API: services, operations, and traces as OTLP/JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from http import HTTPStatus

import msgspec
from aiohttp import hdrs, web

from api.jaeger.adjust import AdjustedSpan
from api.jaeger.backend import JaegerBackend, Route
from api.jaeger.errors import refused
from api.jaeger.source import JaegerTrace
from api.jaeger.stored_warnings import WARNINGS_KEY
from api.jaeger.trace_ids import parse_trace_id
from api.jaeger.v3_errors import in_gateway_shape, malformed
from api.jaeger.v3_query import read_operations_query, read_search, read_trace_query
from api.jaeger.v3_summaries import SummariesDocument, summaries_document
from api.otlp_json import resource_spans
from api.queries import QUERIES, Deadline
from api.responses import JSON, Payload, accepts_gzip, answer, answer_in_chunks, render, respond
from model.attributes import AttributeValue
from model.span import Span, SpanKind

__all__ = ["LEFT_OUT", "routes"]

LEFT_OUT = "X-Spanloom-Traces-Left-Out"
"""Header of a search's answer that was cut off: how many traces within its limit are missing."""


def routes(backend: JaegerBackend) -> list[Route]:
    """Return the routes of the v3 API, below any base path."""
    v3 = _V3(backend)
    return [
        (hdrs.METH_GET, path, in_gateway_shape(handler))
        for path, handler in (
            ("/api/v3/services", v3.services),
            ("/api/v3/operations", v3.operations),
            ("/api/v3/traces", v3.find_traces),
            ("/api/v3/traces/{trace_id}", v3.trace),
            ("/api/v3/trace-summaries", v3.trace_summaries),
        )
    ]


class _ServicesDocument(msgspec.Struct, frozen=True):
    services: list[str]


class _Operation(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    span_kind: str


class _OperationsDocument(msgspec.Struct, frozen=True):
    operations: list[_Operation]


class _V3:
    """Handlers (jaeger-api §6)."""

    def __init__(self, backend: JaegerBackend) -> None:
        self._backend = backend

    async def services(self, request: web.Request) -> web.Response:
        """``GET /api/v3/services``."""

        def work(deadline: Deadline) -> _ServicesDocument:
            found = self._backend.reader.services(timeout_s=deadline.remaining())
            return _ServicesDocument(sorted({service.name for service in found} - {""}))

        return await answer(request, work)

    async def operations(self, request: web.Request) -> web.Response:
        """``GET /api/v3/operations``; spans without a kind count as internal ones."""
        service, kind = read_operations_query(request.query)

        def work(deadline: Deadline) -> _OperationsDocument:
            if not service:
                return _OperationsDocument([])
            found = self._backend.reader.operations(service, timeout_s=deadline.remaining())
            shown = {(operation.name, _shown_kind(operation.kind)) for operation in found}
            return _OperationsDocument(
                [_Operation(*each) for each in sorted(shown) if kind in ("", each[1])]
            )

        return await answer(request, work)

    async def find_traces(self, request: web.Request) -> web.Response:
        """``GET /api/v3/traces``: all matching traces in one answer, newest first."""
        search = read_search(request.query)

        def work(deadline: Deadline) -> tuple[Payload, int]:
            found = self._backend.traces.search(search, deadline)
            payload = render(_result(found.traces), JSON, gzip=accepts_gzip(request))
            return payload, found.left_out

        payload, left_out = await request.app[QUERIES].run(work)
        response = respond(request, payload)
        if left_out:
            response.headers[LEFT_OUT] = str(left_out)
        return response

    async def trace(self, request: web.Request) -> web.Response:
        """``GET /api/v3/traces/{trace_id}``."""
        try:
            trace_id = parse_trace_id(request.match_info["trace_id"])
        except ValueError as error:
            raise malformed("trace_id", error) from error
        raw = read_trace_query(request.query)

        def work(deadline: Deadline) -> Iterator[bytes]:
            found = self._backend.traces.traces([trace_id], deadline, raw=raw)
            return _result(found.values())

        return await answer_in_chunks(request, work)

    async def trace_summaries(self, request: web.Request) -> web.Response:
        """``GET /api/v3/trace-summaries``: a search, each trace in one line."""
        search = read_search(request.query)

        def work(deadline: Deadline) -> SummariesDocument:
            return summaries_document(self._backend.traces.summaries(search, deadline))

        return await answer(request, work)


def _result(traces: Iterable[JaegerTrace]) -> Iterator[bytes]:
    """Yield the JSON of an answer with these traces. Raises ApiError, a 404, if there is none."""
    start = before = b'{"result":{"resourceSpans":['
    for trace in traces:
        for document in resource_spans(map(_with_warnings, trace.spans)):
            yield before + msgspec.json.encode(document)
            before = b","
    if before is start:
        raise refused(HTTPStatus.NOT_FOUND, "No traces found")
    yield b"]}}"


def _with_warnings(adjusted: AdjustedSpan) -> Span:
    """Return the span with its warnings as Jaeger writes them into OTLP: an attribute."""
    if not adjusted.warnings:
        return adjusted.span
    attributes: dict[str, AttributeValue] = dict(adjusted.span.attributes)
    attributes[WARNINGS_KEY] = list(adjusted.warnings)
    return replace(adjusted.span, attributes=attributes)


def _shown_kind(kind: SpanKind) -> str:
    return SpanKind.INTERNAL.name.lower() if kind is SpanKind.UNSPECIFIED else kind.name.lower()
