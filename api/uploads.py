"""``POST /uploads``: the traces of a file, assembled as stored ones are; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from aiohttp import web

from api.jaeger.transform import Uploads
from api.jaeger.uploads import UploadGate, spans_by_trace
from api.parameters import Parameters
from api.queries import Deadline
from api.responses import answer_in_chunks
from api.trace_document import trace_chunks
from model.mesh import identify
from model.span import Span
from model.trace import Trace, assemble

__all__ = ["UploadedTraces"]


class UploadedTraces:
    """Handler of the resource that reads files.

    Args:
        uploads: from a file in any form that is known to OTLP/JSON documents.
        max_bytes: of one file, before and after decompression.
    """

    def __init__(self, uploads: Uploads, max_bytes: int) -> None:
        self._uploads = uploads
        self._gate = UploadGate(max_bytes)

    async def read(self, request: web.Request) -> web.StreamResponse:
        """``POST /uploads``."""
        parameters = Parameters(request.query, ("adjust_clock_skew",))
        adjust = parameters.boolean("adjust_clock_skew") or False
        async with self._gate:
            upload = await self._gate.read(request)

            def work(deadline: Deadline) -> Iterable[bytes]:
                documents = self._uploads(upload.body())
                spans = spans_by_trace(documents, deadline, "no traces can be read")
                traces = [
                    assemble(trace_id, map(_identified, found), adjust_clock_skew=adjust)
                    for trace_id, found in spans.items()
                ]
                return _chunks(traces, deadline)

            return await answer_in_chunks(request, work)


def _identified(span: Span) -> Span:
    return replace(span, identity=identify(span.resource.attributes, span.attributes))


def _chunks(traces: list[Trace], deadline: Deadline) -> Iterator[bytes]:
    yield b'{"traces":['
    ordered = sorted(traces, key=lambda trace: (trace.summary.start_ns, trace.trace_id))
    for number, trace in enumerate(ordered):
        deadline.remaining()
        if number:
            yield b","
        yield from trace_chunks(trace)
    yield b"]}"
