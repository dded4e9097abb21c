"""``POST /api/transform``: traces of any known form as Jaeger's legacy JSON, without storing them.

Jaeger UI sends OTLP/JSON files there that a user drops on it. We take whatever ``spanloom import``
reads as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from aiohttp import hdrs, web

from api.jaeger.adjust import unadjusted
from api.jaeger.backend import JaegerBackend, Route
from api.jaeger.errors import enveloped
from api.jaeger.jaeger_model import ProcessTable, to_jaeger
from api.jaeger.pretty import answer_pretty
from api.jaeger.trace_json import envelope_chunks, trace_chunks
from api.jaeger.uploads import UploadGate, spans_by_trace
from api.queries import Deadline
from model.span import Span

__all__ = ["Uploads", "otlp_json_only", "routes", "transformed"]

Uploads: TypeAlias = Callable[[bytes], Iterator[bytes]]
"""From an upload to OTLP/JSON documents; raises ValueError, also while they are taken."""


def routes(backend: JaegerBackend, uploads: Uploads) -> list[Route]:
    """Return the route, below any base path; ``uploads`` reads what is posted to it."""
    gate = UploadGate(backend.config.max_upload_bytes)

    async def transform(request: web.Request) -> web.StreamResponse:
        async with gate:
            upload = await gate.read(request)

            def work(deadline: Deadline) -> Iterable[bytes]:
                return transformed(uploads(upload.body()), deadline)

            return await answer_pretty(request, work)

    return [(hdrs.METH_POST, "/api/transform", enveloped(transform))]


def otlp_json_only(body: bytes) -> Iterator[bytes]:
    """The least that an application reads: ``body`` is one document of OTLP/JSON."""
    yield body


def transformed(documents: Iterator[bytes], deadline: Deadline) -> Iterator[bytes]:
    """Yield the answer: spans as sent, duplicates too, a trace an id in order of appearance.

    Raises ApiError with 400 before it yields anything.
    """
    traces = spans_by_trace(documents, deadline, "cannot unmarshal OTLP ")
    yield from envelope_chunks((_trace(*item) for item in traces.items()), ())


def _trace(trace_id: str, spans: list[Span]) -> Iterator[bytes]:
    processes = ProcessTable()
    return trace_chunks(
        trace_id,
        (to_jaeger(each, processes.process(each.span.resource)) for each in unadjusted(spans)),
    )
