"""Jaeger's model as messages of ``jaeger.api_v2``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from api.jaeger.grpc.protos import api_v2_pb2 as v2
from api.jaeger.jaeger_model import JaegerSpan, KeyValue, Log, Process, Reference, ValueType

__all__ = ["SPANS_PER_CHUNK", "span_chunks", "span_message"]

SPANS_PER_CHUNK = 10
"""As Jaeger sends them."""

_SECOND_NS = 1_000_000_000
_FRAME_BYTES = 8  # tag and length before a span


def span_chunks(spans: Iterable[JaegerSpan], max_bytes: int) -> Iterator[v2.SpansResponseChunk]:
    """Yield the spans of one trace in chunks of at most :data:`SPANS_PER_CHUNK`.

    A chunk has at most ``max_bytes``, but for a span that is larger by itself.
    """
    chunk, size = v2.SpansResponseChunk(), 0
    for span in map(span_message, spans):
        span_size = span.ByteSize() + _FRAME_BYTES
        if chunk.spans and (len(chunk.spans) == SPANS_PER_CHUNK or size + span_size > max_bytes):
            yield chunk
            chunk, size = v2.SpansResponseChunk(), 0
        chunk.spans.append(span)
        size += span_size
    if chunk.spans:
        yield chunk


def span_message(span: JaegerSpan) -> v2.Span:
    """Return a span with its process."""
    return v2.Span(
        trace_id=bytes.fromhex(span.trace_id),
        span_id=bytes.fromhex(span.span_id),
        operation_name=span.operation_name,
        references=map(_reference, span.references),
        flags=span.flags,
        start_time=_timestamp(span.start_ns),
        duration=_duration(span.duration_ns),
        tags=map(_key_value, span.tags),
        logs=map(_log, span.logs),
        process=_process(span.process),
        warnings=span.warnings,
    )


def _reference(reference: Reference) -> v2.SpanRef:
    return v2.SpanRef(
        trace_id=bytes.fromhex(reference.trace_id),
        span_id=bytes.fromhex(reference.span_id),
        ref_type=reference.type.name,
    )


def _process(process: Process) -> v2.Process:
    return v2.Process(service_name=process.service_name, tags=map(_key_value, process.tags))


def _log(log: Log) -> v2.Log:
    return v2.Log(timestamp=_timestamp(log.time_ns), fields=map(_key_value, log.fields))


def _key_value(tag: KeyValue) -> v2.KeyValue:
    match tag.type, tag.value:
        case ValueType.BOOL, bool(value):
            return v2.KeyValue(key=tag.key, v_type=v2.BOOL, v_bool=value)
        case ValueType.INT64, int(value):
            return v2.KeyValue(key=tag.key, v_type=v2.INT64, v_int64=value)
        case ValueType.FLOAT64, float(value):
            return v2.KeyValue(key=tag.key, v_type=v2.FLOAT64, v_float64=value)
        case ValueType.BINARY, bytes(value):
            return v2.KeyValue(key=tag.key, v_type=v2.BINARY, v_binary=value)
        case _, value:
            return v2.KeyValue(key=tag.key, v_type=v2.STRING, v_str=str(value))


def _timestamp(nanoseconds: int) -> Timestamp:
    seconds, nanos = divmod(nanoseconds, _SECOND_NS)
    return Timestamp(seconds=seconds, nanos=nanos)


def _duration(nanoseconds: int) -> Duration:
    seconds, nanos = divmod(nanoseconds, _SECOND_NS)
    return Duration(seconds=seconds, nanos=nanos)
