"""Routes of Jaeger's legacy HTTP API: services, operations and traces (jaeger-api §4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from urllib.parse import unquote_plus

import msgspec
from aiohttp import hdrs, web

from api.jaeger.aliases import jaeger_spans
from api.jaeger.backend import JaegerBackend, Route
from api.jaeger.errors import EnvelopeError, bad_request, enveloped, refused
from api.jaeger.legacy_parameters import read_search, read_trace_request
from api.jaeger.pretty import answer_pretty
from api.jaeger.source import JaegerTrace
from api.jaeger.trace_json import (
    envelope,
    envelope_chunks,
    short_trace_id,
    trace_chunks,
)
from api.queries import Deadline
from model.span import SpanKind
from storage.interface import Operation

__all__ = ["routes"]

_KINDS = {kind.name.lower(): kind for kind in SpanKind}
_NOT_FOUND = "trace not found"
_NO_ARCHIVE = "archive span storage was not configured"


def routes(backend: JaegerBackend) -> list[Route]:
    """Return the routes of the legacy API, below any base path."""
    legacy = _Legacy(backend)
    return [
        (method, path, enveloped(handler))
        for method, path, handler in (
            (hdrs.METH_GET, "/api/services", legacy.services),
            (hdrs.METH_GET, "/api/services/{service}/operations", legacy.operation_names),
            (hdrs.METH_GET, "/api/operations", legacy.operations),
            (hdrs.METH_GET, "/api/traces", legacy.traces),
            (hdrs.METH_GET, "/api/traces/{trace_id}", legacy.trace),
            (hdrs.METH_POST, "/api/archive/{trace_id}", legacy.archive),
        )
    ]


class _Operation(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    span_kind: str


class _Legacy:
    """Handlers."""

    def __init__(self, backend: JaegerBackend) -> None:
        self._backend = backend

    async def services(self, request: web.Request) -> web.Response:
        """``GET /api/services``."""

        def work(deadline: Deadline) -> list[bytes]:
            services = self._backend.reader.services(timeout_s=deadline.remaining())
            names = sorted({service.name for service in services} - {""})
            return [envelope(names, len(names))]

        return await answer_pretty(request, work)

    async def operation_names(self, request: web.Request) -> web.Response:
        """``GET /api/services/{service}/operations``: the names alone, null if there are none."""
        name = unquote_plus(request.rel_url.raw_parts[-2])

        def work(deadline: Deadline) -> list[bytes]:
            # Some clients encode the name twice, and Jaeger decodes it once more for them.
            for service in dict.fromkeys((name, unquote_plus(name))):
                found = self._operations(service, None, deadline)
                if found:
                    names = sorted({operation.name for operation in found})
                    return [envelope(names, len(names))]
            return [envelope(None, 0)]

        return await answer_pretty(request, work)

    async def operations(self, request: web.Request) -> web.Response:
        """``GET /api/operations``: names with the kinds of their spans."""
        service = request.query.get("service", "")
        kind = request.query.get("spanKind", "").lower()
        if not service:
            raise bad_request("parameter 'service' is required")

        def work(deadline: Deadline) -> list[bytes]:
            if kind and kind not in _KINDS:
                return [envelope([], 0)]
            found = self._operations(service, _KINDS.get(kind), deadline)
            operations = [_Operation(each.name, _kind_name(each.kind)) for each in found]
            return [envelope(operations, len(operations))]

        return await answer_pretty(request, work)

    async def traces(self, request: web.Request) -> web.Response:
        """``GET /api/traces``: a search, or the traces of the ids that are given."""
        asked = read_search(request, self._backend.config, self._backend.now_ns())
        search = asked.search

        def work(deadline: Deadline) -> Iterator[bytes]:
            errors: list[EnvelopeError] = []
            if asked.trace_ids:
                traces = self._by_id(asked.trace_ids, deadline, errors, raw=search.raw)
                return envelope_chunks(map(_written, traces), errors)
            found = self._backend.traces.search(search, deadline)
            if found.left_out:
                errors.append(EnvelopeError(msg=self._cut_off(found.left_out)))
            written = (_written(trace, search.service) for trace in found.traces)
            return envelope_chunks(written, errors)

        return await answer_pretty(request, work)

    async def trace(self, request: web.Request) -> web.Response:
        """``GET /api/traces/{trace_id}``."""
        asked = read_trace_request(request)

        def work(deadline: Deadline) -> Iterator[bytes]:
            found = self._backend.traces.traces([asked.trace_id], deadline, raw=asked.raw)
            if not found:
                raise refused(HTTPStatus.NOT_FOUND, _NOT_FOUND)
            return envelope_chunks(map(_written, found.values()), ())

        return await answer_pretty(request, work)

    async def archive(self, request: web.Request) -> web.Response:
        """``POST /api/archive/{trace_id}``: there is no archive to copy a trace to."""
        asked = read_trace_request(request)

        def work(deadline: Deadline) -> Iterable[bytes]:
            if not self._backend.traces.traces([asked.trace_id], deadline, raw=True):
                raise refused(HTTPStatus.NOT_FOUND, _NOT_FOUND)
            raise refused(HTTPStatus.INTERNAL_SERVER_ERROR, _NO_ARCHIVE)

        return await answer_pretty(request, work)

    def _operations(
        self, service: str, kind: SpanKind | None, deadline: Deadline
    ) -> list[Operation]:
        return self._backend.reader.operations(service, kind, timeout_s=deadline.remaining())

    def _by_id(
        self,
        trace_ids: Sequence[str],
        deadline: Deadline,
        errors: list[EnvelopeError],
        *,
        raw: bool,
    ) -> Iterator[JaegerTrace]:
        """Yield the traces one by one; ``errors`` tells of those that are not there."""
        left = self._backend.config.max_spans
        for number, trace_id in enumerate(trace_ids):
            if left <= 0:
                message = self._cut_off(len(trace_ids) - number)
                errors += [
                    EnvelopeError(msg=message, trace_id=short_trace_id(each))
                    for each in trace_ids[number:]
                ]
                return
            found = self._backend.traces.traces([trace_id], deadline, raw=raw)
            if not found:
                errors.append(EnvelopeError(msg=_NOT_FOUND, trace_id=short_trace_id(trace_id)))
            for trace in found.values():
                left -= len(trace.spans)
                yield trace

    def _cut_off(self, number: int) -> str:
        return (
            f"{number} traces are left out, because an answer has at most about "
            f"{self._backend.config.max_spans} spans; ask for less at once"
        )


def _written(trace: JaegerTrace, asked: str = "") -> Iterator[bytes]:
    return trace_chunks(trace.trace_id, jaeger_spans(trace.spans, asked))


def _kind_name(kind: SpanKind) -> str:
    return "" if kind is SpanKind.UNSPECIFIED else kind.name.lower()
