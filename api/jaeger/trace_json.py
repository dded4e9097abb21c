"""Jaeger's legacy JSON: traces in the envelope that its UI, Kiali and Grafana read.

Follows ``internal/uimodel`` of Jaeger (jaeger-api §4.1 and §5). Everything comes in pieces, so
that encoding a large answer never holds the interpreter for long at a stretch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from api.jaeger.errors import EnvelopeError
from api.jaeger.jaeger_model import JaegerSpan, KeyValue, Process, ValueType, number_text

__all__ = ["envelope", "envelope_chunks", "indented", "short_trace_id", "trace_chunks"]

_MAX_EXACT = 2**53 - 1  # Number.MAX_SAFE_INTEGER
_MICROSECOND_NS = 1000
_SPANS_PER_CHUNK = 200
_HIGH_ZEROS = "0" * 16
_INDENT = 4

_ENCODER = msgspec.json.Encoder()


class _Reference(msgspec.Struct, frozen=True, gc=False):
    refType: str  # noqa: N815 - the members' names in the JSON
    traceID: str  # noqa: N815 - as above
    spanID: str  # noqa: N815 - as above


class _Log(msgspec.Struct, frozen=True, gc=False):
    timestamp: int
    fields: Sequence[KeyValue]


class _Span(msgspec.Struct, frozen=True, gc=False):
    traceID: str  # noqa: N815 - as above
    spanID: str  # noqa: N815 - as above
    flags: int | msgspec.UnsetType
    operationName: str  # noqa: N815 - as above
    references: list[_Reference]
    startTime: int  # noqa: N815 - as above
    duration: int
    tags: Sequence[KeyValue]
    logs: list[_Log]
    processID: str  # noqa: N815 - as above
    warnings: tuple[str, ...] | None


class _Process(msgspec.Struct, frozen=True, gc=False):
    serviceName: str  # noqa: N815 - as above
    tags: Sequence[KeyValue]


class _Envelope(msgspec.Struct, frozen=True):
    data: object
    total: int = 0
    limit: int = 0
    offset: int = 0
    errors: Sequence[EnvelopeError] | None = None


def envelope(data: object, total: int) -> bytes:
    """Return an answer without errors; ``data`` is what msgspec encodes."""
    return _ENCODER.encode(_Envelope(data, total))


def envelope_chunks(
    traces: Iterable[Iterable[bytes]], errors: Sequence[EnvelopeError]
) -> Iterator[bytes]:
    """Yield an answer with traces, each in pieces.

    Args:
        traces: what :func:`trace_chunks` gives, trace by trace.
        errors: what went wrong besides; read when all traces are written.
    """
    yield b'{"data":['
    for number, chunks in enumerate(traces):
        if number:
            yield b","
        yield from chunks
    yield b'],"total":0,"limit":0,"offset":0,"errors":'
    yield _ENCODER.encode(errors or None)
    yield b"}"


def indented(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the document in ``chunks`` for people to read."""
    yield msgspec.json.format(b"".join(chunks), indent=_INDENT)


def short_trace_id(trace_id: str) -> str:
    """Return a trace id (32 hex digits) as Jaeger prints it: 16 digits if the others are 0."""
    return trace_id[16:] if trace_id.startswith(_HIGH_ZEROS) else trace_id


def trace_chunks(trace_id: str, spans: Iterable[JaegerSpan]) -> Iterator[bytes]:
    """Yield one trace; processes are numbered in order of their first span."""
    processes = _ProcessIds()
    yield b'{"traceID":%b,"spans":[' % _ENCODER.encode(short_trace_id(trace_id))
    remaining = iter(spans)
    separator = b""
    while group := list(islice(remaining, _SPANS_PER_CHUNK)):
        encoded = _ENCODER.encode([_span(span, processes.id_of(span.process)) for span in group])
        yield separator
        yield encoded[1:-1]  # without the brackets of the group
        separator = b","
    yield b'],"processes":'
    yield _ENCODER.encode(processes.documents())
    yield b',"warnings":null}'


class _ProcessIds:
    """The numbers of processes; those that are one object are compared by nothing else."""

    def __init__(self) -> None:
        self._of_object: dict[int, tuple[Process, str]] = {}
        self._of_content: dict[Process, str] = {}

    def id_of(self, process: Process) -> str:
        known = self._of_object.get(id(process))
        if known is None:
            name = self._of_content.setdefault(process, f"p{len(self._of_content) + 1}")
            # The process is kept, so that no other gets its id.
            known = self._of_object[id(process)] = (process, name)
        return known[1]

    def documents(self) -> dict[str, _Process]:
        return {
            name: _Process(process.service_name, _exact(process.tags))
            for process, name in self._of_content.items()
        }


def _span(span: JaegerSpan, process_id: str) -> _Span:
    return _Span(
        short_trace_id(span.trace_id),
        span.span_id,
        span.flags or msgspec.UNSET,
        span.operation_name,
        [
            _Reference(reference.type.name, short_trace_id(reference.trace_id), reference.span_id)
            for reference in span.references
        ],
        span.start_ns // _MICROSECOND_NS,
        span.duration_ns // _MICROSECOND_NS,
        _exact(span.tags),
        [_Log(log.time_ns // _MICROSECOND_NS, _exact(log.fields)) for log in span.logs],
        process_id,
        span.warnings or None,
    )


def _exact(tags: Sequence[KeyValue]) -> Sequence[KeyValue]:
    """Return the tags with text in place of numbers that JavaScript or JSON does not have."""
    for tag in tags:
        if tag.type is not ValueType.STRING and _shown(tag) is not tag:
            return [_shown(each) for each in tags]
    return tags


def _shown(tag: KeyValue) -> KeyValue:
    match tag.type, tag.value:
        case ValueType.INT64, int(number) if not -_MAX_EXACT <= number <= _MAX_EXACT:
            return KeyValue(tag.key, tag.type, str(number))
        case ValueType.FLOAT64, float(number) if not math.isfinite(number):
            return KeyValue(tag.key, tag.type, number_text(number))
        case _:
            return tag
