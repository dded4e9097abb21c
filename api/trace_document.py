"""The JSON document of an assembled trace, as ``openapi.yaml`` declares it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from api.documents import SummaryDocument, summary_document
from api.sharing import Shared
from api.span_document import (
    ResourceDocument,
    ScopeDocument,
    WarningDocument,
    resource_document,
    scope_document,
    span_document,
    warning_documents,
)
from api.times import format_duration, format_time
from model.propagation.stitch import Stitched
from model.summary import TraceSummary
from model.trace import Trace

__all__ = ["CriticalPathDocument", "request_chunks", "trace_chunks"]

_SPANS_PER_CHUNK = 500  # about a megabyte of JSON

_encode = msgspec.json.Encoder().encode


class CriticalPathDocument(msgspec.Struct, frozen=True):
    """Time that one span itself spent on the critical path."""

    span_index: int
    span_id: str
    start_time: str
    start_time_unix_nano: str
    duration: str
    duration_nano: str


class _TraceHead(msgspec.Struct, frozen=True):
    trace_id: str
    summary: SummaryDocument
    clocks_adjusted: bool
    warnings: list[WarningDocument]
    roots: list[int]
    critical_path: list[CriticalPathDocument]


class _TraceTail(msgspec.Struct, frozen=True):
    resources: list[ResourceDocument]
    scopes: list[ScopeDocument]


class InferredLinkDocument(msgspec.Struct, frozen=True):
    """Where a trace goes on in another, by what its spans tell and not by their parent ids."""

    span_index: int
    trace_id: str
    parent_index: int
    parent_trace_id: str
    sign: str
    confidence: str
    why: str


class _StitchedHead(msgspec.Struct, frozen=True):
    trace_ids: list[str]
    inferred_links: list[InferredLinkDocument]


class _RequestTail(msgspec.Struct, frozen=True):
    not_assembled: list[SummaryDocument]
    truncated: bool


def trace_chunks(trace: Trace) -> Iterator[bytes]:
    """Yield the JSON of ``/traces/{trace_id}`` in pieces; see :class:`model.trace.Trace`.

    A trace of 100,000 spans is 175 MB of JSON. In pieces it is never whole in memory when it
    leaves compressed, and encoding does not hold the interpreter for long at a stretch.
    """
    resources, scopes = Shared(resource_document), Shared(scope_document)
    yield _open(_head(trace)) + b',"spans":['
    for start in range(0, len(trace.nodes), _SPANS_PER_CHUNK):
        nodes = trace.nodes[start : start + _SPANS_PER_CHUNK]
        documents = b",".join(_encode(span_document(node, resources, scopes)) for node in nodes)
        yield b"," + documents if start else documents
    yield b"]," + _encode(_TraceTail(resources.documents, scopes.documents))[1:]


def request_chunks(
    x_request_id: str,
    traces: Iterable[Trace],
    not_assembled: Iterable[TraceSummary],
    *,
    truncated: bool,
    stitched: Stitched | None = None,
) -> Iterator[bytes]:
    """Yield the JSON of ``/requests/{x_request_id}`` in pieces.

    Args:
        x_request_id: as asked for.
        traces: assembled one at a time, as they are encoded.
        not_assembled: traces of the request beyond the limit on spans.
        truncated: whether there are even more traces, which are not named here.
        stitched: the other traces, read as one.
    """
    yield _open({"x_request_id": x_request_id}) + b',"traces":['
    for number, trace in enumerate(traces):
        if number:
            yield b","
        yield from trace_chunks(trace)
    yield b'],"stitched":'
    if stitched is None:
        yield b"null"
    else:
        yield _open(_stitched_head(stitched)) + b',"trace":'
        yield from trace_chunks(stitched.trace)
        yield b"}"
    tail = _RequestTail([summary_document(summary) for summary in not_assembled], truncated)
    yield b"," + _encode(tail)[1:]


def _stitched_head(stitched: Stitched) -> _StitchedHead:
    index = {
        (node.span_id, node.shares_span_id): number
        for number, node in enumerate(stitched.trace.nodes)
    }
    return _StitchedHead(
        trace_ids=list(stitched.parts),
        inferred_links=[
            InferredLinkDocument(
                span_index=index[link.child_span_id, False],
                trace_id=link.child_trace_id,
                # Of a shared id the callee's span, which comes second, owns the children.
                parent_index=index.get(
                    (link.parent_span_id, True), index[link.parent_span_id, False]
                ),
                parent_trace_id=link.parent_trace_id,
                sign=link.sign.value,
                confidence=link.confidence.name.lower(),
                why=link.why,
            )
            for link in stitched.links
        ],
    )


def _open(document: object) -> bytes:
    """Return the JSON of an object without its closing brace, for members to follow."""
    return _encode(document)[:-1]


def _head(trace: Trace) -> _TraceHead:
    return _TraceHead(
        trace_id=trace.trace_id,
        summary=summary_document(trace.summary),
        clocks_adjusted=trace.clocks_adjusted,
        warnings=warning_documents(trace.warnings),
        roots=list(trace.roots),
        critical_path=[
            CriticalPathDocument(
                span_index=segment.node,
                span_id=segment.span_id,
                start_time=format_time(segment.start_ns),
                start_time_unix_nano=str(segment.start_ns),
                duration=format_duration(segment.end_ns - segment.start_ns),
                duration_nano=str(segment.end_ns - segment.start_ns),
            )
            for segment in trace.critical_path
        ],
    )
